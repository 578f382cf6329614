"""`import titikrawan`: small, read-only, and follows the release that is served."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest

import titikrawan
from tests.conftest import ROOT
from titikrawan.place import VARIABLE

HEAVY = ("prefect", "great_expectations", "matplotlib", "scipy", "numba", "typst", "sqlalchemy")


def make(path: Path, release: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema mart; create schema meta; create schema core; create schema ref")
        con.execute("create table ref.areas as select unnest(['00', '73', '7371', '7372']) as area_code")
        con.execute(
            "create table ref.elections as select * from (values ('pemilu-2019', date '2019-04-17'),"
            " ('pemilu-2024', date '2024-02-14'), ('pilkada-2024', date '2024-11-27')) t(election_id, voting_date)"
        )
        con.execute(
            "create table meta.code_values as select 'basis' as code_list, 'kpu' as code, 1 as position"
        )
        con.execute(
            "create table meta.release as select $r as release_id, date '2026-11-25' as data_date",
            {"r": release},
        )
        con.execute("create table core.claim as select 'kpu' as basis")
        con.execute(
            "create table mart.counts as select * from (values ('pemilu-2024', '7371', 3), ('pemilu-2024', '73', 5),"
            " ('pemilu-2019', '73', 2), ('pemilu-2024', '00', 9)) t(election_id, area_code, lower)"
        )
        con.execute("create view mart.v_counts as select *, 'x' as area_name from mart.counts")
        con.execute(
            "create table meta.relations as select * from (values ('mart.v_counts', 'election_id,area_code', 'primary'))"
            " t(table_name, columns, key_kind)"
        )
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A warehouse folder with one pointer, as releases are served."""
    make(tmp_path / "releases" / "one" / "titikrawan.duckdb", "one")
    (tmp_path / "current").symlink_to("releases/one")
    (tmp_path / "titikrawan.duckdb").symlink_to("current/titikrawan.duckdb")
    return tmp_path


def test_a_session_sees_a_new_release_as_soon_as_it_is_published(place: Path) -> None:
    with titikrawan.connect(place) as con:
        assert titikrawan.release(con) == "one"
        before = con.sql("from mart.counts").fetchall()
        make(place / "releases" / "two" / "titikrawan.duckdb", "two")
        (place / "new").symlink_to("releases/two")
        (place / "new").replace(place / "current")
        assert titikrawan.release(con) == "two"
        assert con.df("select count(*) as n from mart.counts")["n"].tolist() == [4]
    assert len(before) == 4


def test_nothing_can_be_written(place: Path) -> None:
    with titikrawan.connect(place) as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("delete from mart.counts")


def test_nothing_known_is_an_empty_frame_and_what_does_not_exist_is_refused(place: Path) -> None:
    assert titikrawan.load("counts", area="7372", con=place).empty
    assert titikrawan.load("counts", election="pilkada-2024", con=place).empty
    assert len(titikrawan.codes("basis", con=place)) == 1
    with pytest.raises(titikrawan.UnknownTableError, match="has the code 9999"):
        titikrawan.load("counts", area="9999", con=place)
    with pytest.raises(
        titikrawan.UnknownTableError, match="there are pemilu-2019, pemilu-2024, pilkada-2024"
    ):
        titikrawan.load("counts", election="pemilu-2042", con=place)
    with pytest.raises(titikrawan.UnknownTableError, match="there are basis"):
        titikrawan.codes("nope", con=place)


def test_an_area_may_be_a_number(place: Path) -> None:
    assert len(titikrawan.load("counts", area=73, con=place)) == 3


def test_an_area_is_loaded_with_everything_below_it(place: Path) -> None:
    found = titikrawan.load("counts", area="73", con=place)
    assert found["area_code"].tolist() == ["73", "73", "7371"]
    assert found.attrs == {"release": "one", "table": "mart.v_counts"}
    assert titikrawan.load("counts", area="00", con=place)["lower"].tolist() == [9]
    one = titikrawan.load("mart.counts", area="73", election="pemilu-2019", columns=["lower"], con=place)
    assert one.to_dict("list") == {"lower": [2]}
    assert titikrawan.load("claim", con=place).attrs["table"] == "core.claim"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"name": "nothing"}, "no table nothing"),
        ({"name": 'counts"; drop table x; --'}, "no table"),
        ({"name": "counts", "columns": ["secret"]}, "no column secret"),
        ({"name": "counts", "area": "7' or 1=1"}, "no code of an area"),
        ({"name": "claim", "area": "73"}, "no column area_code"),
        ({"name": "claim", "election": "pemilu-2024"}, "no column election_id"),
    ],
)
def test_what_is_not_there_is_said(place: Path, given: dict[str, object], word: str) -> None:
    with pytest.raises(titikrawan.UnknownTableError, match=word):
        titikrawan.load(**given, con=place)  # type: ignore[arg-type]


def test_without_a_warehouse_it_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(titikrawan.WarehouseNotFoundError, match="nowhere"):
        titikrawan.connect()


def test_importing_it_needs_nothing_that_builds_a_release() -> None:
    script = f"import sys, titikrawan; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def test_installing_it_asks_only_for_what_reading_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {line.split(">")[0].split("=")[0] for line in project["dependencies"]}
    assert named == {"click", "duckdb", "pandas", "pyyaml"}
    assert any(line.startswith("prefect") for line in project["optional-dependencies"]["pipeline"])


def test_a_command_that_needs_more_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.catalog.messages import ENVIRONMENT
    from pipelines.cli.answers import answers

    @answers
    def command(root: Path, lang: str) -> int:
        raise ModuleNotFoundError("No module named 'prefect'", name="prefect")

    assert command(tmp_path, "en") == ENVIRONMENT
    assert "prefect is not installed" in capsys.readouterr().err
