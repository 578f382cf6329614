"""Single incidents: where, which station, and the day of each step that a source states."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import LADDER, PROVINCE_LEVELS

from ..facts.certainty import capital
from ..facts.context import Context
from ..facts.law import law_of_row, told
from ..facts.province_counts import by_province
from ..facts.queries import within
from ..facts.values import short_label
from ..language import numbers
from ..model import Block, Cell, Column, Facet, Group, Section, Table, Text

TABLE = "mart.incidents"
SEE = "law"  # paragraph of the book of methods
LIMIT = 250  # maximum rows for a province; a regency shows all of its rows
DONE, UNSTATED = "●", "○"
# Steps of the ladder that always have a column; the others only if a source states one.
ALWAYS = LADDER[-2:]
SQL = """
select incidents.*, voting_date, law.state, law.rule, law.citation, law.force, law.wording_id, law.wording_en
from {{table}} as incidents
left join (select election_id, voting_date from ref.elections) using (election_id)
left join (select law_id, state, rule, citation, force, wording_id, wording_en from ref.law_in_force) as law
    using (law_id)
where {condition}
order by voting_date desc, election_id, outcome, is_within, coalesce(ground_code, 'unknown') = 'unknown',
         ground_code, left(area_code, 4), district_name, village_name, tps_number, incident_id
"""
Row = Mapping[str, Any]


def build(ctx: Context) -> Section:
    """Build the ladder of every incident, or for the nation the number in each province."""
    condition, parameters = within(ctx.area)
    if ctx.area.is_nation:
        counted = ctx.rows(TABLE, "select count(*) as n from {table} where not is_within")
        count = sum(row["n"] for row in counted)
        blocks: tuple[Block, ...] = (Text((ctx.say("incidents.held", n=count),)), *by_province(ctx))
    else:
        found = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
        # Keep held re-votes among stations listed at a lower step; other such figures only repeat those
        # stations.
        rows = [row for row in found if not row["is_within"] or row["status"] == "held"]
        blocks = _ladders(ctx, rows, len(found) - len(rows))
    return Section("incidents", ctx.words.table(TABLE), (*blocks, *ctx.caveats(TABLE)), see=SEE)


def _ladders(ctx: Context, rows: Sequence[Row], n_within: int) -> tuple[Block, ...]:
    if not rows:
        return (Text((ctx.say("incidents.none"),)),)
    shown = rows if ctx.area.level != "province" else rows[:LIMIT]
    steps = [step for step in LADDER if step in ALWAYS or any(_is_stated(row, step) for row in shown)]
    places = [name for name in _places(ctx) if any(row[name] for row in shown)]
    has_ballots = any(row["ballots"] for row in shown)
    groups = []
    # The heading counts all rows of its kind, including those not shown.
    n_tps = Counter[tuple[str, str, str]]()
    for row in rows:
        n_tps[_kind(row)] += row["n_tps"]
    for kind, members in groupby(shown, key=_kind):
        group = list(members)
        groups.append(
            Group(
                _heading(ctx, group[0], n_tps[kind]),
                tuple(_line(ctx, row, places, steps, has_ballots) for row in group),
            )
        )
    notes = [ctx.say("incidents.note")]
    if len(shown) < len(rows):
        notes.append(ctx.say("incidents.count", n=len(rows), shown=len(shown)))
    if n_within:
        notes.append(ctx.say("incidents.within", n=n_within))
    columns = _columns(ctx, places, steps, has_ballots)
    return (Table("", columns, tuple(groups), (" ".join(notes),), facets=_facets(ctx, shown, places)),)


def _places(ctx: Context) -> tuple[str, ...]:
    """Return the columns that name a place below the area of the page."""
    wide = ("regency_name",) if ctx.area.level in PROVINCE_LEVELS else ()
    return (*wide, *(() if ctx.area.level == "district" else ("district_name",)), "village_name")


def _kind(row: Row) -> tuple[str, str, str]:
    ground = "" if row["is_within"] else row["ground_code"] or "unknown"
    return row["election_id"], row["outcome"], ground


def _is_stated(row: Row, step: str) -> bool:
    return row[f"{step}_basis"] is not None or row["status"] == step


def _is_refused(row: Row) -> bool:
    return row["refused_basis"] is not None or row["status"] == "refused"


def _heading(ctx: Context, row: Row, n: int) -> str:
    """Return `Pemilu 2024 · PSU · voter not registered: 12 TPS (UU 7/2017 pasal 372(2)d, wajib)`."""
    law = law_of_row(ctx, row)
    said = ctx.say(
        "incidents.group",
        election=_election(ctx, row),
        outcome=short_label(ctx, row["outcome"]),
        ground=_ground(ctx, row),
        n=n,
    )
    is_cited = law.citation and law.state == "cited" and not row["is_within"]
    return f"{said} · {told(ctx, law)}" if is_cited else said


def _election(ctx: Context, row: Row) -> str:
    known = ctx.elections.get(row["election_id"])
    return known.short if known else numbers.clean(row["election_id"])


def _ground(ctx: Context, row: Row) -> str:
    if row["is_within"]:
        return ctx.say("incidents.among")
    if (row["ground_code"] or "unknown") == "unknown":
        return ctx.say("actions.unstated_short")
    return numbers.clean(row[f"ground_{ctx.columns}"] or row["ground_code"])


def _columns(
    ctx: Context, places: Sequence[str], steps: Sequence[str], has_ballots: bool
) -> tuple[Column, ...]:
    words = ctx.words
    widths = {"regency_name": 1.2, "district_name": 1.2, "village_name": 1.3}
    return (
        *words.columns(TABLE, {name: widths[name] for name in places}),
        Column(ctx.say("incidents.tps"), width=0.6, help=words.field(TABLE, "tps")),
        *(
            Column(
                capital(words.label("status", step)),
                width=0.9,
                help=catalog.table(TABLE).field(f"{step}_date").description[ctx.lang],
            )
            for step in steps
        ),
        *([Column(words.field(TABLE, "ballots"), width=0.9)] if has_ballots else []),
        Column(ctx.say("sources.column"), width=0.5),
    )


def _line(
    ctx: Context, row: Row, places: Sequence[str], steps: Sequence[str], has_ballots: bool
) -> tuple[Cell, ...]:
    words = ctx.words
    named = {
        name: numbers.short_area(row[name]) if name == "regency_name" and row[name] else row[name]
        for name in places
    }
    return (
        *(words.cell(TABLE, name, value) for name, value in named.items()),
        _tps(ctx, row),
        *(_step(ctx, row, step) for step in steps),
        *([_ballots(ctx, row)] if has_ballots else []),
        ctx.source_cell(row),
    )


def _tps(ctx: Context, row: Row) -> Cell:
    """Return the number of the TPS or, if unknown, how many TPS the row represents."""
    if row["tps"]:
        return Cell(numbers.clean(row["tps"]), row["tps"])
    amount = numbers.integer(row["n_tps"], ctx.lang)
    return Cell(ctx.say("incidents.unnumbered", n=amount), row["n_tps"], tone="muted")


def _step(ctx: Context, row: Row, step: str) -> Cell:
    """Return a full dot and the stated day of a step; an empty dot if no source states it."""
    if _is_stated(row, step):
        day = row[f"{step}_date"]
        return Cell(
            f"{DONE} {_day(ctx, row, day)}".strip(), day or DONE, tone="strong" if step == "held" else ""
        )
    if step == "decided" and _is_refused(row):
        day = row["refused_date"]
        said = ctx.words.label("status", "refused")
        return Cell(f"{said} {_day(ctx, row, day)}".strip(), day or said)
    return Cell(UNSTATED, None, tone="muted")


def _day(ctx: Context, row: Row, day: dt.date | None) -> str:
    """Return `5 Des`: the year is in the heading above, so it is added only if it differs."""
    if day is None:
        return ""
    year = row["voting_date"] and row["voting_date"].year
    return numbers.day_month(day, ctx.lang) if day.year == year else numbers.short_date(day, ctx.lang)


def _ballots(ctx: Context, row: Row) -> Cell:
    codes = row["ballots"]
    if codes == "all":
        return Cell(ctx.say("incidents.all_ballots"), codes)
    if not codes:
        return ctx.words.cell(TABLE, "ballots", None)
    return Cell(ctx.words.short_labels("contest", codes), codes)


def _facets(ctx: Context, rows: Sequence[Row], places: Sequence[str]) -> tuple[Facet, ...]:
    """Return the filters for readers: election, kind, ground, last step, and the place below the area."""
    words = ctx.words
    told_: list[tuple[str, list[str]]] = [
        (words.field(TABLE, "election_id"), [_election(ctx, row) for row in rows]),
        (words.field(TABLE, "outcome"), [short_label(ctx, row["outcome"]) for row in rows]),
        (words.field(TABLE, "ground_id"), [_ground(ctx, row) for row in rows]),
        (ctx.say("incidents.last_step"), [words.label("status", row["status"]) for row in rows]),
    ]
    if places:
        first = places[0]
        names = [numbers.short_area(numbers.clean(row[first] or "–")) for row in rows]
        told_.append((words.field(TABLE, first), names))
    found = (Facet.of(title, values) for title, values in told_)
    return tuple(facet for facet in found if len(facet.options) > 1)
