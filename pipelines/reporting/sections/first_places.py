"""The five places to look at first: certainty, basis of comparison, and places without data."""

from __future__ import annotations

from typing import Any

from ..facts.certainty import (
    evidence_cell,
    explained,
    level_below,
    n_elections,
    ratio,
    scope_name,
    some_names,
    unranked,
)
from ..facts.context import Context
from ..language import numbers
from ..model import Callout, Cell, Column, Group, Section, Table, Text
from .actions import first_steps

TABLE = "mart.first_places"
TOP = 5
NAMES = 6  # number of areas without data named on page one; the section on certainty names more
RATE = ("relative_rate", "relative_low", "relative_high")
WIDTHS = {"rank": 0.55, "area_name": 2.2, "count": 0.8, "exposure": 0.95}
REST = {"n_elections": 1.05, "n_late": 1.15, "n_disputes": 0.95}


def build(ctx: Context) -> Section:
    """Build the table: count, exposure, relative rate with interval, evidence, elections with incidents."""
    rows = ctx.rows(TABLE, "select * from {table} where parent_code = ? order by rank", [ctx.area.code])
    title = ctx.words.table(TABLE)
    what_to_do = Callout(ctx.say("actions.first_title"), first_steps(ctx))
    if not rows:
        return Section("first_places", title, (Text((ctx.say("places.none"),)), what_to_do))
    words = ctx.words
    columns = (
        *words.columns(TABLE, WIDTHS),
        Column(ctx.say("places.rate", rate=words.field(TABLE, "relative_rate")), "end", 1.35),
        words.column(TABLE, "evidence", 1.35),
        *words.columns(TABLE, REST),
    )
    lines = tuple(_line(ctx, row, _is_tied(rows)) for row in rows[:TOP])
    table = Table("", columns, (Group("", lines),), tuple(_notes(ctx, rows)))
    meanings = explained(ctx, (row["evidence"] for row in rows[:TOP]))
    warning = Callout(ctx.say("places.warning_title"), (ctx.say("places.warning"), " ".join(meanings)))
    return Section("first_places", title, (warning, table, what_to_do))


def _is_tied(rows: list[dict[str, Any]]) -> bool:
    """Return whether the data cannot distinguish the places: all have the estimate of their parent area."""
    return len(rows) > 1 and len({row["relative_rate"] for row in rows}) == 1


def _line(ctx: Context, row: dict[str, Any], is_tied: bool) -> tuple[Cell, ...]:
    rate = ratio(ctx, row, RATE)
    cells = dict(zip(WIDTHS, ctx.words.cells(TABLE, WIDTHS, row), strict=True))
    if row["area_name"]:
        cells["area_name"] = Cell(numbers.short_area(row["area_name"]), row["area_name"])
    return (
        *cells.values(),
        Cell(rate.text, rate.value) if is_tied else rate,  # a rate of another area is not bold
        evidence_cell(ctx, row["evidence"]),
        *ctx.words.cells(TABLE, REST, row),
    )


def _notes(ctx: Context, rows: list[dict[str, Any]]) -> list[str]:
    """Return the basis of comparison, the order, whether the data
    distinguish the places, and areas without data."""
    first = rows[0]
    scope, level = first["scope_code"] or "00", first["level"] or level_below(ctx)
    name, n = scope_name(ctx, scope), n_elections(ctx, scope, "psu", level)
    if first["basis"] == "propensity":
        notes = [ctx.say("places.propensity", scope=name, n=n)]
    else:
        notes = [ctx.say("places.one_election", scope=name, election=_election(ctx, scope, level))]
    if first["rule"] != "estimate":
        notes.append(ctx.say("places.rule", rule=ctx.say(f"rule.{first['rule']}")))
    if all(row["relative_low"] == row["relative_high"] for row in rows):
        notes.append(ctx.say("places.no_spread"))
    elif _is_tied(rows):
        notes.append(ctx.say("places.tied", level=ctx.words.label("level", level)))
    missing = unranked(ctx, (row["area_code"] for row in rows), level)
    if missing:
        notes.append(
            ctx.say(
                "places.without_data",
                n=len(missing),
                total=len(missing) + len(rows),
                level=ctx.words.label("level", level),
                names=some_names(ctx, missing, NAMES),
            )
        )
    return notes


def _election(ctx: Context, scope: str, level: str) -> str:
    """Return the latest election at which the scope can be compared, on which the order rests."""
    found = ctx.rows(
        "mart.hotspots",
        "select election_id, voting_date from {table} join ref.elections using (election_id)"
        " where scope_code = ? and outcome = 'psu' and level = ? and is_comparable"
        " order by voting_date desc limit 1",
        [scope, level],
    )
    return ctx.election_name(found[0]["election_id"]) if found else "–"
