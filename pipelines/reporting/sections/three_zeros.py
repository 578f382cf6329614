"""Page one: target zero against what happened, and how it developed over the elections."""

from __future__ import annotations

from typing import Any

from .. import numbers
from ..context import Context
from ..model import Cell, Column, Figure, Group, Section, Table
from ..realisation import TABLE, ZEROS, attainment, brief_cell, full_cell, short_label, unit

ORDER = 10
RATES = "mart.rates"
DRAWN = ("psu", "psu_court", "late_recap", "dispute")


def build(ctx: Context) -> Section:
    """Sasaran, indikator, target, realisasi, capaian; then the trend as figure and table."""
    rows = ctx.rows(
        TABLE, "select * from {table} where area_code = ? order by voting_date, election_id", [ctx.area.code]
    )
    by_key = {(row["election_id"], row["outcome"]): row for row in rows}
    elections = list(dict.fromkeys(row["election_id"] for row in rows))
    blocks = (_targets(ctx, by_key, elections), _trend_figure(ctx, by_key, elections))
    return Section(
        "three_zeros",
        ctx.words.table(TABLE),
        (*(block for block in blocks if block), _trend_table(ctx, by_key, elections), *ctx.caveats(TABLE)),
    )


def latest(ctx: Context, elections: list[str]) -> list[str]:
    """The latest regional election and the latest other election, newest first."""
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
    groups = []
    for election_id in latest(ctx, elections):
        lines = []
        for goal, outcomes in ZEROS.items():
            for outcome in outcomes:
                if row := by_key.get((election_id, outcome)):
                    rate = rates.get((election_id, outcome))
                    lines.append(_target_line(ctx, goal, row, rate))
        groups.append(Group(ctx.election_heading(election_id), tuple(lines)))
    say, words = ctx.say, ctx.words
    columns = (
        Column(say("zeros.goal"), width=1.3),
        Column(say("zeros.indicator"), width=2.0),
        words.column(TABLE, "target", 0.6),
        Column(words.field(TABLE, "value"), width=1.9, help=say("zeros.realisation_help")),
        Column(say("zeros.rate", rate=words.field(RATES, "rate")), "end", 1.2),
        Column(say("zeros.attainment"), width=1.2),
        Column(say("sources.column"), width=0.6),
    )
    return Table(say("zeros.latest"), columns, tuple(groups), (say("zeros.attainment_note"),))


def _target_line(ctx: Context, goal: str, row: dict[str, Any], rate: dict[str, Any] | None) -> tuple[Cell, ...]:
    return (
        Cell(ctx.say(f"goal.{goal}"), goal),
        Cell(ctx.say(f"indicator.{row['outcome']}"), row["outcome"]),
        ctx.words.cell(TABLE, "target", row["target"]),
        full_cell(ctx, row),
        _rate_cell(ctx, rate),
        attainment(ctx, row),
        ctx.source_cell(row),
    )


def _rate_cell(ctx: Context, rate: dict[str, Any] | None) -> Cell:
    if rate is None:
        return ctx.words.cell(RATES, "rate", None)
    low, mid, high = (
        numbers.decimal(rate[name], ctx.lang, 2) for name in ("rate_low", "rate", "rate_high")
    )
    return Cell(f"{mid} ({low}–{high})", rate["rate"])


def _trend_figure(
    ctx: Context, by_key: dict[tuple[str, str], dict[str, Any]], elections: list[str]
) -> Figure | None:
    from ..figures import trend  # matplotlib is slow to import

    panels = []
    for outcome in DRAWN:
        series = [(e, by_key[e, outcome]) for e in elections if (e, outcome) in by_key]
        if any(row["value"] is not None for _, row in series) or (series and outcome != "psu_court"):
            panels.append(trend(ctx, outcome, series))
    if not panels:
        return None
    line = ctx.say("figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=ctx.say("trend.basis"))
    return Figure(ctx.say("trend.title"), tuple(panels), line)


def _trend_table(ctx: Context, by_key: dict[tuple[str, str], dict[str, Any]], elections: list[str]) -> Table:
    outcomes = list(dict.fromkeys(outcome for _, outcome in by_key))
    known = [o for o in ("psu", "psl", "pss", "pssu", "psu_court", "late_recap", "dispute") if o in outcomes]
    known += [o for o in outcomes if o not in known]
    columns = [ctx.words.column(TABLE, "election_id", 1.5), ctx.words.column(TABLE, "n_tps", 0.9)]
    for outcome in known:
        unit_text = unit(outcome, ctx.lang)
        help_text = f"{ctx.words.label('outcome', outcome)} ({unit_text})"
        columns.append(Column(short_label(ctx, outcome), "end", 1.0, help_text))
    rows = []
    for election_id in reversed(elections):
        cells = [brief_cell(ctx, by_key.get((election_id, outcome))) for outcome in known]
        sizes = [row["n_tps"] for (e, _), row in by_key.items() if e == election_id and row["n_tps"]]
        name = ctx.elections[election_id].short if election_id in ctx.elections else election_id
        size = ctx.words.cell(TABLE, "n_tps", max(sizes, default=None))
        rows.append((Cell(name, election_id), size, *cells))
    notes = (ctx.say("trend.note"),)
    return Table(ctx.say("trend.table"), tuple(columns), (Group("", tuple(rows)),), notes)
