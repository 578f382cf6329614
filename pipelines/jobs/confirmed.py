"""What the served release, confirmed by Great Expectations, says of tables that are the same again.

The step `derive` notes which tables are the same; in another step, they need not be checked or compared again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.catalog.records import check_frame, problem_frame
from pipelines.catalog.sql import quote
from pipelines.warehouse import releases

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.jobs.run import Run

_SAME = "same.json"
# Kinds of checks that depend on one table and those that it references; others compare several tables.
_KINDS = ("row", "table", "type", "threshold")


def note(run: Run, names: Collection[str]) -> None:
    """Note the tables of this run that are the same as in the served release."""
    releases.write_json(run.work / _SAME, {"tables": sorted(names)})


def noted(run: Run) -> frozenset[str]:
    """Return the tables that were noted; none if the step `derive` was not part of this run."""
    return frozenset(map(str, releases.read_json(run.work / _SAME).get("tables", ())))


def checks(con: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """Return a table's own check results in a release, as `quality` returned them."""
    found = _rows(con, "meta.checks", name, check_frame())
    return check_frame(row for row in found if row["kind"] in _KINDS)


def problems(con: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """Return the problems of a table's rows in a release, as `quality` returned them."""
    return problem_frame(_rows(con, "meta.quarantine", name, problem_frame()))


def _rows(
    con: duckdb.DuckDBPyConnection, described: str, name: str, like: pd.DataFrame
) -> list[dict[str, Any]]:
    columns = ", ".join(map(quote, like.columns))
    layer, _, table = described.partition(".")
    statement = f"select {columns} from {quote(layer)}.{quote(table)} where table_name = ? order by 1"  # noqa: S608 (declared names)
    return [dict(zip(like.columns, row, strict=True)) for row in con.execute(statement, [name]).fetchall()]
