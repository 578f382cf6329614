"""Disputes: numbers registered and granted, then the cases in the register, without names of persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import GRANTED

from ..facts.context import Context
from ..facts.queries import within
from ..facts.values import value_text
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.disputes"
SEE = "method"
COUNTS = "mart.dispute_counts"
WIDTHS = {
    "case_id": 2.0,
    "area_name": 1.3,
    "contest": 0.9,
    "petitioner_kind": 1.0,
    "date_decided": 0.9,
    "verdict": 1.0,
    "order_kind": 1.6,
}
LIMITS = {"national": 40, "province": 150}
SQL = """
select disputes.*, voting_date
from {{table}} as disputes
left join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
order by voting_date desc, election_id, (verdict in ('granted', 'granted_part')) desc nulls last,
         forum, contest, area_code, case_id, dispute_id
"""


def build(ctx: Context) -> Section:
    """Build the counts per election and contest group, then the single cases."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
    blocks: list[Block] = [*_counts(ctx), *_cases(ctx, rows)]
    if not blocks:
        blocks = [Text((ctx.say("disputes.none"),))]
    return Section("disputes", ctx.words.table(TABLE), (*blocks, *ctx.caveats(TABLE, COUNTS)), see=SEE)


def _counts(ctx: Context) -> tuple[Table, ...]:
    rows = ctx.rows(
        COUNTS,
        "select counts.*, voting_date from {table} as counts"
        " left join (select election_id, voting_date from ref.elections) using (election_id)"
        " where area_code = ? and coverage <> 'no_data'"
        " order by voting_date desc, election_id, contest_group, measure desc",
        [ctx.area.code],
    )
    if not rows:
        return ()
    columns = (
        ctx.words.column(COUNTS, "election_id", 1.8),
        ctx.words.column(COUNTS, "contest_group", 1.6),
        Column(ctx.say("disputes.registered"), "end", 1.2),
        Column(ctx.say("disputes.granted"), "end", 1.2),
        ctx.words.column(COUNTS, "n_cases", 1.2),
        Column(ctx.say("sources.column"), width=0.8),
    )
    lines = []
    for (election_id, group), members in groupby(rows, key=lambda r: (r["election_id"], r["contest_group"])):
        by_measure = {row["measure"]: row for row in members}
        known = max((row["n_cases"] or 0 for row in by_measure.values()), default=0)
        sources = dict.fromkeys(n for row in by_measure.values() for n in ctx.cite(row))
        lines.append(
            (
                Cell(ctx.election_name(election_id), election_id),
                ctx.words.cell(COUNTS, "contest_group", group),
                _count(ctx, by_measure.get("registered")),
                _count(ctx, by_measure.get("granted")),
                ctx.words.cell(COUNTS, "n_cases", known),
                Cell("", None, tuple(sources)),
            )
        )
    return (Table(ctx.words.table(COUNTS), columns, (Group("", tuple(lines)),)),)


def _count(ctx: Context, row: dict[str, Any] | None) -> Cell:
    text = value_text(ctx, row) if row else ""
    if not row or not text:
        return Cell(ctx.words.label("coverage", "no_data"), None, tone="no_data")
    return Cell(text, row["value"], tone="strong" if row["value"] else "")


def _cases(ctx: Context, rows: list[dict[str, Any]]) -> tuple[Table, ...]:
    if not rows:
        return ()
    words, shown = ctx.words, rows[: LIMITS.get(ctx.area.level, len(rows))]
    # The nation's page lists only granted cases; every other case is on the page of its area.
    names = [name for name in WIDTHS if name != "petitioner_kind" or not ctx.area.is_nation]
    if ctx.area.is_nation:
        shown = [row for row in shown if row["verdict"] in GRANTED] or shown
    groups = tuple(
        Group(ctx.election_heading(election_id), tuple(_line(ctx, row, names) for row in members))
        for election_id, members in groupby(shown, key=lambda row: row["election_id"])
    )
    columns = (
        *words.columns(TABLE, {name: WIDTHS[name] for name in names}),
        Column(ctx.say("sources.column"), width=0.75),
    )
    notes = (ctx.say("disputes.count", n=len(rows), shown=len(shown)),)
    return (Table(ctx.say("disputes.cases"), columns, groups, notes),)


def _line(ctx: Context, row: dict[str, Any], names: Sequence[str]) -> tuple[Cell, ...]:
    granted = row["verdict"] in GRANTED
    cells = {name: ctx.words.cell(TABLE, name, row[name]) for name in names}
    cells["area_name"] = ctx.words.cell(
        TABLE, "area_name", row["area_name"] and numbers.short_area(row["area_name"])
    )
    if granted:
        cells["verdict"] = replace(cells["verdict"], tone="strong")
    cells["order_kind"] = _order(ctx, row)
    return (*cells.values(), ctx.source_cell(row))


def _order(ctx: Context, row: dict[str, Any]) -> Cell:
    """Return what the court ordered and at how many stations; the stations themselves are in the data."""
    kind = ctx.words.cell(TABLE, "order_kind", row["order_kind"])
    if row["order_n_tps"] is None:
        return kind
    size = ctx.say("disputes.order_size", n=row["order_n_tps"])
    return Cell(f"{kind.text}: {size}" if row["order_kind"] else size, row["order_kind"])
