"""Page one: the target of zero against what happened, and its development over the elections."""

from __future__ import annotations

from typing import Any

from ..facts.context import Context
from ..facts.evidence import Evidence
from ..facts.values import OF_AREA, TABLE, ZEROS, attainment, full_cell
from ..language import numbers
from ..model import Cell, Column, Figure, Group, Section, Table

RATES = "mart.rates"
DRAWN = tuple(ZEROS)  # one panel per zero


def build(ctx: Context) -> Section:
    """Build the table sasaran, indikator, target, realisasi, capaian; then the trend as a figure."""
    by_key, elections = _values(ctx)
    blocks = (_targets(ctx, by_key, elections), _trend_figure(ctx, by_key, elections))
    return Section(
        "three_zeros",
        ctx.words.table(TABLE),
        tuple(block for block in blocks if block),
    )


def targets(ctx: Context) -> Table:
    """Return the table of targets alone, for the entry page."""
    return _targets(ctx, *_values(ctx))


def _values(ctx: Context) -> tuple[dict[tuple[str, str], dict[str, Any]], list[str]]:
    """Return rows by election and outcome, and the elections, oldest first."""
    rows = ctx.rows(TABLE, OF_AREA, [ctx.area.code])
    by_key = {(row["election_id"], row["outcome"]): row for row in rows}
    return by_key, list(dict.fromkeys(row["election_id"] for row in rows))


def latest(ctx: Context, elections: list[str]) -> list[str]:
    """Return the latest regional election and the latest other election, newest first."""
    found: dict[bool, str] = {}
    for election_id in elections:
        known = ctx.elections.get(election_id)
        found[known is not None and known.kind == "regional"] = election_id
    return sorted(found.values(), key=elections.index, reverse=True)


def _targets(ctx: Context, by_key: dict[tuple[str, str], dict[str, Any]], elections: list[str]) -> Table:
    rates = {
        (row["election_id"], row["outcome"]): row
        for row in ctx.rows(RATES, "select * from {table} where area_code = ?", [ctx.area.code])
    }
    groups, evidence = [], Evidence(ctx)
    for election_id in latest(ctx, elections):
        lines = []
        for goal, outcomes in ZEROS.items():
            for outcome in outcomes:
                if row := by_key.get((election_id, outcome)):
                    rate = rates.get((election_id, outcome))
                    lines.append(_target_line(ctx, evidence, goal, row, rate))
        groups.append(Group(ctx.election_heading(election_id), tuple(lines)))
    say, words = ctx.say, ctx.words
    columns = (
        Column(say("zeros.goal"), width=1.7),
        Column(say("zeros.indicator"), width=2.4),
        words.column(TABLE, "target", 0.75),
        Column(words.field(TABLE, "value"), width=2.0, help=say("zeros.realisation_help")),
        Column(say("zeros.rate", rate=words.field(RATES, "rate")), "end", 1.5),
        words.column(TABLE, "coverage", 1.3),
        Column(say("zeros.attainment"), width=1.6),
        Column(say("sources.column"), width=1.1),
    )
    return Table("", columns, tuple(groups), (say("zeros.attainment_note"),))


def _target_line(
    ctx: Context, evidence: Evidence, goal: str, row: dict[str, Any], rate: dict[str, Any] | None
) -> tuple[Cell, ...]:
    return (
        Cell(ctx.say(f"goal.{goal}"), goal),
        Cell(ctx.say(f"indicator.{row['outcome']}"), row["outcome"]),
        ctx.words.cell(TABLE, "target", row["target"]),
        full_cell(ctx, row),
        _rate_cell(ctx, rate),
        _coverage(ctx, row),
        attainment(ctx, row),
        evidence.cell(row),
    )


def _coverage(ctx: Context, row: dict[str, Any]) -> Cell:
    """Return the word for coverage, unless the missing value is already explained."""
    known = None if row["value"] is None else row["coverage"]
    return ctx.words.cell(TABLE, "coverage", known)


def _rate_cell(ctx: Context, rate: dict[str, Any] | None) -> Cell:
    if rate is None:
        return ctx.words.cell(RATES, "rate", None)
    low, mid, high = (numbers.decimal(rate[name], ctx.lang, 2) for name in ("rate_low", "rate", "rate_high"))
    return Cell(f"{mid} ({low}–{high})", rate["rate"])


def _trend_figure(
    ctx: Context, by_key: dict[tuple[str, str], dict[str, Any]], elections: list[str]
) -> Figure | None:
    from ..figures.trend import trend  # imported late: matplotlib is slow to import

    panels = []
    for outcome in DRAWN:
        series = [(e, by_key[e, outcome]) for e in elections if (e, outcome) in by_key]
        if series:
            panels.append(trend(ctx, outcome, series))
    if not panels:
        return None
    line = ctx.say(
        "figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=ctx.say("trend.basis")
    )
    return Figure(ctx.say("trend.title"), tuple(panels), line, per_row=3)
