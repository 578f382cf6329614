"""What changed since the last release: in rows, in words, and what holds a release back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import catalog
from pipelines.cli.main import build
from pipelines.jobs import changes
from pipelines.jobs import run as job
from pipelines.jobs.steps import compare as compare_step
from pipelines.jobs.steps import export as export_step
from pipelines.jobs.steps import publish as publish_step
from pipelines.warehouse import releases
from pipelines.warehouse.compare import Group, TableChange, compare, side_by_side
from tests.support.invented_warehouse import invented

FALL = "update mart.three_zeros set value = 3 where area_code = '7371' and value = 20"


@pytest.fixture(scope="session")
def filled() -> Path:
    """The invented warehouse as a file."""
    return invented()


def changed(filled: Path, folder: Path, *statements: str) -> Path:
    """A copy of the warehouse in which something is different."""
    path = folder / "changed.duckdb"
    path.write_bytes(filled.read_bytes())
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return path


def compared(before: Path, after: Path) -> tuple[dict[str, TableChange], list[changes.Note]]:
    with side_by_side(before, after, after.with_name("spill")) as con:
        tables = compare(con, catalog.load())
        return {one.table: one for one in tables}, changes.notes(con, tables)


def suspicious(notes: Sequence[changes.Note]) -> set[tuple[str, str]]:
    return {(note.kind, note.area_code) for note in notes if note.is_suspicious}


@pytest.mark.slow
def test_the_same_release_has_no_change(filled: Path, tmp_path: Path) -> None:
    moved = "update core.revote_claim set source_row = source_row + 7"  # a line was put in above
    release = "update meta.release set release_id = '2027-01-01-ffffffffffff', fingerprint = 'f'"
    assert compared(filled, changed(filled, tmp_path, moved, release)) == ({}, [])


@pytest.mark.slow
def test_rows_are_counted_by_table_election_and_province(filled: Path, tmp_path: Path) -> None:
    tables, _ = compared(
        filled,
        changed(
            filled,
            tmp_path,
            "update mart.incidents set village_name = 'Kampung Baru' where area_code = '3171'",
            "delete from mart.hotspots where area_code = '7371'",
            "insert into mart.hotspots select * replace ('7372' as area_code) from mart.hotspots"
            " where area_code = '73' and election_id = 'pemilu-2024'",
        ),
    )
    assert set(tables) == {"mart.incidents", "mart.hotspots"}
    assert tables["mart.hotspots"].groups == (Group("pemilu-2024", "73", 1, 1, 0),)
    assert {group.province_code for group in tables["mart.incidents"].groups} == {"31"}
    assert tables["mart.incidents"].total("n_changed") >= 1
    assert tables["mart.incidents"].total("n_added") == tables["mart.incidents"].total("n_removed") == 0


def test_a_count_that_falls_is_suspicious_and_said_in_words(filled: Path, tmp_path: Path) -> None:
    _, notes = compared(filled, changed(filled, tmp_path, FALL))
    assert suspicious(notes) == {("fell", "7371")}
    assert notes[0].text["id"] == "Kota Makassar, Pemilu Serentak 2024: PSU 20 → 3 TPS"
    assert "20 → 3" in notes[0].text["en"]


@pytest.mark.slow
def test_a_count_that_rises_or_becomes_known_is_not(filled: Path, tmp_path: Path) -> None:
    _, notes = compared(
        filled,
        changed(
            filled, tmp_path, "update mart.three_zeros set value = 21 where area_code = '7371' and value = 20"
        ),
    )
    assert suspicious(notes) == set() and notes[0].kind == "rose"
    _, back = compared(
        changed(
            filled,
            tmp_path,
            "update mart.three_zeros set value = null, coverage = 'no_data' where area_code = '7371' and value = 20",
        ),
        filled,
    )
    assert suspicious(back) == set() and back[0].kind == "became_known"


@pytest.mark.parametrize(
    "statement",
    [
        "update mart.three_zeros set value = null, coverage = 'no_data' where area_code = '7371' and value = 20",
        "delete from mart.three_zeros where area_code = '7371' and value = 20",
    ],
)
def test_an_area_that_becomes_unknown_is_suspicious(filled: Path, tmp_path: Path, statement: str) -> None:
    _, notes = compared(filled, changed(filled, tmp_path, statement))
    assert ("became_unknown", "7371") in suspicious(notes)


@pytest.mark.slow
def test_a_table_that_loses_more_than_a_twentieth_is_suspicious(filled: Path, tmp_path: Path) -> None:
    more = "insert into ref.grounds (ground_code, label_id, label_en) select 'g' || i, 'x', 'x' from range(100) r(i)"
    large = changed(filled, tmp_path, more)
    for lost, expected in ((0.04, set()), (0.07, {("table_shrank", "-")})):
        (tmp_path / str(lost)).mkdir()
        gone = f"delete from ref.grounds where rowid < {lost} * (select count(*) from ref.grounds)"
        _, notes = compared(large, changed(large, tmp_path / str(lost), gone))
        assert suspicious(notes) == expected, lost


def test_columns_and_tables_that_come_or_go_are_told_but_not_suspicious(filled: Path, tmp_path: Path) -> None:
    tables, notes = compared(
        filled,
        changed(
            filled,
            tmp_path,
            "alter table mart.hotspots drop column unit",
            "alter table mart.hotspots add column extra integer",
            "drop table mart.funnel",
            "create table mart.something_new as select 1 as n",
        ),
    )
    assert tables["mart.hotspots"].columns_removed == ("unit",)
    assert tables["mart.hotspots"].columns_added == ("extra",) and not tables["mart.hotspots"].groups
    assert tables["mart.funnel"].n_after is None and tables["mart.something_new"].n_before is None
    assert suspicious(notes) == set()


def test_names_cannot_command_a_terminal(filled: Path, tmp_path: Path) -> None:
    bad = f"update mart.three_zeros set area_name = 'Kota {chr(27)}[31m{chr(10)}X' where area_code = '7371'"
    _, notes = compared(filled, changed(filled, tmp_path, FALL, bad))
    assert all(note.text[lang].isprintable() for note in notes for lang in ("id", "en"))


def test_ten_are_told_the_suspicious_first(filled: Path, tmp_path: Path) -> None:
    _, notes = compared(
        filled,
        changed(
            filled, tmp_path, "update mart.three_zeros set value = value + 1 where value is not null", FALL
        ),
    )
    assert len(notes) > changes.MOST
    told = changes.shown(notes)
    assert len(told) == changes.MOST and told[0].kind == notes[0].kind


# Holding a release back


@pytest.fixture(scope="module")
def published(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with inputs and a published release; nobody writes into it."""
    root: Path = tmp_path_factory.mktemp("published")
    (root / "data" / "raw" / "register").mkdir(parents=True)
    (root / "data" / "raw" / "register" / "a.csv").write_text("a\n1\n")
    attempt(root, filled)
    return root


@pytest.fixture
def project(published: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(published, tmp_path / "project", symlinks=True))


def attempt(root: Path, filled: Path, *statements: str, page: str = "", **options: str) -> job.Run:
    """Build a release from the invented warehouse, with the last steps of the job; `page`: text of its one page."""
    run = job.plan(root, langs=("id",), **options)  # type: ignore[arg-type]
    assert run is not None
    if not run.held:
        run.work.mkdir(parents=True)
        run.database.write_bytes(filled.read_bytes())
        named = "update meta.release set release_id = ?, fingerprint = ?, accepted_reason = null"
        with duckdb.connect(str(run.database)) as con:
            con.execute(named, [run.id, run.fingerprint])
            for statement in statements:
                con.execute(statement)
    compare_step.step(run)
    export_step.step(run)
    if page:
        (run.work / "reports").mkdir()
        (run.work / "reports" / "index.html").write_text(page)
    publish_step.step(run)
    return run


def served(root: Path) -> str:
    release = releases.served(root / "data" / "warehouse")
    assert release is not None
    return release.id


def call(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(root))
    result = CliRunner().invoke(build("en"), list(arguments))
    return result.exit_code, result.output


def test_the_first_release_has_nothing_to_compare_with(project: Path) -> None:
    release = releases.served(project / "data" / "warehouse")
    assert release is not None and releases.verify(release) == [releases.Fault("reports", "missing")]
    diff = json.loads((release.folder / "diff.json").read_text())
    assert diff["before"] is None and diff["tables"] == diff["notes"] == []


@pytest.mark.slow
def test_a_release_that_looks_like_a_mistake_waits_for_somebody_to_accept_it(
    project: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served(project)
    (project / "data" / "raw" / "register" / "a.csv").write_text("a\n2\n")
    with pytest.raises(job.HeldError, match="20 → 3") as refused:
        attempt(project, filled, FALL)
    assert refused.value.exit_code == 1 and served(project) == before
    waiting = releases.held(project / "data" / "warehouse")
    assert waiting is not None and waiting.id not in {before, ""}
    code, said = call(project, monkeypatch, "run", "--no-prefect")  # not built again, and not published
    assert code == 1 and "20 → 3" in said and "--accept" in said and served(project) == before
    code, said = call(project, monkeypatch, "diff")
    assert code == 0 and "! Kota Makassar" in said and "mart.three_zeros" in said
    code, said = call(project, monkeypatch, "rollback", waiting.id)
    assert code == 1 and "held" in said and served(project) == before
    assert waiting.id in call(project, monkeypatch, "releases")[1]

    accepted = attempt(project, filled, accept="KPU corrected\n its list")
    assert accepted.held and served(project) == waiting.id == accepted.id
    assert releases.held(project / "data" / "warehouse") is None
    release = releases.served(project / "data" / "warehouse")
    assert release is not None and release.manifest["accepted"] == "KPU corrected its list"
    assert release.manifest["before"] == before
    with duckdb.connect(str(release.database), read_only=True) as con:
        said_of_itself = "select compared_with, accepted_reason from meta.release"
        assert con.execute(said_of_itself).fetchone() == (before, "KPU corrected its list")
        told = "select text_en from meta.change_notes where is_suspicious"
        assert con.execute(told).fetchall() == [("Kota Makassar, General election 2024: PSU 20 → 3 TPS",)]
        by_table = "select sum(n_changed) from meta.changes where table_name = 'mart.three_zeros'"
        assert con.execute(by_table).fetchone() == (1,)
        parquet = str(release.folder / "parquet" / "meta.release.parquet")
        stored = con.execute("select accepted_reason from read_parquet(?)", [parquet]).fetchone()
        about = con.execute(
            "select decode(value) from parquet_kv_metadata(?) where decode(key) = 'titikrawan.release'",
            [parquet],
        ).fetchone()
    assert stored == ("KPU corrected its list",) and about == (release.id,)
    assert json.loads(call(project, monkeypatch, "diff", "--json")[1])["n_suspicious"] == 1


@pytest.mark.slow
def test_an_accepted_release_is_whole_and_has_the_pages_made_at_acceptance(
    project: Path, filled: Path
) -> None:
    (project / "data" / "raw" / "register" / "a.csv").write_text("a\n2\n")
    with pytest.raises(job.HeldError):
        attempt(project, filled, FALL, page="held")
    attempt(project, filled, accept="right", page="accepted")
    release = releases.served(project / "data" / "warehouse")
    assert release is not None and releases.verify(release) == []
    assert (project / "reports" / "latest" / "index.html").read_text() == "accepted"
    assert len(list(release.folder.glob("reports-*"))) == 1


@pytest.mark.slow
def test_other_inputs_replace_a_held_release(project: Path, filled: Path) -> None:
    (project / "data" / "raw" / "register" / "a.csv").write_text("a\n2\n")
    with pytest.raises(job.HeldError):
        attempt(project, filled, FALL)
    (project / "data" / "raw" / "register" / "a.csv").write_text("a\n3\n")
    run = attempt(
        project, filled, "update mart.three_zeros set value = 21 where area_code = '7371' and value = 20"
    )
    assert served(project) == run.id
    assert releases.held(project / "data" / "warehouse") is None
    assert job.plan(project, langs=("id",)) == replace(run, built=run.id)  # only the reports are missing


@pytest.mark.slow
def test_a_retry_after_holding_does_not_publish(project: Path, filled: Path) -> None:
    before = served(project)
    (project / "data" / "raw" / "register" / "a.csv").write_text("a\n2\n")
    with pytest.raises(job.HeldError):
        attempt(project, filled, FALL)
    with pytest.raises(job.HeldError) as again:
        job.plan(project, langs=("id",))
    waiting = releases.held(project / "data" / "warehouse")
    assert waiting is not None and waiting.id in str(again.value)
    run = job.plan(project, langs=("id",), accept="x")
    assert run is not None
    with pytest.raises(job.HeldError):
        publish_step.step(replace(run, held=False, accept=""))
    assert served(project) == before


def test_accept_needs_a_reason(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(project, monkeypatch, "run", "--no-prefect", "--accept", "  ")[0] == 2


def test_there_must_be_two_releases_to_compare(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = call(project, monkeypatch, "diff")
    assert code == 2 and "titikrawan releases" in said
