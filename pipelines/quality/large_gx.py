"""Great Expectations over tables that stay in DuckDB: all expectations of a table are one query over all rows.

GX knows no DuckDB. It speaks to it through SQLAlchemy, and there it reads a result after the connection went back
to the pool: with duckdb-engine results then come back empty and some expectations pass in silence. So the cursor
keeps its rows from the moment they are there (`_Kept`), everything runs on our own connection, and a canary that must
fail is run first.

Measured on 823,000 rows of 22 columns: 0.3-0.9 s this way, 3.6-4.3 s and twice the memory with frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.records import check_frame
from ..catalog.sql import quote
from .checks import condition_check, enough_rows
from .conditions import Condition, conditions
from .engine import EngineError, _library
from .large_sql import broken


class _Kept:
    """A DB-API cursor whose rows are fetched when the statement runs."""

    def __init__(self, cursor: Any, whole: str) -> None:
        self._cursor = cursor
        self._whole = whole
        self._rows: list[Any] = []
        self._columns: Any = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        if statement.strip() == self._whole:
            # Asked once per table, for the names of its columns only: no row may come with them.
            statement = f"{self._whole} limit 0"
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


def _source(con: duckdb.DuckDBPyConnection, whole: str) -> Any:
    """A GX data source over a cursor of `con`, so that its tables are seen as they are at this moment."""
    import duckdb_engine  # late: it comes with SQLAlchemy
    from sqlalchemy.pool import StaticPool

    class Connection(duckdb_engine.ConnectionWrapper):
        def cursor(self) -> Any:
            return _Kept(super().cursor(), whole)

        def close(self) -> None:
            """The connection is ours; it is closed where it was opened."""

    own = con.cursor()
    current = con.execute("select current_database()").fetchall()[0][0]
    own.execute(f"use {quote(current)}")
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    wrapped = Connection(own)
    return context.data_sources.add_sql(
        "warehouse",
        connection_string="duckdb:///:memory:",
        create_temp_table=False,
        kwargs={"creator": lambda: wrapped, "poolclass": StaticPool},
    )


def _asked(table: Table, wanted: Sequence[Condition], relation: str) -> tuple[str, list[Any]]:
    """(query over all rows, one expectation per condition); GX puts all of them into one statement.

    What GX has no DuckDB version of (patterns, references, declared rules, keys) is a column of the query: whether
    the row breaks the condition, or how many rows repeat a key.
    """
    kinds = _library().expectations
    columns, expectations = ["*"], []
    for place, condition in enumerate(wanted):
        name = f"broken_{place}"
        if condition.rule in ("required", "allowed_value", "range"):
            expectations.append(getattr(kinds, condition.expectation)(**condition.arguments))
            continue
        columns.append(f"{_broken(table, condition, relation)} as {name}")
        expectations.append(kinds.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=0))
    return f"select {', '.join(columns)} from {relation}", expectations  # noqa: S608 (declared names)


def _broken(table: Table, condition: Condition, relation: str) -> str:
    if condition.rule == "unique":
        # Different hashes mean different keys; equal ones are looked at again (`_repeats`).
        return f"(select count(*) - count(distinct hash({_key(condition)})) from {relation})"  # noqa: S608
    if condition.rule == "foreign_key":
        key = next(k for k in table.foreign_keys if k.fields == condition.columns)
        there, here = quote(key.reference_fields[0]), quote(key.fields[0])
        target = ".".join(map(quote, key.reference.split(".")))
        known = f"select {there} from {target} where {there} is not null"  # noqa: S608 (declared names)
        return f"coalesce({here} not in ({known}), false)::int"
    return f"coalesce({broken(table, condition, {})}, false)::int"


def _key(condition: Condition) -> str:
    return ", ".join(map(quote, condition.columns))


def _repeats(con: duckdb.DuckDBPyConnection, relation: str, condition: Condition) -> bool:
    """Whether a key is really there twice, asked only where hashes are."""
    query = f"select 1 from {relation} group by {_key(condition)} having count(*) > 1 limit 1"  # noqa: S608
    return bool(con.execute(query).fetchall())


def _run(con: duckdb.DuckDBPyConnection, whole: str, expectations: Sequence[Any], name: str) -> list[bool]:
    gx = _library()
    asset = _source(con, whole).add_query_asset("rows", query=whole)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    for place, expectation in enumerate(expectations):
        expectation.meta = {"place": place}
    found = batch.validate(
        gx.ExpectationSuite(name=name, expectations=list(expectations)), result_format="BOOLEAN_ONLY"
    )
    verdict: dict[int, bool] = {}
    for result in found.results:
        info = result.exception_info
        for part in (info, *(v for v in info.values() if isinstance(v, dict))):
            if part.get("raised_exception"):
                raise EngineError(f"{name}: {result.expectation_config.type}: {part['exception_message']}")
        verdict[result.expectation_config.meta["place"]] = bool(result.success)
    if sorted(verdict) != list(range(len(expectations))):
        raise EngineError(f"{name}: {len(verdict)} of {len(expectations)} expectations answered")
    return [verdict[i] for i in range(len(expectations))]


@cache
def prove_large() -> None:
    """Canary, once per process: over SQL, what must fail fails, and what holds passes.

    Raises:
        EngineError: Great Expectations reads empty results, as it does without `_Kept`.
    """
    kinds = _library().expectations
    with duckdb.connect(":memory:") as con:
        con.execute("create table canary as select * from (values (1, 'a'), (-1, 'b'), (3, null)) t(n, c)")
        cases = [
            (kinds.ExpectColumnValuesToNotBeNull(column="c"), False),
            (kinds.ExpectColumnValuesToNotBeNull(column="n"), True),
            (kinds.ExpectColumnValuesToBeBetween(column="n", min_value=0), False),
            (kinds.ExpectColumnValuesToBeBetween(column="n", min_value=-1, max_value=3), True),
            (kinds.ExpectColumnValuesToBeInSet(column="c", value_set=["a"]), False),
            (kinds.ExpectColumnValuesToBeInSet(column="c", value_set=["a", "b"]), True),
            (
                kinds.UnexpectedRowsExpectation(unexpected_rows_query="select 1 from {batch} where n < 0"),
                False,
            ),
            (
                kinds.UnexpectedRowsExpectation(unexpected_rows_query="select 1 from {batch} where n > 9"),
                True,
            ),
        ]
        found = _run(con, "select * from canary", [e for e, _ in cases], "canary")
    if found != [good for _, good in cases]:
        raise EngineError(
            f"Great Expectations over DuckDB lets through what must fail: {found}. Install the locked versions."
        )


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
        verdict = _run(con, *_asked(table, wanted, relation), table.full_name)
        for condition, good in zip(wanted, verdict, strict=True):
            good = good or (condition.rule == "unique" and not _repeats(con, relation, condition))  # noqa: PLW2901
            rows.append(condition_check(table, condition, n_rows, 0 if good else 1, "stop"))
    for row in rows:
        row["check_id"] = row["check_id"].replace(":", ":release:", 1)
        row["kind"] = "release"
    return check_frame(rows)


_ALWAYS = (("source_file",), ("source_row",))
