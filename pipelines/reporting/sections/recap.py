"""Recapitulation: the window against the completion date; undecided units stay undecided."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import JUDGED, LATE, NOT_JUDGED, codes

from ..facts.context import Context
from ..facts.queries import within
from ..figures.gantt import gantt
from ..language import numbers
from ..language.words import DASH
from ..model import Block, Cell, Column, Figure, Group, Note, Panel, Section, Table, Text

TABLE = "mart.recap_timeliness"
SEE = "method"
LIMITS = {"national": 40, "province": 120}  # maximum rows; deeper areas show all
FIGURES = {"national": 2, "province": 2}  # number of elections drawn, newest first; deeper areas draw four
NAMED = 40  # maximum number of undecided units named
SQL = """
select recap.*, voting_date
from {{table}} as recap
left join (select election_id, voting_date from ref.elections) using (election_id)
where {condition}
order by voting_date desc, election_id,
         list_position(['recap_national', 'recap_province', 'recap_regency', 'recap_district'], milestone),
         not is_unit, start_date, deadline, extended_to, area_code
"""


def build(ctx: Context) -> Section:
    """Build timelines of the newest elections, every unit with its verdict, and the units without one."""
    title = ctx.words.table(TABLE)
    condition, parameters = within(ctx.area)
    everything = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
    if not everything:
        return Section("recap", title, (Text((ctx.say("recap.none"),)),), see=SEE)
    rows = [row for row in everything if _stands_here(ctx, row)]
    blocks: list[Block] = [Text((_verdicts(ctx, everything),))]
    if figure := _figure(ctx, rows):
        blocks.append(figure)
    judged = [row for row in rows if row["verdict"] in JUDGED or row["area_code"] == ctx.area.code]
    shown = _shown(judged, LIMITS.get(ctx.area.level, len(judged)))
    groups = tuple(
        Group(_heading(ctx, key), tuple(_line(ctx, row) for row in members))
        for key, members in groupby(shown, key=_window)
    )
    notes = [ctx.say("recap.note")]
    if len(shown) < len(judged):
        notes.append(ctx.say("recap.count", n=len(judged), shown=len(shown)))
    if names := _undecided(ctx, [row for row in rows if row not in judged]):
        notes.append(names)
    if groups:
        blocks.append(Table("", _columns(ctx), groups, tuple(notes)))
    else:
        blocks.append(Note(" ".join(notes)))
    return Section("recap", title, (*blocks, *ctx.caveats(TABLE)), see=SEE)


def _stands_here(ctx: Context, row: dict[str, Any]) -> bool:
    """Return whether a unit is listed on the page of this area.

    The nation lists its own units and every late unit. A province lists its units; a part of a higher
    recapitulation is on the page of the part itself. Deeper areas list everything.
    """
    if ctx.area.is_nation:
        return bool(row["is_unit"]) and (row["level"] == "national" or (row["days_late"] or 0) > 0)
    return ctx.area.level != "province" or bool(row["is_unit"]) or row["area_code"] == ctx.area.code


def _window(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("election_id", "milestone", "is_unit", "start_date", "deadline", "deadline_basis", "extended_to")
    return tuple(row[name] for name in names)


def _heading(ctx: Context, key: tuple[Any, ...]) -> str:
    """Return `Pemilu 2024 · regency recapitulation: 17 Feb–5 Mar 2024, extended to 10 Mar 2024`."""
    election_id, milestone, is_unit, start, deadline, basis, extended = key
    known = ctx.elections.get(election_id)
    label = ctx.words.label("milestone", milestone)
    label = label if is_unit else ctx.say("recap.part", milestone=label)
    parts = [f"{known.short if known else numbers.clean(election_id)} · {label}"]
    if deadline is not None:
        end = numbers.short_date(deadline, ctx.lang)
        if basis == "source":
            end = ctx.say("recap.deadline_from_source", date=end)
        parts.append(f": {numbers.day_month(start, ctx.lang) + '–' if start else ''}{end}")
    if extended is not None:
        parts.append(f", {ctx.say('recap.extended', date=numbers.short_date(extended, ctx.lang))}")
    return "".join(parts)


def _undecided(ctx: Context, rows: list[dict[str, Any]]) -> str:
    """Return the units for which it is unknown whether they were late, by election."""
    parts, room = [], NAMED
    for election_id, members in groupby(rows, key=lambda row: row["election_id"]):
        names = list(dict.fromkeys(numbers.short_area(row["area_name"]) for row in members))
        known = ctx.elections.get(election_id)
        if room <= 0:
            break
        more = f" +{len(names) - room}" if len(names) > room else ""
        parts.append(f"{known.short if known else election_id}: {', '.join(names[:room])}{more}")
        room -= len(names)
    return ctx.say("recap.undecided", names="; ".join(parts)) if parts else ""


def _shown(rows: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """If there are too many rows, keep the nation's and those with most days late, in the original order."""
    if len(rows) <= limit:
        return rows

    def rank(i: int) -> tuple[bool, int, int]:
        return rows[i]["level"] != "national", -(rows[i]["days_late"] or 0), i

    places = sorted(range(len(rows)), key=rank)[:limit]
    return [rows[i] for i in sorted(places)]


def _verdicts(ctx: Context, rows: list[dict[str, Any]]) -> str:
    """Return how many units got which verdict against the window."""
    found = Counter(row["verdict"] for row in rows if row["is_unit"])
    parts = [
        f"{ctx.words.label('recap_verdict', verdict)} {numbers.integer(found[verdict], ctx.lang)}"
        for verdict in codes("recap_verdict")
        if found[verdict]
    ]
    return ctx.say("recap.verdicts", n=found.total(), parts="; ".join(parts) or DASH)


def _figure(ctx: Context, rows: list[dict[str, Any]]) -> Figure | None:
    panels: list[Panel] = []
    for election_id, members in groupby(rows, key=lambda row: row["election_id"]):
        dated = [r for r in members if r["is_unit"] and r["deadline"] and r["verdict"] in JUDGED]
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
        words.column(TABLE, "area_name", 1.8),
        words.column(TABLE, "date_completed", 1.6),
        words.column(TABLE, "days_late", 0.9),
        words.column(TABLE, "days_late_extension", 1.1),
        words.column(TABLE, "verdict", 1.4),
        words.column(TABLE, "tps_per_district", 0.9),
        Column(ctx.say("sources.column"), width=0.6),
    )


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words = ctx.words
    late = row["verdict"] in LATE
    return (
        words.cell(TABLE, "area_name", row["area_name"] and numbers.short_area(row["area_name"])),
        _completed(ctx, row),
        _days(ctx, row["days_late"], row["verdict"]),
        _days(ctx, row["days_late_extension"], row["verdict_extension"]),
        Cell(words.label("recap_verdict", row["verdict"]), row["verdict"], tone="alert" if late else ""),
        words.cell(TABLE, "tps_per_district", row["tps_per_district"]),
        ctx.source_cell(row),
    )


def _completed(ctx: Context, row: dict[str, Any]) -> Cell:
    """Return the day according to its kind: an upper bound is `on or before`, an unfinished unit has no day."""
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
