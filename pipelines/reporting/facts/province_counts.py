"""For the nation: the number of stations in each province that voted or counted again, by election."""

from __future__ import annotations

from typing import Any

from ..language import numbers
from ..language.words import DASH
from ..model import Cell, Column, Group, Table
from .context import Context

EVENTS = "mart.area_events"
SQL = """
select area_code, election_id, sum(n) as n, bool_or(is_at_least) as is_at_least, sum(n_court) as n_court
from (
    select area_code, election_id, voting_date, is_at_least,
        case when outcome = 'psu_court' then 0 else n end as n,
        case when outcome = 'psu_court' then n else 0 end as n_court
    from {table}
    where level = 'province' and outcome in ('psu', 'psl', 'pss', 'pssu', 'psu_court') and n > 0
)
group by area_code, election_id
order by area_code, election_id
"""
NAMES = "select area_code, name from {table} where level = 'province' order by area_code"


def by_province(ctx: Context) -> tuple[Table, ...]:
    """Return one row per province and one column per election; a dash where nothing is known."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in ctx.rows(EVENTS, SQL):
        found.setdefault(row["area_code"], {})[row["election_id"]] = row
    elections = [
        one for one in ctx.elections.values() if any(one.election_id in row for row in found.values())
    ]
    if not elections:
        return ()
    names = {row["area_code"]: row["name"] for row in ctx.rows("ref.areas", NAMES)}
    columns = (
        Column(ctx.words.label("level", "province").capitalize(), width=1.8),
        *(Column(one.short, "end", 1.0, one.name) for one in elections),
    )
    order = [code for code in names if code in found]
    lines = tuple(
        (
            Cell(numbers.short_area(names[code]), code),
            *(_value(ctx, found[code].get(one.election_id)) for one in elections),
        )
        for code in order
    )
    silent = [
        numbers.short_area(name) for code, name in names.items() if code not in found and "-" not in code
    ]
    notes = [ctx.say("provinces.note")]
    if silent:
        notes.append(ctx.say("provinces.silent", names=", ".join(silent)))
    return (Table(ctx.say("provinces.title"), columns, (Group("", lines),), (" ".join(notes),)),)


def _value(ctx: Context, row: dict[str, Any] | None) -> Cell:
    """Return stations with ordinary re-votes, then those ordered by the court after a plus sign."""
    if row is None:
        return Cell(DASH, None, tone="muted")
    n, court = int(row["n"]), int(row["n_court"])
    text = f"{'≥ ' if row['is_at_least'] and n else ''}{numbers.integer(n, ctx.lang)}" if n else ""
    if court:
        text = f"{text} + {numbers.integer(court, ctx.lang)} {ctx.say('provinces.court')}".removeprefix(" + ")
    return Cell(text, n + court)
