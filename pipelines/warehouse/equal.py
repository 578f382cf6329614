"""Whether two tables are equal row by row, in the order in which they are stored: that of their key."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.catalog.sql import quote


def same_rows(con: duckdb.DuckDBPyConnection, one: str, other: str, columns: Sequence[str]) -> bool:
    """Return whether the rows of two relations with as many rows are equal in these columns.

    The rows themselves are compared, not digests, so a hash collision cannot matter.

    Args:
        one, other: quoted names. columns: of both.
    """
    left, right = (
        f"(select {', '.join(f'{quote(name)} as {side}{at}' for at, name in enumerate(columns))} from {relation})"  # noqa: S608 (quoted names)
        for side, relation in (("a", one), ("b", other))
    )
    differs = " or ".join(f"a{at} is distinct from b{at}" for at in range(len(columns)))
    return (
        not columns
        or not con.execute(
            f"select 1 from {left} positional join {right} where {differs} limit 1"  # noqa: S608 (quoted names)
        ).fetchall()
    )
