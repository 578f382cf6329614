"""Large tables: Great Expectations asks DuckDB, sees what is wrong, and never reads empty results."""

from __future__ import annotations

import duckdb
import pytest

from pipelines import catalog
from pipelines.quality import EngineError, engine, validate_large
from pipelines.warehouse import ddl


@pytest.fixture
def con():
    with duckdb.connect(":memory:") as connection:
        for schema in ("core", "ref"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table ref.elections as select 'pemilu-2024' as election_id")
        connection.execute("create table ref.areas as select '3171' as area_code")
        for name in ("core.tps", "core.result", "core.vote"):
            connection.execute(ddl.create_table(catalog.table(name)))
        yield connection


def fill(con, table: str, rows: list[dict]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


BASE = {"election_id": "pemilu-2024", "contest": "ppwp", "tps_id": "3171011001001", "province_code": "31",
        "source_file": "f", "source_row": 2}  # fmt: skip
VOTE = BASE | {"kind": "pair", "option_id": "1", "votes": 5}


def failed(con, table: str) -> set[str]:
    checks = validate_large(con, catalog.table(table))
    assert len(checks) and checks["check_id"].is_unique
    return set(checks.loc[checks["status"] == "fail", "rule"])


def test_canary_passes_with_the_locked_versions() -> None:
    engine.prove.cache_clear()
    engine.prove()


def test_canary_notices_results_that_come_back_empty(monkeypatch) -> None:
    engine.prove.cache_clear()
    for name, nothing in (("fetchall", []), ("fetchmany", []), ("fetchone", None)):
        monkeypatch.setattr(engine._Kept, name, lambda self, *args, nothing=nothing: nothing)
    with pytest.raises(EngineError):
        engine.prove()
    engine.prove.cache_clear()


def test_right_rows_pass_every_check(con) -> None:
    fill(con, "core.result", [BASE | {"votes_total": 5}, BASE | {"tps_id": "3171011001002"}])
    assert failed(con, "core.result") == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"votes_total": -1}, "range"), ({"contest": "rw"}, "allowed_value"), ({"tps_id": "31"}, "pattern"),
     ({"election_id": "pemilu-1955"}, "foreign_key"), ({}, "unique")],
)  # fmt: skip
def test_one_wrong_row_among_many_is_seen(con, change: dict, rule: str) -> None:
    good = [BASE | {"tps_id": f"3171011001{n:03d}"} for n in range(1, 50)]
    other = BASE | {"tps_id": "3171011001099"} | change if change else good[0]
    fill(con, "core.result", [*good, other])
    assert failed(con, "core.result") == {rule}


def test_every_broken_row_is_counted(con) -> None:
    good = [BASE | {"tps_id": f"3171011001{n:03d}"} for n in range(1, 50)]
    fill(con, "core.result", [*good, *({**row, "votes_total": -1} for row in good[:3]), good[7]])
    checks = validate_large(con, catalog.table("core.result")).set_index("check_id")
    counts = checks.loc[checks["status"] == "fail", ["rule", "n_failed"]]
    assert dict(counts.to_numpy()) == {"range": 3, "unique": 8}


def test_repeated_votes_are_seen_between_neighbours(con) -> None:
    fill(con, "core.vote", [VOTE, VOTE | {"option_id": "2"}])
    assert failed(con, "core.vote") == set()
    fill(con, "core.vote", [VOTE | {"option_id": "2"}])
    assert failed(con, "core.vote") == {"unique"}


def test_rules_of_the_table_are_asked_too(con) -> None:
    row = {k: v for k, v in BASE.items() if k != "contest"}
    fill(con, "core.tps", [row | {"tps": "001", "is_overseas": False, "is_special": False}])
    assert failed(con, "core.tps") == {"unknown_area"}


def test_empty_table_is_fine(con) -> None:
    assert failed(con, "core.vote") == set()


def test_large_tables_have_types_and_no_index(con) -> None:
    text = ddl.create_table(catalog.table("core.vote"))
    assert "primary key" not in text and '"votes" bigint' in text and '"tps_id" varchar not null' in text
