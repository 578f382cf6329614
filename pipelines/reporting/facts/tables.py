"""Fingerprints of whole tables: where a table is as it was, no question about it has to be asked again."""

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
    """Tables and views that a statement names."""
    return frozenset(_NAMED.findall(sql))


def fingerprints(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """Fingerprint of columns, rows and their order of each table; views and tables that are not there have none."""
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
    """A statement for the name, the number of rows and a digest of all rows with their places."""
    layer, _, table = name.partition(".")
    # Hashed again with the place: the hash of two values is a sum of parts, which rows could exchange unseen.
    rows = "bit_xor(hash(hash(one)::varchar || ' ' || rowid))::varchar"
    return f"select {literal(name)}, count(*), {rows} from {quote(layer)}.{quote(table)} as one"  # noqa: S608


def same(before: Prints, now: Prints) -> frozenset[str]:
    """Tables whose rows are as they were."""
    return frozenset(name for name, rows in now.items() if before.get(name) == rows)
