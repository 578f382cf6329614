"""Compare tables being built with those of the served release, and copy the ones that are equal.

Two tables are equal if their rows are, one by one in key order, in which both were written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.catalog import Table
from pipelines.catalog.sql import literal, quote

from . import ddl, load
from .equal import same_rows

SERVED = "served_release"


def attach(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Attach the file of the served release to a connection of `load.writing`."""
    con.execute(f"attach {literal(str(database.resolve()))} as {SERVED} (read_only)")


def _served(table: Table) -> str:
    return f"{SERVED}.{quote(table.layer)}.{quote(table.name)}"


def _columns(table: Table) -> str:
    return ", ".join(quote(name) for name in table.field_names)


def _only_in(table: Table, one: str, other: str) -> str:
    """Return SQL for rows of `one` that `other` lacks."""
    columns = _columns(table)
    return f"(select {columns} from {one} except all select {columns} from {other})"  # noqa: S608 (declared names)


def is_same(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Return whether a new table equals that of the served release; large tables only if both are empty."""
    mine, theirs = ddl.name_of(table), _served(table)
    try:
        n_mine, n_theirs = (
            con.execute(f"select count(*) from {name}").fetchall()[0][0]  # noqa: S608 (declared names)
            for name in (mine, theirs)
        )
        if n_mine != n_theirs or (n_mine and table.is_large):
            return False
        return same_rows(con, mine, theirs, table.field_names)
    except duckdb.Error:
        return False  # one of them does not exist, or the columns differ: build it anew


def differing(con: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str]) -> pd.DataFrame:
    """Return the values of `keys`, one row each, for which any row differs from the served release."""
    mine, theirs, listed = ddl.name_of(table), _served(table), ", ".join(map(quote, keys))
    return con.execute(
        f"select distinct {listed} from (from {_only_in(table, mine, theirs)}"  # noqa: S608 (declared names)
        f" union all from {_only_in(table, theirs, mine)})"
    ).df()


def take_over(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Fill a table with its rows from the served release; returns their number."""
    return load.fill_from_select(con, table, f"select {_columns(table)} from {_served(table)}")  # noqa: S608


def fill_in_part(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pd.DataFrame,
    keys: Collection[str],
    changed: pd.DataFrame,
) -> int:
    """Fill a table with new rows for the changed keys, and with rows of the served release for all others.

    Args:
        frame: rows of the changed keys only. changed: values of `keys`, one row each.
    """
    load.fill_from_frame(con, table, frame)
    columns, listed = _columns(table), ", ".join(map(quote, keys))
    con.register("changed_keys", changed)
    con.execute(f"create or replace temp table made_anew as select {columns} from {ddl.name_of(table)}")  # noqa: S608
    try:
        return load.fill_from_select(
            con,
            table,
            f"select {columns} from made_anew union all select {columns} from {_served(table)}"  # noqa: S608
            f" where ({listed}) not in (select ({listed}) from changed_keys)",
        )
    finally:
        con.execute("drop table made_anew")
        con.unregister("changed_keys")
