"""Incidents and their sizes in words: nineteen TPS in one flood are not nineteen separate incidents."""

from __future__ import annotations

from typing import Any

from ..language import numbers
from .context import Context
from .queries import within
from .values import short_label

COUNTS = "mart.hotspots"
INCIDENTS = "mart.incidents"
SQL = """
select election_id, outcome, voting_date, sum(count) as n, sum(n_tps_affected) as tps
from {{table}}
join (select election_id, voting_date from ref.elections) using (election_id)
where unit = 'incident' and level = 'regency' and {condition}
group by election_id, outcome, voting_date
having sum(n_tps_affected) >= 2 * sum(count) and sum(count) > 0
order by voting_date desc, outcome
"""
WHERE = """
with held as (
    select distinct incident_id, n_tps, village_name, district_name, date_held,
           case when ground_code <> 'unknown' then ground_{lang} end as ground
    from {{table}}
    where election_id = ? and outcome = ? and status = 'held' and {condition}
)
select ground, sum(n_tps) as tps,
       (select count(distinct district_name || '/' || village_name) from held) as villages,
       (select min(date_held) from held) as first_day, (select max(date_held) from held) as last_day
from held
group by ground
order by ground is null, tps desc, ground
limit 1
"""


def sizes(ctx: Context) -> list[str]:
    """Return a sentence per election and outcome with at least twice as many TPS as incidents; needs every case
    located.

    The nation never has every case located, so its page has none.
    """
    if ctx.area.is_nation:
        return []
    condition, parameters = within(ctx.area)
    told = []
    for row in ctx.rows(COUNTS, SQL.format(condition=condition), parameters):
        found = ctx.rows(
            INCIDENTS,
            WHERE.format(condition=condition, lang=ctx.columns),
            [row["election_id"], row["outcome"], *parameters],
        )
        if found:
            told.append(_sentence(ctx, row, found[0]))
    return told


def _sentence(ctx: Context, row: dict[str, Any], most: dict[str, Any]) -> str:
    text = ctx.say(
        "sizes.incidents",
        outcome=short_label(ctx, row["outcome"]),
        election=ctx.election_name(row["election_id"]),
        tps=int(row["tps"]),
        n=int(row["n"]),
        villages=int(most["villages"]),
    )
    if most["ground"]:
        ground = numbers.clean(most["ground"])
        text += " " + ctx.say("sizes.ground", tps=int(most["tps"]), ground=ground[:1].lower() + ground[1:])
    if most["first_day"] is not None and most["first_day"] == most["last_day"]:
        text += " " + ctx.say("sizes.one_day", day=numbers.long_date(most["first_day"], ctx.lang))
    return text
