"""The main job as a whole: what is published, what is refused, and that a refused run changes nothing.

That the same input gives the same release is tested where a second one is built: tests/integration/flows/test_real_steps.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipelines.cli import commands
from pipelines.jobs import run as job
from pipelines.sources import seal
from tests.support.builds import published


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the published project that a test may break."""
    root = tmp_path / "project"
    shutil.copytree(published(), root, symlinks=True)
    return root


def tree(root: Path) -> dict[str, str]:
    """Hash of every file that readers see."""
    found = {}
    for folder in ("data/warehouse", "reports"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "last_attempt" not in path.parts and ".work" not in path.parts:
                found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def attempt(root: Path, table: str, until: str = "check") -> None:
    """Run the steps up to one of them, as the main job does, for one table and what it needs."""
    planned = job.plan(root, ("3171",), ("id",), force=True, only=(table,))
    assert planned is not None
    for step in job.STEPS:
        step.function(planned)
        if step.name == until:
            return


def quarantine(root: Path) -> list[dict]:
    path = root / "data" / "warehouse" / "last_attempt" / "quarantine.parquet"
    cursor = duckdb.connect().execute("select * from read_parquet(?)", [str(path)])
    names = [d[0] for d in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_second_run_has_nothing_to_do_and_changes_no_byte(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    before = tree(project)
    assert job.plan(project, ("3171",), ("id",)) is None
    assert tree(project) == before


def test_lost_report_is_made_again(project: Path) -> None:
    page = next((project / "reports" / "latest").glob("3171-*.id.html"))
    before = page.read_bytes()
    (project / "reports" / "latest" / "index.html").unlink()
    page.unlink()
    planned = job.plan(project, ("3171",), ("id",))
    assert planned is not None and planned.built == planned.id  # the data are there
    job.run_all(planned)
    assert (project / "reports" / "latest" / page.name).read_bytes() == before
    assert job.plan(project, ("3171",), ("id",)) is None


def test_lost_path_to_the_reports_is_laid_again(project: Path) -> None:
    before = tree(project)
    (project / "reports" / "latest").unlink()
    assert job.plan(project, ("3171",), ("id",)) is None
    assert tree(project) == before


def test_published_file_is_readable_by_another_process(project: Path) -> None:
    import subprocess
    import sys

    query = "select value from mart.three_zeros where election_id='pemilu-2024' and area_code='00' and outcome='psu'"
    script = f"import duckdb; print(duckdb.connect('titikrawan.duckdb', read_only=True).sql({query!r}).fetchone()[0])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project / "data" / "warehouse",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "738"


def change_line(path: Path, number: int, edit: Callable[[str], str]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[number - 1] = edit(lines[number - 1])
    path.write_text("\n".join(lines), encoding="utf-8")


def test_bad_rows_go_to_quarantine_with_file_line_column_and_value(project: Path) -> None:
    path = project / "data" / "raw" / "register" / "revotes.csv"
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    sample = next(line for line in lines if line.startswith("pemilu-2019/psu/jakarta-pusat/agregat,"))

    def bad(name: str, *changes: tuple[str, str]) -> str:
        row = sample.replace("pemilu-2019/psu/jakarta-pusat/agregat", f"test/{name}", 1)
        for old, new in changes:
            assert old in row
            row = row.replace(old, new, 1)
        return row

    rows = {
        "spreadsheet": (bad("spreadsheet", (",3171,", ",3171.0,")), "area_code", "3171.0"),
        "unknown_area": (bad("unknown_area", (",3171,", ",3179,")), "area_code", "3179"),
        "unknown_code": (bad("unknown_code", (",psu,", ",psv,")), "kind", "psv"),
        "impossible_date": (bad("impossible_date", ("2019-04-27", "2019-02-30")), "date_held", "2019-02-30"),
        "negative": (bad("negative", (",2,,", ",-2,,")), "n_tps", "-2"),
        "thousands": (bad("thousands", (",2,,", ",1.234,,")), "n_tps", "1.234"),
    }
    twins = [bad("twin"), bad("twin", (",2,,", ",3,,"))]
    path.write_text("\n".join([*lines, *(r for r, _, _ in rows.values()), *twins]) + "\n", encoding="utf-8")
    seal(path.parent)
    attempt(project, "core.revote_claim")
    found = [p for p in quarantine(project) if p["disposition"] == "quarantined"]
    for number, (name, (_, column, value)) in enumerate(rows.items(), len(lines) + 1):
        mine = [p for p in found if p["source_row"] == number]
        assert mine, name
        assert any((p["column_name"], p["value"]) == (column, value) for p in mine), name
        for lang in ("id", "en"):
            message = mine[0][f"message_{lang}"]
            assert "register/revotes.csv" in message and str(number) in message and len(message) > 60, name
    twin_rows = {p["source_row"] for p in found if "duplicate" in p["rule"]}
    assert twin_rows == {len(lines) + len(rows) + 1, len(lines) + len(rows) + 2}
    with duckdb.connect(
        str(next((project / "data/warehouse/releases/.work").glob("*/titikrawan.duckdb")))
    ) as con:
        kept = con.execute("select count(*) from core.revote_claim where event_id like 'test/%'").fetchone()
        counted = con.execute(
            "select n_read - n_kept, n_quarantined from meta.inputs where source_file = 'register/revotes.csv'"
        ).fetchone()
    assert kept == (0,) and counted == (8, 8)


def test_lost_leading_zero_is_named_as_such(project: Path) -> None:
    path = project / "data" / "raw" / "register" / "exposure.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(i for i, line in enumerate(lines, 1) if line.startswith("pemilu-2024,national,00,"))
    change_line(path, number, lambda line: line.replace(",00,", ",0,", 1))
    seal(path.parent)
    attempt(project, "core.exposure", until="validate")
    found = [p for p in quarantine(project) if p["source_row"] == number and p["column_name"] == "area_code"]
    assert found and found[0]["value"] == "0"
    assert "spreadsheet" in found[0]["message_en"] or "zero" in found[0]["message_en"]


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_text("")


def header(path: Path) -> None:
    change_line(path, 1, lambda line: line.replace("n_tps", "jumlah_tps"))


def encoding(path: Path) -> None:
    path.write_bytes(path.read_bytes() + "x,Pemilihan Ibukota d\xe9mo".encode("latin-1") + b"\n")


def semicolons(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")


@pytest.mark.parametrize("damage", [remove, empty, header, encoding, semicolons])
def test_unreadable_file_is_refused_and_the_release_stays(
    project: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture
) -> None:
    before = tree(project)
    path = project / "data" / "raw" / "register" / "revotes.csv"
    damage(path)
    seal(path.parent)
    code = commands.run(project, "en", use_prefect=False, force=False, areas=("3171",))
    complaint = capsys.readouterr().err
    assert code == commands.DATA_REFUSED
    assert "revotes.csv" in complaint and "published release is unchanged" in complaint
    assert "Traceback" not in complaint
    assert tree(project) == before


def test_changed_file_without_a_new_seal_is_refused(project: Path, capsys: pytest.CaptureFixture) -> None:
    before = tree(project)
    path = project / "data" / "raw" / "register" / "elections.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert (
        commands.run(project, "id", use_prefect=False, force=False, areas=("3171",)) == commands.DATA_REFUSED
    )
    complaint = capsys.readouterr().err
    assert "register/elections.csv" in complaint and "titikrawan seal register" in complaint
    assert tree(project) == before


def test_too_many_bad_rows_stop_the_run(project: Path, capsys: pytest.CaptureFixture) -> None:
    before = tree(project)
    path = project / "data" / "raw" / "register" / "stages.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("pemilu-2024", "pemilu-2042"), encoding="utf-8")
    seal(path.parent)
    assert (
        commands.run(project, "en", use_prefect=False, force=False, areas=("3171",)) == commands.DATA_REFUSED
    )
    assert "ref.stages" in capsys.readouterr().err
    assert any(p["value"] == "pemilu-2042" for p in quarantine(project))
    assert commands.check(project, "en", show_all=False) == commands.DATA_REFUSED
    assert commands.quarantine(project, "en", file="register/stages.csv") == 0
    assert "register/stages.csv" in capsys.readouterr().out
    assert tree(project) == before


def test_surprise_is_told_in_one_line_and_kept_in_a_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def boom(*_: object, **__: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(job, "run_all", boom)
    assert commands.run(project, "en", use_prefect=False, force=True, areas=("3171",)) == commands.ENVIRONMENT
    complaint = capsys.readouterr().err
    assert "ZeroDivisionError: odd" in complaint and "Traceback" not in complaint
    assert "Traceback" in (project / "data" / "warehouse" / "last_error.txt").read_text()


@pytest.fixture
def dropped_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A catalog with one more mart, used instead of the package's own."""
    from importlib import import_module

    from pipelines import catalog

    load = import_module("pipelines.catalog.declared")
    folder = tmp_path / "catalog"
    shutil.copytree(load.HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "marts" / "mart.claims_by_actor.yaml").write_text(
        "name: claims_by_actor\nlayer: mart\ntitle_id: Klaim per pihak\ntitle_en: Claims by actor\n"
        "grain: one row per actor\ndepends_on: [core.revote_claim]\nfields:\n"
        "  - {name: basis, type: string, constraints: {required: true}}\n"
        "  - {name: n_claims, type: integer, title_id: Klaim, title_en: Claims, "
        "description_id: Jumlah klaim, description_en: Number of claims}\nprimaryKey: [basis]\n"
    )
    (folder / "marts" / "mart.claims_by_actor.sql").write_text(
        "select basis, count(*) as n_claims from core.revote_claim group by basis"
    )
    tables = tuple(load.load_folder(folder))
    these = cache(lambda: tables)
    these()  # like the function it stands for, it says that all declarations were read
    for module in (catalog, load):
        monkeypatch.setattr(module, "load", these)
    yield folder


def test_mart_dropped_in_appears_everywhere_and_a_failure_after_it_leaves_the_release(
    dropped_in: Path, project: Path
) -> None:
    before = tree(project)
    planned = job.plan(project, ("3171",), ("id",), force=True, only=("mart.claims_by_actor",))
    assert planned is not None

    def full_disk(step: job.Step) -> Callable[[job.Run], dict]:
        def function(run: job.Run) -> dict:
            facts = dict(step.function(run))
            if step.name == "export":
                raise OSError("disk full")
            return facts

        return function

    with pytest.raises(OSError, match="disk full"):
        job.run_all(planned, step=full_disk)
    assert tree(project) == before
    with duckdb.connect(str(planned.database), read_only=True) as con:
        assert (
            con.execute("select sum(n_claims) from mart.claims_by_actor").fetchone()
            == con.execute("select count(*) from core.revote_claim").fetchone()
        )
        in_dictionary = "select count(*) from meta.dictionary where table_name = 'mart.claims_by_actor'"
        assert con.execute(in_dictionary).fetchone() == (2,)
        in_checks = "select count(*) > 0 from meta.checks where table_name = 'mart.claims_by_actor'"
        assert con.execute(in_checks).fetchone() == (True,)
    package = json.loads((planned.work / "parquet" / "datapackage.json").read_text())
    assert "mart.claims-by-actor" in {r["name"] for r in package["resources"]}
