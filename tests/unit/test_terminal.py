"""One door to the terminal: no name, cell or answer of a server can move the cursor or hide what stands above."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.catalog.printable import printable
from pipelines.cli.answers import complain, tell
from tests.conftest import ROOT
from tests.support.code import nodes

# Who may print: the door itself, and the server that says on its own error stream why it cannot start.
DOORS = {"pipelines/cli/answers.py", "flows/server.py", "flows/deploy.py"}
PRINTING = {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"}
LAST_WORDS = {name.rpartition(".")[2] for name in PRINTING}
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("a\rb\x08c\x7f", "a\\rb\\x08c\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("Pemungutan Suara Ulang – é 語\n\tx", "Pemungutan Suara Ulang – é 語\n\tx"),
    ],
)
def test_what_a_terminal_would_obey_is_spelt_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_nothing_that_is_obeyed_comes_through(text: str) -> None:
    shown = printable(text)
    assert not OBEYED.search(shown)
    shown.encode("utf-8")
    assert printable(shown) == shown


def test_commands_print_through_the_door(capsys: pytest.CaptureFixture[str]) -> None:
    tell("\x1b[31mred")
    complain("\x1b[2Jgone")
    seen = capsys.readouterr()
    assert (seen.out, seen.err) == ("\\x1b[31mred\n", "\\x1b[2Jgone\n")


@pytest.mark.xdist_group("code")
def test_nobody_prints_past_the_door() -> None:
    past = []
    for top in ("pipelines", "flows", "titikrawan"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in nodes(path.read_text(encoding="utf-8")):
                if isinstance(node, ast.Call) and name not in DOORS:
                    last = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if last in LAST_WORDS and ast.unparse(node.func) in PRINTING:
                        past.append(f"{name}:{node.lineno}")
    assert past == []
