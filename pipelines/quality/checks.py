"""Results of a table's checks as rows of `meta.checks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import Table
from ..catalog.records import check_frame
from .conditions import Condition

_WORDS: Mapping[str, tuple[str, str]] = {
    "type": ("nilai yang bukan {expected}", "values that are not {expected}"),
    "required": ("sel kosong pada {columns}", "empty cells in {columns}"),
    "unique": ("baris dengan {columns} ganda", "rows whose {columns} is not unique"),
    "allowed_value": ("kode tak berlaku pada {columns}", "invalid codes in {columns}"),
    "pattern": ("bentuk salah pada {columns}", "values of wrong form in {columns}"),
    "range": ("nilai di luar batas pada {columns}", "values out of range in {columns}"),
    "foreign_key": ("rujukan tak dikenal pada {columns}", "unknown references in {columns}"),
    "duplicate_row": ("baris berulang persis", "exactly repeated rows"),
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
    """One row of `meta.checks`; `counts` = (checked, failed); `about` tells apart checks of one rule."""
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
        "message_id": words["id"],
        "message_en": words["en"],
    }


def condition_check(
    table: Table, condition: Condition, n_checked: int, n_failed: int, severity: str
) -> dict[str, Any]:
    """The result of one condition over `n_checked` rows."""
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
    """Every check of a validated table: types, conditions, duplicates, and what stops the run.

    Args:
        wanted: the conditions that were evaluated.
        counts: number of failing rows per `type(column)`, `duplicate_row` and `Condition.id`.
        n_read: rows of the text. n_kept: rows kept. n_unreadable: rows that had no columns to begin with.
    """
    types = [
        Condition("type", (f.name,), "", {}, expected=f.type)
        for f in table.source_fields
    ]  # fmt: skip
    rows = [
        condition_check(table, c, n_read, counts.get(c.id, 0), "quarantine") | {"kind": "type"} for c in types
    ]
    repeated = Condition("duplicate_row", (), "", {}, expected="no row twice")
    rows.append(
        condition_check(table, repeated, n_read, counts.get("duplicate_row", 0), "quarantine")
        | {"kind": "table"}
    )
    rows += [condition_check(table, c, n_read, counts.get(c.id, 0), c.severity) for c in wanted]
    rows.append(enough_rows(table, n_kept))
    rows.append(_threshold(table, n_read + n_unreadable, n_read + n_unreadable - n_kept))
    return check_frame(rows)


def enough_rows(table: Table, n_kept: int) -> dict[str, Any]:
    """Whether enough rows are left; fewer stop the run."""
    good = n_kept >= table.min_rows
    words = {
        "id": f"{n_kept} baris tersisa; sekurangnya {table.min_rows}."
        + ("" if good else " Periksa berkas asal dan karantina: titikrawan quarantine"),
        "en": f"{n_kept} rows are left; at least {table.min_rows} are needed."
        + ("" if good else " Look at the raw file and at the quarantine: titikrawan quarantine"),
    }
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
    words = {
        "id": f"{n_gone} dari {n_read} baris dikarantina ({share:.2%}); batasnya {limit:.2%}."
        + ("" if good else " Perbaiki baris-barisnya: titikrawan quarantine"),
        "en": f"{n_gone} of {n_read} rows are in quarantine ({share:.2%}); the limit is {limit:.2%}."
        + ("" if good else " Mend the rows: titikrawan quarantine"),
    }
    return check(
        table.full_name,
        "max_quarantine_share",
        "threshold",
        "stop",
        "pass" if good else "fail",
        (n_read, n_gone),
        f"{share:.4f}",
        f"<= {limit:g}",
        words,
    )


def _sentence(condition: Condition, n_failed: int) -> dict[str, str]:
    if condition.message:
        return dict(condition.message)
    texts = _WORDS[condition.rule]
    filled = [t.format(columns=", ".join(condition.columns), expected=condition.expected) for t in texts]
    return {"id": f"{n_failed} {filled[0]}", "en": f"{n_failed} {filled[1]}"}
