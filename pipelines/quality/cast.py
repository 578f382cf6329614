"""Strict casts from text: a cell is empty, exactly a value of its declared type, or a failure.

No value silently becomes NULL because it did not parse: every refused cell is reported, and the rows that
contain refused cells never reach a typed table.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from ..catalog import Table
from ..catalog.sql import quote
from .sql import refused, typed

DTYPES: Mapping[str, str] = {
    "string": "str",
    "integer": "Int64",
    "number": "Float64",
    "date": "datetime64[s]",
    "datetime": "datetime64[s]",
    "boolean": "boolean",
}
# pandas dtypes for Arrow types; those of dates and timestamps come from DTYPES.
_FROM_ARROW = {
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


@dataclass(frozen=True)
class Cast:
    """A typed frame and its refused cells.

    Attributes:
        frame: declared columns with the dtypes of DTYPES, same index as the text; refused cells are NA.
        refused: column -> boolean array (n rows), True where the cell is not a value of the type.
    """

    frame: pd.DataFrame
    refused: Mapping[str, np.ndarray]


def cast(table: Table, text: pd.DataFrame) -> Cast:
    """Cast every declared column of `text` ('' = empty) to the type the catalog declares.

    Raises:
        KeyError: a declared column is missing.
    """
    fields = [f for f in table.fields if f.name != "source_row"]
    incoming = pa.table({f.name: pa.array(text[f.name], pa.string(), from_pandas=True) for f in fields})
    texts = ", ".join(f"nullif({quote(f.name)}, '') as {quote(f.name)}" for f in fields)
    cells = {f.name: (typed(f, quote(f.name)), refused(f, quote(f.name))) for f in fields}
    columns = ", ".join(
        f"case when not {bad} then {value} end as {quote(name)}, {bad} as {quote('refused ' + name)}"
        for name, (value, bad) in cells.items()
    )
    with _database(os.getpid()).cursor() as con:
        con.register("incoming", incoming)
        done = con.execute(f"select {columns} from (select {texts} from incoming)").to_arrow_table()  # noqa: S608 (declared names)
    frame = done.to_pandas(types_mapper=_FROM_ARROW.get, date_as_object=False)
    values = {
        f.name: text[f.name].astype("Int64")
        if f.name == "source_row"
        else frame[f.name].astype(DTYPES[f.type]).set_axis(text.index)
        for f in table.fields
    }
    wrong = {name: frame[f"refused {name}"].to_numpy(dtype=bool) for name in cells}
    return Cast(
        pd.DataFrame(values, index=text.index), {name: bad for name, bad in wrong.items() if bad.any()}
    )


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:
    """Return the empty database of this process: opening one takes longer than casting a small table."""
    return duckdb.connect(":memory:", config={"threads": 1})
