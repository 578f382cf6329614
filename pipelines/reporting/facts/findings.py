"""Findings of an office's own evaluations: all, those with open recommendations, and how many are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..language import numbers
from ..model import Cell
from .context import Context
from .queries import within

TABLE = "mart.findings"
SQL = """
select findings.*, label_id, label_en
from {{table}} as findings
left join (select provision_code, label_id, label_en from ref.provisions) using (provision_code)
where {condition}
order by provision_order, is_recurring desc, is_overdue desc, is_open desc, deadline nulls last, finding_id
"""


def every(ctx: Context) -> list[dict[str, Any]]:
    """Return findings in the area, by provision; recurring and overdue ones first."""
    condition, parameters = within(ctx.area)
    return list(ctx.rows(TABLE, SQL.format(condition=condition), parameters))


def still_open(ctx: Context) -> list[dict[str, Any]]:
    """Return those with an open recommendation, earliest deadline first, undated ones last."""
    rows = [row for row in every(ctx) if row["is_open"]]
    return sorted(rows, key=lambda row: (row["deadline"] is None, str(row["deadline"]), row["finding_id"]))


def counted(ctx: Context) -> str:
    """Return how many there are, recur, are open and are overdue, and the day of that evaluation."""
    rows = every(ctx)
    recurring, is_open, overdue = (
        sum(bool(row[k]) for row in rows) for k in ("is_recurring", "is_open", "is_overdue")
    )
    day = numbers.long_date(rows[0]["judged_on"], ctx.lang)
    return ctx.say("findings.count", n=len(rows), recurring=recurring, open=is_open, overdue=overdue, day=day)


def cells(ctx: Context, names: Sequence[str], row: dict[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of a finding; an overdue deadline is marked."""
    made = list(ctx.words.cells(TABLE, tuple(names), row))
    if row["is_overdue"] and "deadline" in names:
        at = list(names).index("deadline")
        made[at] = replace(made[at], text=ctx.say("findings.overdue", day=made[at].text))
    return tuple(made)
