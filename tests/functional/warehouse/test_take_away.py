"""A part of a release, in every format, with and without an office's own records."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import openpyxl
import pytest

from pipelines.catalog.vocabulary import EXPORT_FORMATS
from pipelines.warehouse.load import WarehouseError
from pipelines.warehouse.subset import Wanted
from pipelines.warehouse.take_away import take_away
from tests.support.readable import make

# Few tables, so that every format is made in a moment.
SOME = ("v_counts", "core.revote_claim")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("plain") / "titikrawan.duckdb")


@pytest.fixture(scope="module")
def with_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("own") / "titikrawan.duckdb", own=True)


@pytest.mark.parametrize("kind", EXPORT_FORMATS)
def test_every_format_holds_the_area_and_what_lies_below(source: Path, tmp_path: Path, kind: str) -> None:
    endings = {"xlsx": "part.xlsx", "duckdb": "part.duckdb", "postgres": "part.sql"}
    to = tmp_path / endings.get(kind, "part")
    take_away(source, Wanted("31", SOME), kind, str(to))
    wanted = ["a", "b"]
    if kind == "duckdb":
        with duckdb.connect(str(to), read_only=True) as con:
            found = [
                r[0] for r in con.execute("select event_id from core.revote_claim order by 1").fetchall()
            ]
            assert (
                con.execute("select area_name from mart.v_counts where area_code = '31'").fetchone()
                is not None
            )
    elif kind == "xlsx":
        book = openpyxl.load_workbook(to, read_only=True)
        assert {"about", "mart.v_counts", "core.revote_claim"} <= {*book.sheetnames}
        rows = list(book["core.revote_claim"].iter_rows(values_only=True))
        at = rows[0].index("event_id")
        found = sorted(row[at] for row in rows[1:])
    elif kind == "postgres":
        text = to.read_text(encoding="utf-8")
        assert 'copy "core"."revote_claim" from stdin' in text and "comment on column" in text
        block = text.split('copy "core"."revote_claim" from stdin;\n')[1].split("\\.\n")[0]
        found = [line.split("\t")[0] for line in block.splitlines()]
    else:
        suffix = "parquet" if kind == "parquet" else "csv.gz"
        file = to / f"core.revote_claim.{suffix}"
        found = [r[0] for r in duckdb.sql(f"select event_id from '{file}' order by 1").fetchall()]
        view = to / f"mart.v_counts.{suffix}"
        names = duckdb.sql(f"select area_name from '{view}' where area_code = '31'").fetchall()
        assert names == [("Daerah Khusus Ibukota Jakarta",)]
        package = json.loads((to / "datapackage.json").read_text(encoding="utf-8"))
        assert "mart.v-counts" in [one["name"] for one in package["resources"]]
        assert package["part"].startswith("area 31")
    assert found == wanted


@pytest.mark.slow
def test_an_address_of_fsspec_gets_the_same_files_and_nothing_is_overwritten(
    source: Path, tmp_path: Path
) -> None:
    import fsspec

    take_away(source, Wanted("31", SOME), "parquet", str(tmp_path / "here"))
    here = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    for to in ("memory://bucket/part", f"file://{tmp_path / 'there'}"):
        take_away(source, Wanted("31", SOME), "parquet", to)
        place, root = fsspec.core.url_to_fs(to)
        assert {name.rpartition("/")[2]: place.cat_file(name) for name in place.find(root)} == here
        with pytest.raises(WarehouseError, match="exists already"):
            take_away(source, Wanted("31", SOME), "parquet", to)


def test_own_records_stay_out_of_what_is_public(with_own: Path, tmp_path: Path) -> None:
    public = Wanted("", ("core.revote_claim",), public=True)
    subset, _ = take_away(with_own, public, "csv", str(tmp_path / "public"))
    file = tmp_path / "public" / "core.revote_claim.csv.gz"
    rows = duckdb.sql(f"select event_id, source_file from '{file}' order by 1").fetchall()
    assert [event for event, _ in rows] == ["a", "c"] and subset.n_own == 0
    assert not any("own/" in path.read_text("latin-1") for path in (tmp_path / "public").glob("*.json"))


def test_a_table_that_mixes_own_records_is_refused_and_nothing_is_written(
    with_own: Path, tmp_path: Path
) -> None:
    with pytest.raises(WarehouseError, match=r"core\.revote_claim.*mixed"):
        take_away(with_own, Wanted("", (), public=True), "csv", str(tmp_path / "public"))
    assert not (tmp_path / "public").exists()


def test_what_is_not_public_says_that_own_records_are_in_it(with_own: Path, tmp_path: Path) -> None:
    subset, _ = take_away(with_own, Wanted("", SOME), "parquet", str(tmp_path / "all"))
    assert subset.n_own == 1
    package = json.loads((tmp_path / "all" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["own_rows"] == 1


def test_an_unknown_area_and_a_taken_place_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no area"):
        take_away(source, Wanted("88", SOME), "csv", str(tmp_path / "x"))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(WarehouseError, match="exists already"):
        take_away(source, Wanted("31", SOME), "csv", str(tmp_path / "taken"))


@pytest.mark.slow
def test_postgresql_reads_the_script_with_keys_and_comments(source: Path, tmp_path: Path) -> None:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs or shutil.which("psql") is None or shutil.which("runuser") is None:
        pytest.skip("PostgreSQL is not installed")
    from tests.support.postgres import cluster

    with cluster(programs[-1].parent) as address:
        take_away(source, Wanted("31", (*SOME, "ref.areas", "ref.elections")), "postgres", address)
        asked = (
            "select count(*) from core.revote_claim",
            "select count(*) from information_schema.table_constraints where constraint_type = 'FOREIGN KEY'",
            "select obj_description('core.revote_claim'::regclass) is not null",
        )
        said = [
            subprocess.run(["psql", "-XAt", address, "-c", q], capture_output=True, text=True).stdout.strip()
            for q in asked
        ]
    assert said[0] == "2" and int(said[1]) >= 1 and said[2] == "t"
