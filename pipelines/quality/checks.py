"""Check results of a table as rows of `meta.checks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import Table
from ..catalog.messages import Given, Joined, Message, Text
from ..catalog.records import check_frame, in_languages
from .conditions import Condition

FEW, MANY, MOST = 10, 1000, 0.5
_COUNTED: Mapping[str, str] = {
    "type": "quality.count_type",
    "required": "quality.count_required",
    "unique": "quality.count_unique",
    "allowed_value": "quality.count_allowed_value",
    "pattern": "quality.count_pattern",
    "range": "quality.count_range",
    "foreign_key": "quality.count_foreign_key",
    "duplicate_row": "quality.count_duplicate_row",
}


def check(
    table: str,
    rule: str,
    kind: str,
    severity: str,
    status: str,
    counts: tuple[int, int],
    observed: str,
    expected: str,
    words: Mapping[str, str],
    about: str = "",
) -> dict[str, Any]:
    """Return one row of `meta.checks`; `counts` = (checked, failed); `about` distinguishes checks of one rule."""
    return {
        "check_id": f"{table}:{rule}{f'({about})' if about else ''}",
        "table_name": table,
        "rule": rule,
        "kind": kind,
        "severity": severity,
        "status": status,
        "n_checked": counts[0],
        "n_failed": counts[1],
        "observed": observed,
        "expected": expected,
        **in_languages(words),
    }


def condition_check(
    table: Table, condition: Condition, n_checked: int, n_failed: int, severity: str
) -> dict[str, Any]:
    """Return the result of one condition over `n_checked` rows."""
    failed = "warn" if severity == "warn" else "fail"
    return check(
        table.full_name,
        condition.rule,
        "table" if condition.rule == "unique" else "row",
        severity,
        failed if n_failed else "pass",
        (n_checked, n_failed),
        str(n_failed),
        condition.expected,
        _sentence(condition, n_failed),
        ", ".join(condition.columns),
    )


def check_rows(
    table: Table,
    wanted: Sequence[Condition],
    counts: Mapping[str, int],
    n_read: int,
    n_kept: int,
    n_unreadable: int,
) -> pd.DataFrame:
    """Return every check of a validated table: types, conditions, duplicates, and thresholds that stop the run.

    Args:
        wanted: the conditions that were evaluated.
        counts: number of failing rows per `type(column)`, `duplicate_row` and `Condition.id`.
        n_read: rows of the text. n_kept: rows kept. n_unreadable: rows that could not be split into columns.
    """
    types = [
        Condition("type", (f.name,), expected=f.type)
        for f in table.source_fields
    ]  # fmt: skip
    rows = [
        condition_check(table, c, n_read, counts.get(c.id, 0), "quarantine") | {"kind": "type"} for c in types
    ]
    repeated = Condition("duplicate_row", (), expected="no row twice")
    rows.append(
        condition_check(table, repeated, n_read, counts.get("duplicate_row", 0), "quarantine")
        | {"kind": "table"}
    )
    rows += [condition_check(table, c, n_read, counts.get(c.id, 0), c.severity) for c in wanted]
    rows.append(enough_rows(table, n_kept))
    rows.append(_threshold(table, n_read + n_unreadable, n_read + n_unreadable - n_kept))
    return check_frame(rows)


def enough_rows(table: Table, n_kept: int) -> dict[str, Any]:
    """Check that enough rows are left; too few stop the run."""
    good = n_kept >= table.min_rows
    words = Joined(
        Message("quality.rows_left", n_kept=n_kept, min_rows=table.min_rows),
        "" if good else Message("quality.look_at_quarantine"),
    )
    status = "pass" if good else "fail"
    counts = (n_kept, max(table.min_rows - n_kept, 0))
    return check(
        table.full_name,
        "min_rows",
        "table",
        "stop",
        status,
        counts,
        str(n_kept),
        f">= {table.min_rows}",
        words,
    )


def _threshold(table: Table, n_read: int, n_gone: int) -> dict[str, Any]:
    share, limit = n_gone / n_read if n_read else 0.0, table.max_quarantine_share
    good = share <= limit
    # In added data, a few bad rows that a person can still review are left out and the rest is used. If most
    # rows are bad, or too many to review, it is the wrong file or the wrong columns.
    few = table.is_optional and (n_gone < FEW or (n_gone <= MANY and share <= MOST))
    words = Joined(
        Message("quality.quarantine_share", n_gone=n_gone, n_read=n_read, share=share, limit=limit),
        "" if good else Message("quality.good_rows_used" if few else "quality.too_many_rows"),
        "" if good else Message("quality.mend_rows"),
    )
    return check(
        table.full_name,
        "max_quarantine_share",
        "threshold",
        "stop",
        "pass" if good else "warn" if few else "fail",
        (n_read, n_gone),
        f"{share:.4f}",
        f"<= {limit:g}",
        words,
    )


def _sentence(condition: Condition, n_failed: int) -> Text:
    if condition.message:
        return Given(condition.message)
    columns = ", ".join(condition.columns)
    return Message(_COUNTED[condition.rule], n_failed=n_failed, columns=columns, expected=condition.expected)
