"""The command line: help with examples, at once, in two languages, with the designed exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from pipelines.acquire.errors import AcquireError, AcquireUsageError
from pipelines.catalog import CatalogError
from pipelines.catalog.messages import Joined, UserError
from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.cli import main as main_module
from pipelines.cli.answers import answers
from pipelines.cli.main import build, language
from pipelines.reporting.errors import ReportError
from pipelines.warehouse.load import WarehouseError

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = sorted(build("id").waiting)
HEAVY = (
    *("prefect", "great_expectations", "matplotlib", "pandas", "duckdb", "numpy"),
    *("yaml", "babel", "rich", "jinja2", "httpx", "packaging", "asyncio"),
)


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


def test_help_imports_nothing_heavy() -> None:
    """Asked of every command in turn, in one fresh process: the first that imports something is named.

    What plans a run, and every process that watches one imports, does without frames.
    """
    asked = [[*filter(None, [command]), "--help"] for command in ("", *COMMANDS)]
    script = (
        "import sys\nfrom pipelines.cli.main import main\n"
        f"for asked in {asked!r}:\n"
        "    try:\n        main(asked)\n    except SystemExit as ended:\n        assert not ended.code, asked\n"
        f"    loaded = [m for m in {HEAVY!r} if m in sys.modules]\n    assert not loaded, (asked, loaded)\n"
        "import pipelines.jobs.run\nassert not {'pandas', 'numpy', 'duckdb'} & sys.modules.keys()\n"
        "print('all asked', file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "all asked\n"), done.stderr


def test_help_imports_few_modules() -> None:
    """The time of --help is that of its imports: half of them are Python's and click's own."""
    script = (
        "import sys\nimport click, pathlib, importlib.util\nbefore = set(sys.modules)\n"
        "from pipelines.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(len(set(sys.modules) - before), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and 5 < int(done.stderr) <= 40, done.stderr


@pytest.mark.parametrize("command", [["quarantine"], ["check", "--all"], ["dictionary"]])
def test_a_reader_that_has_enough_ends_a_command_quietly(tmp_path: Path, command: list[str]) -> None:
    rows = 20_000  # more than a pipe holds
    folder = tmp_path / "data" / "warehouse" / "last_attempt"
    folder.mkdir(parents=True)
    (tmp_path / "data" / "raw").mkdir()
    place = {
        "source_file": ["a.csv"] * rows,
        "source_row": range(rows),
        "disposition": ["quarantined"] * rows,
    }
    said = {"message_id": ["baris yang panjang"] * rows, "message_en": ["a long line"] * rows}
    checked = {"table_name": ["core.x"] * rows, "rule": ["range"] * rows, "severity": ["warn"] * rows}
    pd.DataFrame({**place, **said}).to_parquet(folder / "quarantine.parquet")
    pd.DataFrame({**checked, "status": ["warn"] * rows, **said}).to_parquet(folder / "checks.parquet")
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli.main", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=os.environ | {"TITIKRAWAN_ROOT": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (0, b"")
    assert not (tmp_path / "data" / "warehouse" / "last_error.txt").exists()


@answers
def _fail(root: Path, lang: str, error: Exception) -> int:
    raise error


@pytest.mark.parametrize("lang", list(LANGUAGES))
@pytest.mark.parametrize(
    ("kind", "code"),
    [(CatalogError, 2), (ReportError, 2), (WarehouseError, 3), (AcquireUsageError, 2), (AcquireError, 3)],
)
def test_errors_are_mapped_by_class(
    kind: type[UserError], code: int, lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Narrower(kind):  # type: ignore[misc, valid-type]
        """An error that the command line has never heard of."""

    error = Narrower({"id": "salah", "en": "wrong"}, hint={"id": "Perbaiki.", "en": "Mend it."})
    assert _fail(tmp_path, lang, error=error) == code
    assert capsys.readouterr().err == {"id": "salah Perbaiki.\n", "en": "wrong Mend it.\n"}[lang]


def test_a_surprise_leaves_its_traceback_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _fail(tmp_path, "en", error=RuntimeError("boom")) == 3
    told = capsys.readouterr().err
    assert told.startswith("Unexpected error: RuntimeError: boom.") and "Traceback" not in told
    assert "Traceback" in (tmp_path / "data" / "warehouse" / "last_error.txt").read_text(encoding="utf-8")


def test_doctor_says_to_run_again_where_an_earlier_version_built_the_warehouse(tmp_path: Path) -> None:
    import duckdb

    from pipelines.cli import doctor

    (tmp_path / "data" / "warehouse").mkdir(parents=True)
    duckdb.connect(str(tmp_path / "data" / "warehouse" / "titikrawan.duckdb")).close()
    (found,) = (check for check in doctor.examine(tmp_path) if check.about["en"] == "warehouse")
    assert (found.is_good, Joined(found.advice)["en"]) == (False, "run: titikrawan run")


def test_doctor_takes_its_limits_from_what_the_package_declares(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pipelines.cli import doctor

    asked = ["click>=8.1", "duckdb<0.1", "nothing-of-that-name>=1", "pytest>=8; extra == 'dev'"]
    monkeypatch.setattr(doctor, "_declared", lambda: asked)
    found = {
        one.about["en"]: one for one in doctor.examine(tmp_path) if one.about["en"].startswith("library")
    }
    assert {name: one.is_good for name, one in found.items()} == {
        "library click": True,
        "library duckdb": False,
        "library nothing-of-that-name": False,
    }
    assert "duckdb<0.1" in Joined(found["library duckdb"].advice)["id"]


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


@pytest.mark.slow
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


def test_every_command_has_a_function_that_takes_its_options() -> None:
    """Functions are named, and imported when a command is called."""
    text = (ROOT / "pipelines/cli/main.py").read_text(encoding="utf-8")
    named = re.findall(r'\)\(\s*"([a-z_]+\.[a-z_]+)"\s*\)', text)
    assert len(named) == len(COMMANDS)
    for where in named:
        assert callable(main_module._function(where)), where
