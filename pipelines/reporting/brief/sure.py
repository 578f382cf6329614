"""One line on completeness: of the latest election with an official total, and of this area."""

from __future__ import annotations

from ..facts.context import Context
from ..language import numbers
from .evidence import Evidence
from .zeros import state

COUNTS = "mart.counts"
SQL = """
with official as (
    select election_id, upper as n
    from {table}
    where area_code = '00' and kind = 'psu' and measure = 'held' and upper > 0
),
located as (
    select election_id, sum(lower) as n
    from {table}
    where level = 'province' and kind = 'psu' and measure = 'ordered'
    group by election_id
)
select official.election_id, official.n, least(coalesce(located.n, 0), official.n) as n_located
from official
left join located using (election_id)
join ref.elections using (election_id)
order by voting_date desc
limit 1
"""


def sure(ctx: Context, found: Evidence) -> str:
    """Return `83 % of 738 TPS with a re-vote at Pemilu 2024 are located ...`, and what is complete here."""
    sentences = []
    for official in ctx.rows(COUNTS, SQL):
        total, located = int(official["n"]), int(official["n_located"])
        share = numbers.integer(round(100 * located / total), ctx.lang)
        name = ctx.elections[official["election_id"]].short
        sentences.append(ctx.say("brief.sure_nation", n=total, election=name, share=share))
    whole = [
        ctx.elections[election].short
        for election in ctx.elections
        if (row := found.zeros.get((election, "psu"))) is not None
        and (row["coverage"] == "complete" or state(row) == "none")
    ]
    area = numbers.short_area(ctx.area.name)
    if not ctx.area.is_nation:
        if whole:
            sentences.append(ctx.say("brief.sure_whole", area=area, elections=", ".join(whole)))
        else:
            sentences.append(ctx.say("brief.sure_none_whole", area=area))
    sentences.append(ctx.say("brief.sure_silence"))
    return " ".join(sentences)
