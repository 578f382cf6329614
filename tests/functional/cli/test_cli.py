"""The command line: help with examples, at once, in two languages, with the designed exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.cli.main import build, language

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = sorted(build("id").commands)
HEAVY = ("prefect", "great_expectations", "matplotlib", "pandas", "duckdb", "numpy")


def test_the_promised_commands_are_there() -> None:
    promised = {"run", "check", "quarantine", "report", "dictionary", "releases", "rollback", "doctor"}
    assert promised <= set(COMMANDS)


@pytest.mark.parametrize("lang", list(LANGUAGES))
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_an_example(command: str, lang: str) -> None:
    found = CliRunner().invoke(build(lang), [*filter(None, [command]), "--help"])
    assert found.exit_code == 0
    assert {"id": "Contoh:", "en": "Example:"}[lang] in found.output
    assert f"titikrawan {command}".strip() in found.output


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_nothing_heavy(command: str) -> None:
    script = (
        "import sys\nfrom pipelines.cli.main import main\n"
        f"try:\n    main({[*filter(None, [command]), '--help']!r})\nexcept SystemExit:\n    pass\n"
        f"loaded = [m for m in {HEAVY!r} if m in sys.modules]\nassert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_language_is_taken_from_anywhere_on_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TITIKRAWAN_LANG", raising=False)
    assert language(["run"]) == "id"
    assert language(["--lang", "en", "run"]) == language(["run", "--lang=en"]) == "en"
    monkeypatch.setenv("TITIKRAWAN_LANG", "en")
    assert language(["run"]) == "en"


def test_wrong_usage_is_exit_code_two() -> None:
    assert CliRunner().invoke(build("id"), ["fly"]).exit_code == 2
    assert CliRunner().invoke(build("id"), ["report"]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["check"], 3, "titikrawan run"),
        (["quarantine"], 3, "titikrawan run"),
        (["report", "31"], 3, "make run"),
        (["releases"], 0, "titikrawan run"),
        (["rollback"], 3, "no earlier release"),
        (["seal", "nothing"], 2, "register"),
        (["dictionary", "mart.nothing"], 2, "titikrawan dictionary"),
        (["dictionary", "mart.three_zeros"], 0, "three_zeros"),
        (["dictionary"], 0, "core.revote_claim"),
    ],
)
def test_without_a_warehouse_every_command_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "data" / "raw" / "register").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    found = CliRunner().invoke(build("en"), [*arguments])
    assert found.exit_code == code, found.output
    assert says in found.output
    assert "Traceback" not in found.output


def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    found = CliRunner().invoke(build("en"), ["doctor"])
    assert found.exit_code == 3
    assert "[PROBLEM] warehouse" in found.output and "titikrawan run" in found.output
    assert "[good] Python" in found.output


def test_simulated_country_is_marked_in_every_row_and_stays_inside_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import csv

    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    found = CliRunner().invoke(build("en"), ["simulate", "data/simulated/a", "--persistent", "2"])
    assert found.exit_code == 0, found.output
    folder = tmp_path / "data" / "simulated" / "a"
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8") as stream:
            assert {row["is_simulated"] for row in csv.DictReader(stream)} == {"True"}, path.name
    assert "SIMULATED" in (folder / "datapackage.json").read_text()
    for wrong in ("../elsewhere", "data/raw"):
        (tmp_path / "data" / "raw" / "x").touch()
        assert CliRunner().invoke(build("en"), ["simulate", wrong]).exit_code == 2
    assert not (tmp_path.parent / "elsewhere").exists()
