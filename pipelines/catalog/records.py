"""What every layer reports: problems with single rows, and results of checks, as frames of declared shape.

The columns are those of `meta.quarantine` and `meta.checks`. The two functions stand here because `sources`
and `quality` both report and must not import each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .load import table

if TYPE_CHECKING:
    from pandas import DataFrame

QUARANTINED, KEPT_WITH_WARNING = "quarantined", "kept_with_warning"


def problem_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Problems with the columns of `meta.quarantine` but its running number; text, `source_row` int64."""
    declared = table("meta.quarantine")
    return _frame(rows, [f.name for f in declared.fields if f.name not in declared.primary_key])


def check_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Check results with the columns of `meta.checks`; text, `n_checked` and `n_failed` int64."""
    return _frame(rows, table("meta.checks").field_names)


def _frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> DataFrame:
    import pandas as pd  # late: the command line imports the catalog and must start at once

    listed = list(rows)
    whole = ("source_row", "n_checked", "n_failed")
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in listed], dtype="int64" if name in whole else "str")
            for name in columns
        }
    )
