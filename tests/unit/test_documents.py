"""What the documents name exists, and what exists is named in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.cli.main import build

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "README.id.md", "CONTRIBUTING.md", "SECURITY.md", "docs/NAMING.md", "docs/STYLE.md")
# Folders of the project, as a path in a document begins.
TOPS = ("pipelines", "flows", "tests", "bench", "docs", "data", "reports")
# Made when the project runs, or only examples.
MADE = re.compile(
    r"^(data/(warehouse|simulated|raw/(own|inbox|<|\*|sirekap|situng|dpt|boundaries))|reports/)|[<>*{…]|xx\b"
)
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS if (ROOT / name).exists()}
TARGETS = set(
    re.findall(r"^([a-z][a-z-]*):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
COMMANDS = set(build("en").waiting)


def code(text: str) -> list[str]:
    """What stands in backticks, and the lines of code blocks."""
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, flags=re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [*inline, *(line.partition("#")[0].strip() for block in blocks for line in block.splitlines())]


def paths(text: str) -> list[str]:
    """Paths that a document names."""
    found = []
    for piece in code(text):
        for word in re.split(r"[\s,;()]+", piece):
            word = word.strip("'\"").rstrip(".:")
            if re.fullmatch(r"[\w./<>*{},-]+", word) and ("/" in word) and word.split("/")[0] in TOPS:
                found.append(word)
    return found


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_path_that_is_named_exists(name: str) -> None:
    missing = [path for path in paths(TEXTS[name]) if not MADE.search(path) and not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_module_that_is_named_exists(name: str) -> None:
    """`resolve/law.py`, `law.py`: somewhere in the project there is a file that ends so."""
    there = [p.relative_to(ROOT).as_posix() for top in TOPS[:4] for p in (ROOT / top).rglob("*.py")]
    named = {word for piece in code(TEXTS[name]) for word in re.findall(r"[\w/]+\.py\b", piece)}
    assert [n for n in sorted(named) if not any(f"/{path}".endswith(f"/{n}") for path in there)] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_command_that_is_named_exists(name: str) -> None:
    lines = code(TEXTS[name])
    named = {m[1] for line in lines for m in re.finditer(r"\btitikrawan (?:--lang \w+ )?([a-z]+)\b", line)}
    assert named - COMMANDS == set()
    targets = {m[1] for line in lines for m in re.finditer(r"^make ([a-z][a-z-]*)", line)}
    assert targets - TARGETS == set()


def test_every_command_and_target_is_named_somewhere() -> None:
    lines = [line for text in TEXTS.values() for line in code(text)]
    named = {m[1] for line in lines for m in re.finditer(r"\btitikrawan (?:--lang \w+ )?([a-z]+)\b", line)}
    assert COMMANDS - named == set()
    targets = {word for line in lines if line.startswith("make ") for word in line.split()[1:]}
    assert TARGETS - targets == set()


def test_every_room_is_named_in_contributing() -> None:
    rooms = {p.name for p in (ROOT / "pipelines").iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    text = TEXTS["CONTRIBUTING.md"]
    assert {room for room in rooms if f"`{room}`" not in text and f"{room}/" not in text} == set()


def test_every_dependency_earns_its_place_in_contributing() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = re.findall(r'^  "([a-z0-9-]+)(?:\[[a-z0-9]+\])?[><=]', text, re.MULTILINE)
    assert len(declared) > 20
    table = TEXTS["CONTRIBUTING.md"]
    assert [name for name in declared if not re.search(rf"\b{re.escape(name)}\b", table)] == []
