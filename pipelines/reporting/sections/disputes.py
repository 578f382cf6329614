"""Disputes: how many were registered and granted, then the cases the register knows, without names of persons."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import GRANTED

from ..facts.context import Context
from ..facts.queries import within
from ..facts.values import value_text
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.disputes"
COUNTS = "mart.dispute_counts"
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
    """Counts per election and group of contests; then case by case."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
    blocks: list[Block] = [*_counts(ctx), *_cases(ctx, rows)]
    if not blocks:
        blocks = [Text((ctx.say("disputes.none"),))]
    return Section("disputes", ctx.words.table(TABLE), (*blocks, *ctx.caveats(TABLE, COUNTS)))


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
    groups = tuple(
        Group(ctx.election_heading(election_id), tuple(_line(ctx, row) for row in members))
        for election_id, members in groupby(shown, key=lambda row: row["election_id"])
    )
    widths = {
        "case_id": 1.7,
        "area_name": 1.3,
        "forum": 0.9,
        "contest": 0.9,
        "petitioner_kind": 0.9,
        "date_decided": 0.9,
        "verdict": 1.0,
        "order_kind": 1.1,
        "order_scope": 1.9,
    }
    columns = (*words.columns(TABLE, widths), Column(ctx.say("sources.column"), width=0.75))
    notes = (ctx.say("disputes.count", n=len(rows), shown=len(shown)),)
    return (Table(ctx.say("disputes.cases"), columns, groups, notes),)


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    granted = row["verdict"] in GRANTED
    verdict = ctx.words.cell(TABLE, "verdict", row["verdict"])
    return (
        *ctx.words.cells(
            TABLE, ("case_id", "area_name", "forum", "contest", "petitioner_kind", "date_decided"), row
        ),
        Cell(verdict.text, verdict.value, tone="strong" if granted else verdict.tone),
        ctx.words.cell(TABLE, "order_kind", row["order_kind"]),
        _scope(ctx, row),
        ctx.source_cell(row),
    )


def _scope(ctx: Context, row: dict[str, Any]) -> Cell:
    scope = ctx.words.cell(TABLE, "order_scope", row["order_scope"])
    if row["order_n_tps"] is None:
        return scope
    size = ctx.say("disputes.order_size", n=row["order_n_tps"])
    return Cell(f"{size}: {scope.text}" if row["order_scope"] else size, row["order_scope"])
