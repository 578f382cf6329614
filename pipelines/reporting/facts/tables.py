"""Fingerprints of whole tables: queries on an unchanged table need not be repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import duckdb

from pipelines.catalog.sql import literal, quote
from pipelines.catalog.vocabulary import LAYERS

_NAMED = re.compile(rf"\b(?:{'|'.join(LAYERS)})\.\w+")
Prints = Mapping[str, str]  # table -> fingerprint of its rows


@cache
def named(sql: str) -> frozenset[str]:
    """Return the tables and views named in a statement."""
    return frozenset(_NAMED.findall(sql))


def fingerprints(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """Return a fingerprint of columns, rows and row order for each table; views and missing tables have none."""
    stored = con.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    there = sorted({*tables} & {name for (name,) in stored})
    if not there:
        return {}
    found = con.execute(" union all ".join(map(_of_rows, there))).fetchall()
    columns = dict(
        con.execute(
            "select schema_name || '.' || table_name, hash(string_agg(column_name || ' ' || data_type, ', ' order by"
            " column_index))::varchar from duckdb_columns() where not internal group by all"
        ).fetchall()
    )
    return {name: f"{n} {rows} {columns[name]}" for name, n, rows in found}


def _of_rows(name: str) -> str:
    """Return a statement for the name, the number of rows and a digest of all rows with their positions."""
    layer, _, table = name.partition(".")
    # Hashed again with the position: the hash of two values is a sum, in which rows could be swapped unnoticed.
    rows = "bit_xor(hash(hash(one)::varchar || ' ' || rowid))::varchar"
    return f"select {literal(name)}, count(*), {rows} from {quote(layer)}.{quote(table)} as one"  # noqa: S608


def same(before: Prints, now: Prints) -> frozenset[str]:
    """Return the tables whose rows are unchanged."""
    return frozenset(name for name, rows in now.items() if before.get(name) == rows)
