"""For the nation: which provinces and regencies held most, election by election, as the resolved marts say."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import COUNTED_REVOTES

from ..model import Block, Cell, Column, Group, Table
from .context import Context
from .values import TABLE, brief_cell, heading

OUTCOMES = COUNTED_REVOTES
TOP = 5
SQL = """
with held as (
    select election_id, voting_date, area_code, area_name, level, sum(value) as total
    from {table}
    where level in ('province', 'regency') and outcome in ('psu', 'psl', 'pss', 'pssu')
    group by election_id, voting_date, area_code, area_name, level
    having sum(value) > 0
),
ranked as (
    select *, row_number() over (partition by election_id, level order by total desc, area_code) as place,
           count(*) over (partition by election_id, level) as n_areas
    from held
)
select election_id, voting_date, level, area_code, area_name, place, n_areas
from ranked
where place <= ?
order by voting_date desc, election_id, level, place
"""


def top_areas(ctx: Context) -> tuple[Block, ...]:
    """One table: per election the provinces and the regencies with most TPS; `at least` where coverage is partial."""
    places = ctx.rows(TABLE, SQL, [TOP])
    values = ctx.rows(
        TABLE,
        "select * from {table} where level in ('province', 'regency') and outcome in"
        " ('psu', 'psl', 'pss', 'pssu', 'psu_court') and value is not null",
    )
    by_key = {(row["election_id"], row["area_code"], row["outcome"]): row for row in values}
    groups = []
    for (election_id, level), members in groupby(places, key=lambda row: (row["election_id"], row["level"])):
        rows = list(members)
        title = ctx.say(
            "ranking.group",
            election=ctx.election_name(election_id),
            level=ctx.words.label("level", level),
            shown=len(rows),
            n=rows[0]["n_areas"],
        )
        groups.append(Group(title, tuple(_line(ctx, row, by_key) for row in rows)))
    if not groups:
        return ()
    columns = (
        ctx.words.column(TABLE, "area_name", 2.4),
        *(Column(heading(ctx, o), "end", 1.0, ctx.words.label("outcome", o)) for o in OUTCOMES),
    )
    return (Table(ctx.say("ranking.title"), columns, tuple(groups), (ctx.say("ranking.note"),)),)


def _line(ctx: Context, place: dict[str, Any], by_key: dict[tuple[str, str, str], Any]) -> tuple[Cell, ...]:
    keys = ((place["election_id"], place["area_code"], outcome) for outcome in OUTCOMES)
    name = ctx.words.cell(TABLE, "area_name", place["area_name"])
    return (name, *(_value(ctx, by_key.get(key)) for key in keys))


def _value(ctx: Context, row: dict[str, Any] | None) -> Cell:
    return brief_cell(ctx, row) if row else Cell(ctx.words.label("coverage", "no_data"), None, tone="no_data")
