"""Check large tables in place, inside the warehouse, before a release. A failure stops the run."""

from __future__ import annotations

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.records import check_frame
from ..catalog.sql import quote
from .checks import condition_check, enough_rows
from .conditions import Condition, conditions
from .engine import ask, prove
from .sql import broken, known_values

# Every loaded row has these.
_ALWAYS = (("source_file",), ("source_row",))


def _marks(table: Table, wanted: list[Condition]) -> list[str]:
    """Return for each condition the SQL that is true where a row breaks it."""
    known = {
        key.fields: known_values(key, ".".join(map(quote, key.reference.split("."))))
        for key in table.foreign_keys
    }
    return [broken(table, condition, known) or "false" for condition in wanted]


def _n_repeated(con: duckdb.DuckDBPyConnection, relation: str, condition: Condition) -> int:
    """Return the number of rows whose key occurs more than once.

    Different hashes mean different keys; actual keys are compared only where hashes repeat.
    """
    key = ", ".join(map(quote, condition.columns))
    whole = f"from {relation} where {' and '.join(f'{quote(c)} is not null' for c in condition.columns)}"
    hashed = f"select count(*) - count(distinct hash({key})) {whole}"
    exact = f"select coalesce(sum(n), 0) from (select count(*) as n {whole} group by {key} having n > 1)"  # noqa: S608
    n = int(con.execute(hashed).fetchall()[0][0])
    return n and int(con.execute(exact).fetchall()[0][0])


def validate_large(con: duckdb.DuckDBPyConnection, table: Table) -> pd.DataFrame:
    """Check a large table in the warehouse; a failure stops the run.

    Args:
        con: connection whose current database holds the table.
        table: its declaration; every condition is checked except those about `source_file`, `source_row`.

    Returns:
        One row per check (columns of `meta.checks`, kind `release`).
    """
    relation = f"{quote(table.layer)}.{quote(table.name)}"
    n_rows = con.execute(f"select count(*) from {relation}").fetchall()[0][0]  # noqa: S608
    wanted = [c for c in conditions(table) if c.severity != "warn" and c.columns[:1] not in _ALWAYS]
    rows = [enough_rows(table, n_rows)]
    if n_rows:
        prove()
        of_rows = [c for c in wanted if c.rule != "unique"]
        found = ask(con, relation, _marks(table, of_rows), table.full_name)
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
