"""Great Expectations (GX) over SQL: one expectation per table and a single pass over its rows, whatever their
number.

The expectation's query counts, for every condition of the table, the rows that break it, and returns the
conditions with any; the result must be empty. GX offers one expectation per kind of condition instead, but its
overhead for a hundred of them exceeds the time DuckDB needs for a million rows.

GX has no DuckDB backend. It uses SQLAlchemy, and reads results after the connection has returned to the pool:
with duckdb-engine, results then come back empty and expectations pass silently. So the cursor fetches its rows
at once (`_Kept`), everything runs on our own connection, and a canary that must fail runs first.

Importing GX takes longer than all its checks. A run therefore answers with the same query itself and has GX
confirm it in a separate process (`agree`); a different verdict ends the run. Without `later`, the functions
here wait for GX.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb
import pandas as pd

from ..catalog import CatalogError, Table
from ..catalog.imports import without_garbage
from ..catalog.messages import ENVIRONMENT, Message, UserError
from ..catalog.sql import quote
from .conditions import Condition
from .questions import ROWS, Question
from .sql import broken, known_values

Later = Callable[[Question, Mapping[int, int]], None]


class EngineError(UserError):
    """The validation itself cannot be trusted: it crashed, or passed something that must fail."""

    exit_code = ENVIRONMENT


def failing_rows(
    table: Table,
    wanted: Sequence[Condition],
    typed: pd.DataFrame,
    references: Mapping[str, pd.DataFrame],
    later: Later | None = None,
) -> dict[int, list[int]]:
    """Return which rows of a frame break which condition.

    Args:
        table: its declaration. wanted: the conditions to check.
        typed: (n rows) declared columns with their types, index 0 … n-1.
        references: full name -> rows of every other table that its foreign keys reference.
        later: receives the question and our own answer, so that Great Expectations checks it elsewhere
            (`agree`); None: it checks here and now.

    Returns:
        index of the condition in the list -> sorted positions of the rows that break it; passed ones absent.

    Raises:
        EngineError: the result cannot be trusted. CatalogError: a declared rule is not SQL over the columns.
        KeyError: a reference is missing.
    """
    if later is None:
        prove()
    if typed.empty or not wanted:
        return {}
    of_keys, known = {}, {}
    for place, key in enumerate(table.foreign_keys):
        relation = ROWS if key.reference == table.full_name else f"reference_{place}"
        known[key.fields] = known_values(key, relation)
        if relation != ROWS:
            of_keys[relation] = references[key.reference][list(key.reference_fields)].drop_duplicates()
    marks = [broken(table, condition, known, ROWS) or "false" for condition in wanted]
    question = Question.of(table, typed, of_keys, marks)
    with question.opened() as con:
        _rules_are_sql(con, table, wanted)
        answer = ask if later is None else _counted
        found = answer(con, ROWS, marks, table.full_name)
        rows = {place: _positions(con, marks[place], n, table.full_name) for place, n in found.items()}
    if later is not None:
        later(question, found)
    return rows


def _counted(
    con: duckdb.DuckDBPyConnection, relation: str, wanted: Sequence[str], name: str
) -> Mapping[int, int]:
    """Return the same result as `ask`, by a query of our own."""
    try:
        rows = con.execute(_count_broken(wanted).format(batch=relation)).fetchall()
    except duckdb.Error as error:
        raise EngineError(Message("quality.suite_crashed", name=name, exception=str(error))) from error
    return {int(place): int(n) for place, n in rows}


def agree(question: Question, found: Mapping[int, int]) -> None:
    """Let Great Expectations confirm a question that was already answered.

    Args:
        found: index of a condition -> number of rows that break it, where there are any.

    Raises:
        EngineError: the result differs or cannot be trusted.
    """
    prove()
    with question.opened() as con:
        verdict = ask(con, ROWS, question.marks, question.name)
    if verdict != found:
        raise EngineError(
            Message("quality.judges_differ", name=question.name, verdict=dict(verdict), found=dict(found))
        )


def _rules_are_sql(con: duckdb.DuckDBPyConnection, table: Table, wanted: Sequence[Condition]) -> None:
    asked = {condition.rule for condition in wanted}
    for rule in (rule for rule in table.rules if rule.id in asked):
        try:
            con.execute(f"select ({rule.expr}) is distinct from false from {ROWS} limit 0")  # noqa: S608 (declared)
        except duckdb.Error as error:
            raise CatalogError(
                Message(
                    "catalog.rule_wrong",
                    full_name=table.full_name,
                    rule=rule.id,
                    expr=rule.expr,
                    error=error,
                )
            ) from error


def _positions(con: duckdb.DuckDBPyConnection, mark: str, n: int, name: str) -> list[int]:
    rows = con.execute(f'select "row no" from {ROWS} where {mark} order by 1').fetchall()  # noqa: S608 (declared)
    if len(rows) != n:
        raise EngineError(Message("quality.rows_not_named", name=name, number=n, named=len(rows)))
    return [int(row[0]) for row in rows]


@cache
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    _when_used("scipy.stats")  # a third of the import time, for distribution tests that no rule uses
    with without_garbage():
        import great_expectations  # imported late: it takes seconds
    return great_expectations


def _when_used(name: str) -> None:
    """Load a module on first use of one of its names instead of on import."""
    if name in sys.modules:
        return
    parent, _, last = name.rpartition(".")
    inside = importlib.import_module(parent)
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    setattr(inside, last, module)


class _Kept:
    """A DB-API cursor that fetches all rows when the statement runs."""

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


_making = threading.Lock()
_asked = threading.local()  # .connection: the connection this thread is querying


@cache
def _source() -> Any:
    """Return this process's GX data source, over the connection that the calling thread set with `_asking`.

    It is shared by all tables: GX writes out its whole configuration as YAML whenever a source or asset is
    added.
    """
    import duckdb_engine  # imported late: it imports SQLAlchemy
    from sqlalchemy.pool import NullPool

    class Connection(duckdb_engine.ConnectionWrapper):
        def cursor(self) -> Any:
            return _Kept(super().cursor())

        def close(self) -> None:
            """Do nothing: the connection is closed by the code that opened it."""

    return _context().data_sources.add_sql(
        "warehouse",
        connection_string="duckdb:///:memory:",
        create_temp_table=False,
        kwargs={"creator": lambda: Connection(_asked.connection), "poolclass": NullPool},
    )


@cache
def _rows_of(relation: str) -> Any:
    """Return a batch with all rows of a table or view."""
    asset = _source().add_query_asset(relation, query=f"select * from {relation}")  # noqa: S608 (declared name)
    return asset.add_batch_definition_whole_table("all")


@contextmanager
def _asking(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let GX use a cursor of `con` meanwhile, so that it sees the current state of the tables."""
    own = con.cursor()
    current = con.execute("select current_database()").fetchall()[0][0]
    own.execute(f"use {quote(current)}")
    _asked.connection = own
    try:
        yield
    finally:
        del _asked.connection
        own.close()


@cache
def _nothing_broken() -> type[Any]:
    """Return the expectation class: GX's own for queries that must return
    no rows, run once and with its rows kept."""
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
    """Return a query over `{batch}`: (index in `wanted`, number of rows for which that SQL is true), if any."""
    counts = ", ".join(f"count(*) filter (where {sql})" for sql in wanted)
    listed = f"unnest(range({len(wanted)})) as place, unnest([{counts}]) as n_broken".replace("{", "{{")
    listed = listed.replace("}", "}}")  # escape braces in patterns, which are not GX placeholders
    return f"select place, n_broken from (select {listed} from {{batch}}) where n_broken > 0"  # noqa: S608


def ask(con: duckdb.DuckDBPyConnection, relation: str, wanted: Sequence[str], name: str) -> Mapping[int, int]:
    """Return index in `wanted` -> number of rows of `relation` for which that SQL is true, if any.

    Raises:
        EngineError: GX could not run the query.
    """
    expectation = _nothing_broken()(unexpected_rows_query=_count_broken(wanted))
    with _asking(con):
        with _making:  # the first threads must not create source and asset twice
            rows_of = _rows_of(relation)
        found = rows_of.get_batch().validate(expectation, result_format="COMPLETE")
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


@cache
def prove() -> None:
    """Canary, once per process: over SQL, what must fail fails, and what must pass passes.

    Raises:
        EngineError: Great Expectations reads empty results, as it does without `_Kept`.
    """
    with duckdb.connect(":memory:") as con:
        con.execute("create table canary as select * from (values (1, 'a'), (-1, 'b'), (3, null)) t(n, c)")
        wanted = ["c is null", "n is null", "n < 0", "coalesce(not regexp_full_match(c, '[a-z]{1}'), false)"]
        found = ask(con, "canary", wanted, "canary")
        fine = ask(con, "canary", ["n is null", "n > 9"], "canary")
    if found != {0: 1, 2: 1} or fine:
        raise EngineError(Message("quality.lets_through", found=found, fine=fine))
