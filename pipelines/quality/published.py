"""Check tables that the pipeline computed: marts and derived tables.
Nothing is quarantined; a failure stops the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pandas as pd

from ..catalog import Table
from ..catalog.messages import Message
from ..catalog.records import check_frame
from .cast import DTYPES
from .checks import check, condition_check, enough_rows
from .conditions import Condition, conditions
from .engine import Later, failing_rows

_SHOWN = 5


def validate_published(
    table: Table,
    frame: pd.DataFrame,
    references: Mapping[str, pd.DataFrame] | None = None,
    held: Collection[str] = (),
    later: Later | None = None,
) -> pd.DataFrame:
    """Check a table that the pipeline computed.

    Args:
        table: its declaration.
        frame: (n rows) the rows, typed as they come from the warehouse.
        references: full name -> rows of tables that its foreign keys reference; keys without one are skipped.
        held: rules (`Condition.rule`) that the database enforced on insert; they are reported but not evaluated
            again.
        later: where Great Expectations checks (`engine.failing_rows`).

    Returns:
        One row per check (columns of `meta.checks`); severity is `stop`, or `warn` where a rule says so.
    """
    return check_frame(published_checks(table, frame, references, held, later))


def published_checks(
    table: Table,
    frame: pd.DataFrame,
    references: Mapping[str, pd.DataFrame] | None = None,
    held: Collection[str] = (),
    later: Later | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of `validate_published` as dictionaries: building one frame for many tables is faster."""
    missing = [n for n in table.field_names if n not in frame]
    foreign = [n for n in frame.columns if n not in table.field_names]
    if missing or foreign:
        return [_columns_check(table, missing, foreign)]
    typed, wrong = _typed(table, frame)
    if wrong:
        return wrong
    given = {table.full_name: typed, **(references or {})}
    table = replace(table, foreign_keys=tuple(k for k in table.foreign_keys if k.reference in given))
    wanted = conditions(table)
    reported = [c for c in wanted if c.rule in held]
    wanted = tuple(c for c in wanted if c.rule not in held)
    broken = failing_rows(table, wanted, typed, given, later)
    rows = [_columns_check(table, [], [])]
    rows += [
        condition_check(table, c, len(typed), 0, "stop") | {"observed": "held by the database"}
        for c in reported
    ]
    for index, condition in enumerate(wanted):
        failed = broken.get(index, [])
        severity = "warn" if condition.severity == "warn" else "stop"
        result = condition_check(table, condition, len(typed), len(failed), severity)
        if failed:
            shown = list(dict.fromkeys((*table.primary_key, *condition.columns)))
            examples = typed.loc[failed[:_SHOWN], shown].astype("str").to_dict("records")
            where = "; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for row in examples)
            result["observed"] = f"{len(failed)}: {where}"
            result |= {name: f"{result[name]} ({where})" for name in result if name.startswith("message_")}
        rows.append(result)
    return [*rows, enough_rows(table, len(typed))]


def _typed(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the frame with catalog types, and a failed check for every column that does not fit its type."""
    with suppress(TypeError, ValueError):
        types = {field.name: DTYPES[field.type] for field in table.fields}
        return frame[table.field_names].astype(types).reset_index(drop=True), []
    columns: dict[str, pd.Series] = {}
    wrong = []
    for field in table.fields:
        try:
            columns[field.name] = frame[field.name].astype(DTYPES[field.type])  # type: ignore[call-overload]
        except (TypeError, ValueError) as error:
            demand = Condition("type", (field.name,), expected=field.type)
            result = condition_check(table, demand, len(frame), len(frame), "stop")
            wrong.append(result | {"kind": "type", "observed": str(error)})
    return pd.DataFrame(columns).reset_index(drop=True), wrong


def _columns_check(table: Table, missing: list[str], foreign: list[str]) -> dict[str, Any]:
    good = not missing and not foreign
    expected = ", ".join(table.field_names)
    words = (
        Message("quality.columns_as_declared")
        if good
        else Message("quality.columns_differ", missing=missing, foreign=foreign)
    )
    counts = (len(table.fields), len(missing) + len(foreign))
    observed = "as declared" if good else f"missing {missing}, not declared {foreign}"
    return check(
        table.full_name,
        "columns",
        "table",
        "stop",
        "pass" if good else "fail",
        counts,
        observed,
        expected,
        words,
    )
