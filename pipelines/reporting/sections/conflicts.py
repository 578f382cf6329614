"""Statements that differ from the value used, and why they were not chosen."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ..facts.context import Context
from ..facts.queries import within
from ..model import Cell, Group, Section, Table, Text

TABLE = "mart.conflicts"
LIMIT = 40
# Code lists of columns that hold codes of several lists.
CODES = {
    "subject": "conflict_subject",
    "reason": "conflict_reason",
    "other_basis": "basis",
    "outcome": "outcome",
}
SQL = """
select conflicts.*, voting_date
from {{table}} as conflicts
join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
order by length(area_code), voting_date desc, conflict_id
"""
WIDTHS = {
    "area_name": 1.6,
    "subject": 1.0,
    "outcome": 1.2,
    "status": 1.0,
    "chosen_value": 0.9,
    "other_value": 0.9,
    "other_basis": 0.9,
    "other_date": 1.0,
    "reason": 1.8,
}


def build(ctx: Context) -> Section:
    """Conflicts of the area itself first, then of the areas in it, grouped by election."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
    if not rows:
        return Section("conflicts", ctx.words.table(TABLE), (Text((ctx.say("conflicts.none"),)),))
    order = list(ctx.elections)
    shown = sorted(rows[:LIMIT], key=lambda row: order.index(row["election_id"]), reverse=True)
    groups = tuple(
        Group(ctx.election_heading(election_id), tuple(_line(ctx, row) for row in members))
        for election_id, members in groupby(shown, key=lambda row: row["election_id"])
    )
    notes = (ctx.say("conflicts.count", n=len(rows), shown=len(shown)),)
    return Section(
        "conflicts", ctx.words.table(TABLE), (Table("", ctx.words.columns(TABLE, WIDTHS), groups, notes),)
    )


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    codes = CODES | {"status": "milestone" if row["subject"] == "recap" else "status"}
    cells = {name: ctx.words.cell(TABLE, name, row[name], codes=codes.get(name, "")) for name in WIDTHS}
    for name in ("chosen_value", "other_value"):
        cells[name] = Cell(ctx.plain(row[name]), row[name]) if row[name] else cells[name]
    return tuple(cells.values())
