"""Findings of an office's own evaluation by the seven provisions; only if there are any."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ..facts import findings
from ..facts.context import Context
from ..model import Cell, Column, Group, Section, Table

TABLE = findings.TABLE
MOST = 200
SHOWN = {
    "area_name": 1.1,
    "finding_stage": 1.0,
    "problem": 2.2,
    "recommendation": 2.0,
    "responsible": 1.1,
    "deadline": 0.9,
    "finding_status": 0.9,
    "n_elections": 0.8,
}


def build(ctx: Context) -> Section | None:
    """Build the findings in the area, one group per provision."""
    rows = findings.every(ctx)
    if not rows:
        return None
    groups = tuple(
        Group(_heading(ctx, order, members := list(found)), tuple(_line(ctx, row) for row in members))
        for order, found in groupby(rows[:MOST], key=lambda row: row["provision_order"])
    )
    columns = (*ctx.words.columns(TABLE, SHOWN), Column(ctx.say("sources.column"), width=0.75))
    notes = (
        findings.counted(ctx),
        *((ctx.say("findings.shown", n=MOST),) if len(rows) > MOST else ()),
    )
    title = ctx.words.table(TABLE)
    return Section("findings", title, (Table(title, columns, groups, notes), *ctx.caveats(TABLE)))


def _heading(ctx: Context, order: int, members: list[dict[str, Any]]) -> str:
    label = members[0]["label_id" if ctx.lang == "id" else "label_en"]
    return f"{order}. {label}"


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    return (*findings.cells(ctx, tuple(SHOWN), row), ctx.source_cell(row))
