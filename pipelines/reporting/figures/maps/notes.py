"""What a map cannot show, in words: unlocated cases, counts of split provinces, the elections covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ...facts.context import Context
from ...facts.queries import within
from ...facts.values import TABLE
from ...language import numbers
from .places import Place

# "None known" is meaningless where counting is not complete.
TOTAL = """
select sum(value) as value, bool_and(coverage = 'complete') as is_whole
from {table}
where outcome = ? and area_code = ? and value is not null and (coverage = 'complete' or value > 0)
"""
ELECTIONS = """
select election_id
from {{table}}
where outcome = ? and {condition} and value is not null and (coverage = 'complete' or value > 0)
group by election_id, voting_date
order by voting_date, election_id
"""
# The count of a province that was split later, minus the known counts of its parts at the same election.
FORMER = """
with lineage as (
    select distinct former_code, area_code from ref.area_lineage where change = 'split'
),
parts as (
    select lineage.former_code, zeros.election_id, sum(zeros.value) as value
    from lineage
    join {table} as zeros using (area_code)
    where zeros.outcome = ? and zeros.value is not null
    group by all
),
rest as (
    select former.area_code, former.area_name, former.election_id, former.voting_date,
           former.value - coalesce(parts.value, 0) as n
    from {table} as former
    left join parts on parts.former_code = former.area_code and parts.election_id = former.election_id
    where former.outcome = ? and former.level = 'former_province'
)
select area_name, sum(n) as n, string_agg(election_id, ';' order by voting_date, election_id) as elections
from rest
where n > 0 and (? = '00' or area_code in (select former_code from lineage where area_code = ?))
group by area_code, area_name
order by area_code
"""
BOUNDED = "select distinct level from {{table}} where {condition}"
FILES = """
select source_file, title, licence, accessed_date
from {table}
where table_name = 'ref.boundary' and list_contains(?, source_file)
order by title, licence, accessed_date, source_file
"""
# What a sidecar says about a file added without `--title` or without `--licence`.
NO_TITLE, NO_LICENCE = ": added by hand", "not-stated"


def located(ctx: Context, outcome: str, level: str, found: Sequence[Place]) -> str:
    """Return how many known TPS of the area are on the map of a level, and how many areas have no data."""
    total = ctx.rows(TABLE, TOTAL, [outcome, ctx.area.code])[0]
    drawn = sum(place.value or 0 for place in found)
    known = max(int(total["value"] or 0), drawn)
    written = numbers.integer(known, ctx.lang)
    return ctx.say(
        "maps.located",
        level=ctx.words.label("level", level),
        drawn=drawn,
        total=written if total["is_whole"] else f"≥ {written}",
        data=sum(place.value is not None for place in found),
        n=len(found),
    )


def elections(ctx: Context, outcome: str) -> str:
    """Return the elections behind the counts: those with any information in the area."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, ELECTIONS.format(condition=condition), [outcome, *parameters])
    names = [ctx.elections[row["election_id"]].short for row in rows if row["election_id"] in ctx.elections]
    return ctx.say("maps.elections", n=len(names), names=", ".join(names))


def former(ctx: Context, outcome: str) -> list[str]:
    """Return a sentence for each split province whose count cannot be assigned to one of today's provinces."""
    code = ctx.area.code
    if not ctx.has("ref.area_lineage"):
        return []
    return [
        ctx.say(
            "maps.former",
            area=numbers.clean(row["area_name"]),
            n=int(row["n"]),
            elections=", ".join(
                ctx.elections[e].short if e in ctx.elections else e for e in row["elections"].split(";")
            ),
        )
        for row in ctx.rows(TABLE, FORMER, [outcome, outcome, code, code])
    ]


def levels_with_boundaries(ctx: Context) -> set[str]:
    """Return the levels that have any outline in the area."""
    condition, parameters = within(ctx.area)
    sql = BOUNDED.format(condition=condition)
    return {row["level"] for row in ctx.rows("ref.boundary", sql, parameters)}


def files(ctx: Context, shown: Sequence[Any]) -> str:
    """Return title, licence and access date of the files of these outlines; without a title, the file name."""
    names = sorted({outline.source_file for outline in shown})
    parts = []
    for row in ctx.rows("meta.inputs", FILES, [names]):
        day, title = row["accessed_date"], numbers.clean(row["title"] or "")
        licence = numbers.clean(row["licence"] or "").replace(NO_LICENCE, "")
        is_titled = bool(title) and not title.endswith(NO_TITLE)
        parts.append(
            ctx.say(
                "maps.file" if is_titled else "maps.untitled",
                title=title,
                file=numbers.clean(str(row["source_file"]).rpartition("/")[2]),
                licence=licence or ctx.say("maps.no_licence"),
                date=numbers.long_date(day, ctx.lang) if isinstance(day, dt.date) else "–",
            )
        )
    return "; ".join(dict.fromkeys(parts))
