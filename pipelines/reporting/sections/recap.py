"""Recapitulation: the window against the day it was finished; what is undecided stays undecided."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import LATE, NOT_JUDGED

from ..facts.context import Context
from ..facts.queries import within
from ..language import numbers
from ..language.words import DASH
from ..model import Block, Cell, Column, Figure, Group, Panel, Section, Table, Text

TABLE = "mart.recap_timeliness"
LIMITS = {"national": 40, "province": 120}  # rows shown; deeper areas show all
FIGURES = {"national": 2, "province": 3}  # elections drawn, newest first; deeper areas draw four
SQL = """
select recap.*, voting_date
from {{table}} as recap
left join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
order by voting_date desc, election_id,
         list_position(['recap_national', 'recap_province', 'recap_regency', 'recap_district'], milestone),
         area_code
"""
# For the nation: the national and provincial units, then the regencies and districts that ran latest.
NATIONAL = "level in ('national', 'province') or (is_unit and days_late > 0)"


def build(ctx: Context) -> Section:
    """Gantt figures of the newest elections, then every unit with its verdicts."""
    condition, parameters = within(ctx.area)
    counted = ctx.rows(TABLE, f"select count(*) as n from {{table}} where {condition}", parameters)  # noqa: S608
    total = sum(row["n"] for row in counted)
    if not total:
        return Section("recap", ctx.words.table(TABLE), (Text((ctx.say("recap.none"),)),))
    rows = ctx.rows(TABLE, SQL.format(condition=NATIONAL if ctx.area.is_nation else condition), parameters)
    rows = _shown(rows, LIMITS.get(ctx.area.level, len(rows)))
    blocks: list[Block] = [Text((_verdicts(ctx, condition, parameters),))]
    if figure := _figure(ctx, rows):
        blocks.append(figure)
    groups = tuple(
        Group(ctx.election_heading(election_id), tuple(_line(ctx, row) for row in members))
        for election_id, members in groupby(rows, key=lambda row: row["election_id"])
    )
    notes = (ctx.say("recap.count", n=total, shown=len(rows)), ctx.say("recap.note"))
    blocks.append(Table("", _columns(ctx), groups, notes))
    return Section("recap", ctx.words.table(TABLE), (*blocks, *ctx.caveats(TABLE)))


def _shown(rows: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """If there are too many: the nation's rows and those with most days late, in the order they came."""
    if len(rows) <= limit:
        return rows

    def rank(i: int) -> tuple[bool, int, int]:
        return rows[i]["level"] != "national", -(rows[i]["days_late"] or 0), i

    places = sorted(range(len(rows)), key=rank)[:limit]
    return [rows[i] for i in sorted(places)]


def _verdicts(ctx: Context, condition: str, parameters: list[Any]) -> str:
    """How many units got which verdict against the window."""
    counts = ctx.rows(
        TABLE,
        f"select verdict, count(*) as n from {{table}} where is_unit and {condition} group by verdict"  # noqa: S608
        " order by list_position(['on_time', 'late', 'late_at_least', 'undecided', 'no_verdict'], verdict)",
        parameters,
    )
    parts = [
        f"{ctx.words.label('recap_verdict', row['verdict'])} {numbers.integer(row['n'], ctx.lang)}"
        for row in counts
    ]
    return ctx.say("recap.verdicts", n=sum(row["n"] for row in counts), parts="; ".join(parts) or DASH)


def _figure(ctx: Context, rows: list[dict[str, Any]]) -> Figure | None:
    from ..figures.gantt import gantt  # matplotlib is slow to import

    panels: list[Panel] = []
    for election_id, members in groupby(rows, key=lambda row: row["election_id"]):
        dated = [r for r in members if r["is_unit"] and r["deadline"] and r["date_kind"] != "snapshot"]
        if dated and len(panels) < FIGURES.get(ctx.area.level, 4):
            panels.append(gantt(ctx, election_id, dated))
    if not panels:
        return None
    line = ctx.say(
        "figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=ctx.say("recap.basis")
    )
    return Figure(ctx.say("recap.figure"), tuple(panels), line)


def _columns(ctx: Context) -> tuple[Column, ...]:
    words = ctx.words
    return (
        words.column(TABLE, "area_name", 1.6),
        words.column(TABLE, "milestone", 1.4),
        Column(ctx.say("recap.window"), width=1.3, help=words.table("ref.stages")),
        words.column(TABLE, "extended_to", 1.15),
        words.column(TABLE, "date_completed", 1.2),
        words.column(TABLE, "days_late", 0.95),
        words.column(TABLE, "days_late_extension", 1.25),
        words.column(TABLE, "verdict", 1.3),
        words.column(TABLE, "tps_per_district", 0.9),
        Column(ctx.say("sources.column"), width=0.75),
    )


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words = ctx.words
    late = row["verdict"] in LATE
    return (
        words.cell(TABLE, "area_name", row["area_name"]),
        _milestone(ctx, row),
        _window(ctx, row),
        words.cell(TABLE, "extended_to", row["extended_to"]),
        _completed(ctx, row),
        _days(ctx, row["days_late"], row["verdict"]),
        _days(ctx, row["days_late_extension"], row["verdict_extension"]),
        Cell(words.label("recap_verdict", row["verdict"]), row["verdict"], tone="alert" if late else ""),
        words.cell(TABLE, "tps_per_district", row["tps_per_district"]),
        ctx.source_cell(row),
    )


def _milestone(ctx: Context, row: dict[str, Any]) -> Cell:
    """The milestone; said to be a part where the area does not run the recapitulation of that level."""
    label = ctx.words.label("milestone", row["milestone"])
    return Cell(label if row["is_unit"] else ctx.say("recap.part", milestone=label), row["milestone"])


def _window(ctx: Context, row: dict[str, Any]) -> Cell:
    if row["deadline"] is None:
        return ctx.words.cell(TABLE, "deadline", None)
    end = numbers.short_date(row["deadline"], ctx.lang)
    if row["deadline_basis"] == "source":
        end = ctx.say("recap.deadline_from_source", date=end)
    start = numbers.day_month(row["start_date"], ctx.lang) + "–" if row["start_date"] else ""
    return Cell(start + end, row["deadline"])


def _completed(ctx: Context, row: dict[str, Any]) -> Cell:
    """The day, read with its kind: an upper bound is `on or before`, an unfinished unit has no day."""
    kind = row["date_kind"]
    if row["date_completed"] is None:
        return Cell(ctx.words.label("date_kind", kind), kind, tone="no_data" if kind == "unknown" else "")
    day = numbers.short_date(row["date_completed"], ctx.lang)
    return Cell(
        day if kind == "exact" else f"{ctx.words.label('date_kind', kind)} {day}", row["date_completed"]
    )


def _days(ctx: Context, days: int | None, verdict: str) -> Cell:
    if days is None or verdict in NOT_JUDGED:
        return Cell(DASH, None, tone="muted")
    sign = "≥ " if verdict == "late_at_least" else ""
    return Cell(sign + numbers.signed(days, ctx.lang), days, tone="strong" if days > 0 else "")
