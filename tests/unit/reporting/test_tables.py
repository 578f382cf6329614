"""Fingerprints of tables: every change of a row shows, and what is as it was need not be asked again."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.reporting.facts.reads import Reads
from pipelines.reporting.facts.tables import fingerprints, named, same

SQL = "select name from ref.a where name > ? order by name"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as one:
        one.execute("create schema ref; create schema mart")
        one.execute("create table ref.a as select 'x' || range as name, range as n from range(9)")
        one.execute("create table mart.b as select 1 as n")
        one.execute("create view mart.v as select * from ref.a")
        yield one


@pytest.mark.parametrize(
    "change",
    [
        "update ref.a set n = 99 where n = 3",
        "insert into ref.a values ('y', 1)",
        "insert into ref.a values ('x1', 1)",
        "delete from ref.a where n = 8",
        "alter table ref.a rename column n to m",
        "create or replace table ref.a as select * from ref.a order by n desc",
    ],
)
def test_a_change_of_rows_columns_or_order_changes_the_fingerprint(
    con: duckdb.DuckDBPyConnection, change: str
) -> None:
    before = fingerprints(con, ["ref.a", "mart.b", "mart.v", "mart.gone"])
    assert before.keys() == {"ref.a", "mart.b"}  # a view has no rows of its own
    assert same(before, fingerprints(con, before)) == {"ref.a", "mart.b"}
    con.execute(change)
    assert same(before, fingerprints(con, before)) == {"mart.b"}


def test_a_question_about_tables_that_stayed_is_not_asked_again(con: duckdb.DuckDBPyConnection) -> None:
    reads = Reads(con)
    reads.execute(SQL, ["x2"])
    noted = reads.noted()
    assert named(SQL) == {"ref.a"} and named("select 1 from duckdb_tables()") == set()
    con.execute("delete from ref.a")
    assert Reads(con).gives_the_same(noted, reads.texts, frozenset({"ref.a"}))
    assert not Reads(con).gives_the_same(noted, reads.texts, frozenset({"mart.b"}))


def test_a_question_about_no_stored_table_is_always_asked(con: duckdb.DuckDBPyConnection) -> None:
    reads = Reads(con)
    reads.execute("select count(*) as n from duckdb_tables()")
    con.execute("create table mart.c as select 1 as n")
    assert not Reads(con).gives_the_same(reads.noted(), reads.texts, frozenset({"ref.a", "mart.b"}))
