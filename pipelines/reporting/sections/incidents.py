"""Incidents one by one, by election; for the nation the areas with most of them."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import PROVINCE_LEVELS

from ..facts.context import Context
from ..facts.law import law_cell, law_of_row, wordings
from ..facts.queries import within
from ..facts.ranking import top_areas
from ..facts.values import short_label
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.incidents"
LIMIT = 150  # rows a province shows; a regency shows all of its rows
SQL = """
select incidents.*, voting_date,
       law.state, law.rule, law.citation, law.force, law.wording_id, law.wording_en
from {{table}} as incidents
left join (select election_id, voting_date from ref.elections) using (election_id)
left join (select law_id, state, rule, citation, force, wording_id, wording_en from ref.law_in_force) as law
    using (law_id)
where {condition}
order by voting_date desc, election_id,
         list_position(['held', 'decided', 'recommended', 'reported', 'refused'], status),
         outcome, left(area_code, 4), district_name, village_name, try_cast(tps as integer), incident_id
"""


def build(ctx: Context) -> Section:
    """The table of incidents, or for the nation the areas with most incidents, with what the warehouse holds."""
    condition, parameters = within(ctx.area)
    if ctx.area.is_nation:
        counted = ctx.rows(TABLE, "select count(*) as n from {table} where not is_within")
        count = sum(row["n"] for row in counted)
        blocks: tuple[Block, ...] = (Text((ctx.say("incidents.held", n=count),)), *top_areas(ctx))
    else:
        rows = ctx.rows(TABLE, SQL.format(condition=condition), parameters)
        blocks = _tables(ctx, rows)
    return Section("incidents", ctx.words.table(TABLE), (*blocks, *ctx.caveats(TABLE)))


def _tables(ctx: Context, rows: list[dict[str, Any]]) -> tuple[Block, ...]:
    if not rows:
        return (Text((ctx.say("incidents.none"),)),)
    shown = rows if ctx.area.level != "province" else rows[:LIMIT]
    wide = ctx.area.level in PROVINCE_LEVELS
    groups = []
    # The heading counts every row of the election, also those that are not shown.
    held = Counter[str]()
    for row in rows:
        held[row["election_id"]] += row["n_tps"] if row["status"] == "held" else 0
    for election_id, members in groupby(shown, key=lambda row: row["election_id"]):
        group = list(members)
        title = f"{ctx.election_heading(election_id)}: {ctx.say('incidents.group', n=held[election_id])}"
        groups.append(Group(title, tuple(_line(ctx, row, wide) for row in group)))
    said = wordings(ctx, (law_of_row(ctx, row) for row in shown))
    notes = [ctx.say("incidents.count", n=len(rows), shown=len(shown)), ctx.say("incidents.note"), *said]
    return (Table("", _columns(ctx, wide), tuple(groups), tuple(notes)),)


def _columns(ctx: Context, wide: bool) -> tuple[Column, ...]:
    words = ctx.words
    places = {"regency_name": 1.4} if wide else {}
    places |= {"district_name": 1.3, "village_name": 1.3}
    return (
        Column(words.field(TABLE, "outcome"), width=0.95, help=ctx.words.table(TABLE)),
        Column(words.field(TABLE, "tps"), width=0.9),
        *words.columns(TABLE, places),
        words.column(TABLE, "date_held", 1.3),
        Column(
            words.field(TABLE, "ground_id") if ctx.columns == "id" else words.field(TABLE, "ground_code"),
            width=1.95,
        ),
        words.column(TABLE, "article", 1.2),
        Column(words.field(TABLE, "ballots"), width=1.35),
        words.column(TABLE, "status", 1.85),
        Column(ctx.say("sources.column"), width=0.75),
    )


def _line(ctx: Context, row: dict[str, Any], wide: bool) -> tuple[Cell, ...]:
    words = ctx.words
    regency = words.cell(
        TABLE, "regency_name", row["regency_name"] and numbers.short_area(row["regency_name"])
    )
    return (
        Cell(short_label(ctx, row["outcome"]), row["outcome"]),
        _tps(ctx, row),
        *([regency] if wide else []),
        *words.cells(TABLE, ("district_name", "village_name"), row),
        _day(ctx, row),
        words.cell(TABLE, "ground_id", row[f"ground_{ctx.columns}"]),
        law_cell(ctx, law_of_row(ctx, row)),
        _ballots(ctx, row),
        Cell(
            words.label("status", row["status"]),
            row["status"],
            tone="strong" if row["status"] == "held" else "",
        ),
        ctx.source_cell(row),
    )


def _tps(ctx: Context, row: dict[str, Any]) -> Cell:
    """The number of the TPS; where it is not known, how many TPS the row stands for."""
    if row["tps"]:
        return Cell(numbers.clean(row["tps"]), row["tps"])
    return Cell(ctx.say("incidents.unlocated", n=row["n_tps"]), row["n_tps"], tone="muted")


def _day(ctx: Context, row: dict[str, Any]) -> Cell:
    if row["date_held"] is None and row["date_decided"] is not None:
        day = numbers.short_date(row["date_decided"], ctx.lang)
        return Cell(ctx.say("incidents.decided_on", date=day), row["date_decided"], tone="muted")
    return ctx.words.cell(TABLE, "date_held", row["date_held"])


def _ballots(ctx: Context, row: dict[str, Any]) -> Cell:
    codes = row["ballots"]
    if codes == "all":
        return Cell(ctx.say("incidents.all_ballots"), codes)
    if not codes:
        return ctx.words.cell(TABLE, "ballots", None)
    return Cell(ctx.words.short_labels("contest", codes), codes)
