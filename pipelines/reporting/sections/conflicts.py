"""Statements that differ from the value used: both sides with actor and page, and why the other lost."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ..facts.context import Context
from ..facts.queries import within
from ..language.words import DASH
from ..model import Cell, Column, Group, Section, Table, Text

TABLE = "mart.conflicts"
LIMIT = 40
# Code list of each measure, by subject.
MEASURES = {
    "revote": "status",
    "recap": "milestone",
    "exposure": "exposure_figure",
    "dispute": "dispute_measure",
    "index": "index",
}
SQL = """
select conflicts.*, voting_date
from {{table}} as conflicts
left join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
order by length(area_code), voting_date desc nulls last, subject in ('revote', 'recap', 'dispute') desc, conflict_id
"""
WIDTHS = {
    "area_name": 1.6,
    "subject": 1.0,
    "outcome": 1.2,
    "measure": 1.0,
    "chosen_value": 0.9,
    "chosen_basis": 0.9,
    "other_value": 0.9,
    "other_basis": 0.9,
    "other_date": 1.0,
    "reason": 1.8,
}


def build(ctx: Context) -> Section:
    """Build the conflicts of the area itself, then of the areas in it, grouped by election."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
    if not rows:
        return Section("conflicts", ctx.words.table(TABLE), (Text((ctx.say("conflicts.none"),)),))
    order = ["", *ctx.elections]
    shown = sorted(rows[:LIMIT], key=lambda row: order.index(row["election_id"] or ""), reverse=True)
    groups = tuple(
        Group(_heading(ctx, election_id), tuple(_line(ctx, row) for row in members))
        for election_id, members in groupby(shown, key=lambda row: row["election_id"])
    )
    notes = (ctx.say("conflicts.count", n=len(rows), shown=len(shown)),)
    columns = (*ctx.words.columns(TABLE, WIDTHS), Column(ctx.say("sources.column"), width=0.8))
    return Section("conflicts", ctx.words.table(TABLE), (Table("", columns, groups, notes),))


def _heading(ctx: Context, election_id: str | None) -> str:
    return ctx.election_heading(election_id) if election_id else ctx.words.label("conflict_subject", "index")


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    codes = {"measure": MEASURES.get(row["subject"], "")}
    cells = {name: ctx.words.cell(TABLE, name, row[name], codes=codes.get(name, "")) for name in WIDTHS}
    for name in ("chosen_value", "other_value"):
        cells[name] = Cell(ctx.plain(row[name]), row[name]) if row[name] else cells[name]
    pages = [
        page
        for side in ("chosen", "other")
        for page in ctx.cite(
            {
                "source_url": row[f"{side}_url"],
                "source_title": row[f"{side}_title"],
                "source_date": row[f"{side}_date"],
            }
        )
    ]
    return (
        *cells.values(),
        Cell("" if pages else DASH, None, tuple(dict.fromkeys(pages)), "" if pages else "muted"),
    )
