"""Great Expectations over tables that stay in DuckDB: one expectation per table, one look at all of its rows.

The expectation's query counts, for every condition of the table, the rows that break it, and answers with those of
which there are any; none may be left. GX brings an expectation for each kind of condition instead, but its own work for
a hundred of them takes longer than DuckDB needs for a million rows.

GX knows no DuckDB. It speaks to it through SQLAlchemy, and there it reads a result after the connection went back
to the pool: with duckdb-engine results then come back empty and expectations pass in silence. So the cursor
keeps its rows from the moment they are there (`_Kept`), everything runs on our own connection, and a canary that must
fail is run first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.messages import Message
from ..catalog.records import check_frame
from ..catalog.sql import quote
from ..quality.checks import condition_check, enough_rows
from ..quality.conditions import Condition, conditions
from ..quality.engine import EngineError, _library
from .conditions_sql import broken


class _Kept:
    """A DB-API cursor whose rows are fetched when the statement runs."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._rows: list[Any] = []
        self._columns: Any = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        self._cursor.execute(statement, parameters, context)
        self._columns = self._cursor.description
        self._rows = list(self._cursor.fetchall()) if self._columns else []

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int | None = None) -> list[Any]:
        rows, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return rows

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    @property
    def description(self) -> Any:
        return self._columns

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@cache
def _context() -> Any:
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


@contextmanager
def _source(con: duckdb.DuckDBPyConnection) -> Iterator[Any]:
    """A GX data source over a cursor of `con`, so that its tables are seen as they are at this moment."""
    import duckdb_engine  # late: it comes with SQLAlchemy
    from sqlalchemy.pool import StaticPool

    class Connection(duckdb_engine.ConnectionWrapper):
        def cursor(self) -> Any:
            return _Kept(super().cursor())

        def close(self) -> None:
            """The connection is ours; it is closed where it was opened."""

    own = con.cursor()
    current = con.execute("select current_database()").fetchall()[0][0]
    own.execute(f"use {quote(current)}")
    wrapped = Connection(own)
    sources = _context().data_sources
    try:
        yield sources.add_sql(
            "warehouse",
            connection_string="duckdb:///:memory:",
            create_temp_table=False,
            kwargs={"creator": lambda: wrapped, "poolclass": StaticPool},
        )
    finally:
        sources.delete("warehouse")
        own.close()


@cache
def _nothing_broken() -> type[Any]:
    """The expectation: GX's own for queries whose rows must not be, which asks the query once and keeps its rows."""
    kinds = _library().expectations

    class ExpectNothingBroken(kinds.UnexpectedRowsExpectation):  # type: ignore[misc, name-defined]
        metric_dependencies = ("unexpected_rows_query.table",)

        def _validate(
            self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None
        ) -> Any:
            found = map(dict, metrics["unexpected_rows_query.table"])
            rows = [[row["place"], row["n_broken"]] for row in found]
            return {"success": not rows, "result": {"observed_value": len(rows), "details": {"rows": rows}}}

    return ExpectNothingBroken


def _count_broken(wanted: Sequence[str]) -> str:
    """Query over `{batch}`: (place in `wanted`, rows for which that SQL is true), where there are any."""
    counts = ", ".join(f"count(*) filter (where {sql})" for sql in wanted)
    listed = f"unnest(range({len(wanted)})) as place, unnest([{counts}]) as n_broken".replace("{", "{{")
    listed = listed.replace("}", "}}")  # braces of patterns are none of GX's
    return f"select place, n_broken from (select {listed} from {{batch}}) where n_broken > 0"  # noqa: S608


def _ask(
    con: duckdb.DuckDBPyConnection, relation: str, wanted: Sequence[str], name: str
) -> Mapping[int, int]:
    """Place in `wanted` -> number of rows of `relation` for which that SQL is true, where there are any.

    Raises:
        EngineError: GX could not ask.
    """
    expectation = _nothing_broken()(unexpected_rows_query=_count_broken(wanted))
    with _source(con) as source:
        asset = source.add_query_asset("rows", query=f"select * from {relation}")  # noqa: S608 (declared name)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        found = batch.validate(expectation, result_format="COMPLETE")
    info = found.exception_info or {}
    for part in (info, *(v for v in info.values() if isinstance(v, dict))):
        if part.get("raised_exception"):
            raise EngineError(
                Message("quality.suite_crashed", name=name, exception=part["exception_message"])
            )
    rows = found.result["details"]["rows"]
    if bool(found.success) != (not rows):
        raise EngineError(
            Message("quality.verdict_differs", name=name, number=len(rows), success=found.success)
        )
    return {int(place): int(n) for place, n in rows}


def _broken(table: Table, condition: Condition) -> str:
    """SQL, true where a row breaks the condition."""
    if condition.rule == "foreign_key":
        key = next(k for k in table.foreign_keys if k.fields == condition.columns)
        there, here = quote(key.reference_fields[0]), quote(key.fields[0])
        target = ".".join(map(quote, key.reference.split(".")))
        known = f"select {there} from {target} where {there} is not null"  # noqa: S608 (declared names)
        return f"coalesce({here} not in ({known}), false)"
    return broken(table, condition, {}) or "false"


def _n_repeated(con: duckdb.DuckDBPyConnection, relation: str, condition: Condition) -> int:
    """Rows that repeat a key. Different hashes mean different keys; keys are looked at where hashes repeat."""
    key = ", ".join(map(quote, condition.columns))
    hashed = f"select count(*) - count(distinct hash({key})) from {relation}"  # noqa: S608 (declared names)
    exact = f"select coalesce(sum(n - 1), 0) from (select count(*) as n from {relation} group by {key})"  # noqa: S608
    n = int(con.execute(hashed).fetchall()[0][0])
    return n and int(con.execute(exact).fetchall()[0][0])


@cache
def prove_large() -> None:
    """Canary, once per process: over SQL, what must fail fails, and what holds passes.

    Raises:
        EngineError: Great Expectations reads empty results, as it does without `_Kept`.
    """
    with duckdb.connect(":memory:") as con:
        con.execute("create table canary as select * from (values (1, 'a'), (-1, 'b'), (3, null)) t(n, c)")
        wanted = ["c is null", "n is null", "n < 0", "coalesce(not regexp_full_match(c, '[a-z]{1}'), false)"]
        found = _ask(con, "canary", wanted, "canary")
        fine = _ask(con, "canary", ["n is null", "n > 9"], "canary")
    if found != {0: 1, 2: 1} or fine:
        raise EngineError(Message("quality.lets_through_sql", found=found, fine=fine))


def validate_large(con: duckdb.DuckDBPyConnection, table: Table) -> pd.DataFrame:
    """Check a large table in the warehouse as it stands; a failure stops the run.

    Args:
        con: connection whose current database holds the table.
        table: its declaration; every condition of it is asked, but not those about `source_file`, `source_row`.

    Returns:
        One row per check (columns of `meta.checks`, kind `release`).
    """
    relation = f"{quote(table.layer)}.{quote(table.name)}"
    n_rows = con.execute(f"select count(*) from {relation}").fetchall()[0][0]  # noqa: S608
    wanted = [c for c in conditions(table) if c.severity != "warn" and c.columns[:1] not in _ALWAYS]
    rows = [enough_rows(table, n_rows)]
    if n_rows:
        prove_large()
        of_rows = [c for c in wanted if c.rule != "unique"]
        found = _ask(con, relation, [_broken(table, c) for c in of_rows], table.full_name)
        n_broken = {c.id: found.get(place, 0) for place, c in enumerate(of_rows)}
        for condition in wanted:
            n = (
                _n_repeated(con, relation, condition)
                if condition.rule == "unique"
                else n_broken[condition.id]
            )
            rows.append(condition_check(table, condition, n_rows, n, "stop"))
    for row in rows:
        row["check_id"] = row["check_id"].replace(":", ":release:", 1)
        row["kind"] = "release"
    return check_frame(rows)


_ALWAYS = (("source_file",), ("source_row",))
