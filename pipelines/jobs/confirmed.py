"""What the served release, confirmed by Great Expectations, says of tables that are the same again.

The step `derive` notes which tables are the same; in another step, they need not be checked or compared again.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.catalog.records import check_frame, problem_frame
from pipelines.catalog.sql import quote
from pipelines.catalog.vocabulary import CHECKS_OF_SEVERAL
from pipelines.warehouse import releases

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.jobs.run import Run

Rows = dict[str, list[dict[str, Any]]]  # by the table that they describe
_SAME = "same.json"


def note(run: Run, names: Collection[str]) -> None:
    """Note the tables of this run that are the same as in the served release."""
    releases.write_json(run.work / _SAME, {"tables": sorted(names)})


def noted(run: Run) -> frozenset[str]:
    """Return the tables that were noted; none if the step `derive` was not part of this run."""
    return frozenset(map(str, releases.read_json(run.work / _SAME).get("tables", ())))


class Confirmed:
    """Check results and problems of the tables of one release, as `quality` returned them."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def checks(self, name: str) -> list[dict[str, Any]]:
        """Return a table's own check results, as dictionaries: one frame for many tables is faster to build."""
        return [row for row in self._checks.get(name, ()) if row["kind"] not in CHECKS_OF_SEVERAL]

    def problems(self, name: str) -> pd.DataFrame:
        """Return the problems of a table's rows."""
        return problem_frame(self._problems.get(name, ()))

    @cached_property
    def _checks(self) -> Rows:
        return _rows(self._con, "meta.checks", check_frame())

    @cached_property
    def _problems(self) -> Rows:
        return _rows(self._con, "meta.quarantine", problem_frame())


def _rows(con: duckdb.DuckDBPyConnection, described: str, like: pd.DataFrame) -> Rows:
    """Return the rows of a table of the schema meta by the table that they describe."""
    columns = ", ".join(map(quote, like.columns))
    layer, _, table = described.partition(".")
    rows = con.execute(f"select {columns} from {quote(layer)}.{quote(table)} order by all").fetchall()  # noqa: S608 (declared names)
    found: Rows = {}
    for row in (dict(zip(like.columns, values, strict=True)) for values in rows):
        found.setdefault(str(row["table_name"]), []).append(row)
    return found
