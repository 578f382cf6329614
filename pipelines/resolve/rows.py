"""Rows of frames as plain Python values: missing is None, timestamps are dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa


def plain(value: Any) -> Any:
    """Return a cell as a plain Python value: NaN, NaT, NA and empty text become None, a timestamp its date."""
    if value is None or value is pd.NA or value is pd.NaT or value != value or value == "":
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return all rows of a frame as dictionaries of plain values; None gives an empty list."""
    if frame is None or frame.empty:
        return []
    names = [str(name) for name in frame.columns]
    columns = (_values(frame.iloc[:, k]) for k in range(len(names)))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series) -> list[Any]:
    """Return the plain values of a column; column-wise, since rows of mixed types are slow to build."""
    if isinstance(column.dtype, pd.StringDtype):
        return [value or None for value in pa.array(column.array).to_pylist()]
    return [plain(value) for value in column.tolist()]


def former_provinces(lineage: pd.DataFrame | None, voting_date: date) -> dict[str, str]:
    """Return today's province code -> code of the undivided province it belonged to on a voting day."""
    return {
        str(row["area_code"]): str(row["former_code"])
        for row in records(lineage)
        if row["change"] == "split" and voting_date < row["valid_to"]
    }


def as_it_stood(level: str, area_code: str, former: Mapping[str, str]) -> str:
    """Return the code of a province as it stood: a statement on `Papua` in 2019 means the undivided province.

    A province created later has no history of its own, so a code that did not exist then stays as it is.
    """
    undivided = former.get(area_code, area_code) if level == "province" else area_code
    return undivided if undivided.startswith(area_code) else area_code
