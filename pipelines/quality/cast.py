"""Text to types, strictly: a cell is empty, or it is exactly a value of its declared type, or it is a failure.

No value becomes NULL because it did not parse: the failures name every cell that was refused, and the rows
that hold them never reach a typed table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..catalog import Table

DTYPES: Mapping[str, str] = {
    "string": "str",
    "integer": "Int64",
    "number": "Float64",
    "date": "datetime64[s]",
    "datetime": "datetime64[s]",
    "boolean": "boolean",
}
_INTEGER = r"-?(0|[1-9][0-9]{0,17})"
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATETIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?"


@dataclass(frozen=True)
class Cast:
    """A typed frame and the cells that were refused.

    Attributes:
        frame: declared columns with the dtypes of DTYPES, same index as the text; refused cells are NA.
        refused: column -> boolean array (n rows), True where the cell is not a value of the type.
    """

    frame: pd.DataFrame
    refused: Mapping[str, np.ndarray]


def cast(table: Table, text: pd.DataFrame) -> Cast:
    """Cast every declared column of `text` ('' = empty) to the type the catalog declares.

    Raises:
        KeyError: a declared column is not there at all.
    """
    typed: dict[str, pd.Series] = {}
    refused: dict[str, np.ndarray] = {}
    for field in table.fields:
        column = text[field.name]
        if field.name == "source_row":
            typed[field.name] = column.astype("Int64")
            continue
        # Each distinct text is cast once: registers repeat their values, and hashing is cheaper than parsing.
        codes, distinct = pd.factorize(column.astype("object"), use_na_sentinel=False)
        texts = pd.Series(distinct, dtype="object").fillna("").astype("object")
        empty = (texts == "").to_numpy(dtype=bool)
        values, good = CASTS[field.type](texts)
        bad = ~(np.asarray(good, dtype=bool) | empty)
        cast_values = values.mask(bad | empty).astype(DTYPES[field.type])  # type: ignore[call-overload]
        series = cast_values.take(codes)
        series.index = column.index
        typed[field.name] = series
        if bad.any():
            refused[field.name] = bad[codes]
    return Cast(pd.DataFrame(typed, index=text.index), refused)


def _matches(texts: pd.Series, pattern: str) -> np.ndarray:
    full = re.compile(pattern).fullmatch
    return np.fromiter((full(t) is not None for t in texts), dtype=bool, count=len(texts))


def _string(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    # A cell of blanks looks empty to people and is not empty to a computer: refuse it rather than guess.
    return texts, np.fromiter((t.strip() != "" for t in texts), dtype=bool, count=len(texts))


def _integer(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    good = _matches(texts, _INTEGER)
    return pd.Series(texts.where(good, "0").astype("int64"), dtype="Int64"), good


def _number(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    good = _matches(texts, _NUMBER)
    values = texts.where(good, "0").astype("float64")
    return values.astype("Float64"), good & np.isfinite(values.to_numpy())


def _moment(pattern: str) -> Callable[[pd.Series], tuple[pd.Series, np.ndarray]]:
    def parse(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
        shaped = texts.where(_matches(texts, pattern))
        values = pd.to_datetime(shaped, format="ISO8601", errors="coerce").astype("datetime64[s]")
        return values, values.notna().to_numpy()

    return parse


def _boolean(texts: pd.Series) -> tuple[pd.Series, np.ndarray]:
    return (texts == "true").astype("boolean"), texts.isin(["true", "false"]).to_numpy()


CASTS: Mapping[str, Callable[[pd.Series], tuple[pd.Series, np.ndarray]]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "date": _moment(_DATE),
    "datetime": _moment(_DATETIME),
    "boolean": _boolean,
}
