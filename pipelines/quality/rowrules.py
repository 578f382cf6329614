"""Helper columns that Great Expectations cannot compute itself: declared rules in SQL, and foreign keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from ..catalog import CatalogError, Table
from ..catalog.messages import Message
from .conditions import reference_column, rule_column


def rule_results(table: Table, typed: pd.DataFrame) -> pd.DataFrame:
    """One boolean column per declared rule, True where it holds or cannot be evaluated (SQL null).

    Raises:
        CatalogError: the expression of a rule is not SQL over the columns of the table.
    """
    if not table.rules:
        return pd.DataFrame(index=typed.index)
    types = ", ".join(f'cast("{f.name}" as {f.sql_type}) as "{f.name}"' for f in table.fields)
    source = f"(select row_no, {types} from incoming)"  # noqa: S608 (names come from the catalog)
    arrow = pa.Table.from_pandas(typed, preserve_index=False)
    arrow = arrow.append_column("row_no", pa.array(range(len(typed)), pa.int64()))
    columns: dict[str, pd.Series] = {}
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.register("incoming", arrow)
        for rule in table.rules:
            query = f"select ({rule.expr}) is distinct from false from {source} order by row_no"  # noqa: S608
            try:
                rows = connection.execute(query).fetchall()
            except duckdb.Error as error:
                raise CatalogError(
                    Message(
                        "catalog.rule_wrong",
                        full_name=table.full_name,
                        rule=rule.id,
                        expr=rule.expr,
                        error=error,
                    )
                ) from error
            columns[rule_column(rule.id)] = pd.Series([r[0] for r in rows], index=typed.index, dtype="bool")
    return pd.DataFrame(columns, index=typed.index)


def reference_results(
    table: Table, typed: pd.DataFrame, references: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """One boolean column per foreign key, True where a part of the key is empty or the row is found.

    A table that points at itself is looked up in `typed`. Raises KeyError when a reference is not given.
    """
    columns = {}
    for key in table.foreign_keys:
        target = typed if key.reference == table.full_name else references[key.reference]
        columns[reference_column(key.fields)] = found_in(typed, key.fields, target, key.reference_fields)
    return pd.DataFrame(columns, index=typed.index)


def found_in(
    frame: pd.DataFrame, columns: Sequence[str], target: pd.DataFrame, target_columns: Sequence[str]
) -> pd.Series:
    """(n rows) bool: the values of `columns` stand in `target`, or one of them is empty."""
    incomplete = frame[list(columns)].isna().any(axis=1)
    if len(columns) == 1:
        # Plain objects: looking up text backed by Arrow costs ten times as much.
        values = target[target_columns[0]].dropna().to_list()
        return frame[columns[0]].astype("object").isin(values) | incomplete
    known = pd.MultiIndex.from_frame(target[list(target_columns)].drop_duplicates())
    return pd.Series(pd.MultiIndex.from_frame(frame[list(columns)]).isin(known), frame.index) | incomplete
