"""Shape of what every layer reports: problems with single rows, and results of checks.

Both lists are the columns of `meta.quarantine` and `meta.checks`. They stand here because `sources` and
`quality` write them and must not import each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

PROBLEM_COLUMNS = (
    "table_name",
    "source_file",
    "source_row",
    "rule",
    "disposition",
    "column_name",
    "value",
    "message_id",
    "message_en",
    "raw_row",
)
CHECK_COLUMNS = (
    "check_id",
    "table_name",
    "rule",
    "kind",
    "severity",
    "status",
    "n_checked",
    "n_failed",
    "observed",
    "expected",
    "message_id",
    "message_en",
)
QUARANTINED, KEPT_WITH_WARNING = "quarantined", "kept_with_warning"
_COUNTS = frozenset({"source_row", "n_checked", "n_failed"})


def _frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> DataFrame:
    import pandas as pd  # late: the catalog is imported by the command line, which must start at once

    listed = list(rows)
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in listed], dtype="int64" if name in _COUNTS else "str")
            for name in columns
        }
    )


def problem_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Problems as a frame with exactly PROBLEM_COLUMNS: text, but `source_row` int64 (line in the file)."""
    return _frame(rows, PROBLEM_COLUMNS)


def check_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Check results as a frame with exactly CHECK_COLUMNS: text, but `n_checked`, `n_failed` int64."""
    return _frame(rows, CHECK_COLUMNS)
