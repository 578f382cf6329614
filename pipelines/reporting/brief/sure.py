"""One line on how much is known: of the latest election with an official total, and of this area."""

from __future__ import annotations

from ..facts.context import Context
from ..facts.queries import NATION
from ..language import numbers
from .evidence import ZEROS, Evidence
from .zeros import state

SQL = """
select * from {table}
where area_code = ? and outcome = 'psu' and coverage = 'complete' and value > 0
order by voting_date desc limit 1
"""


def sure(ctx: Context, found: Evidence) -> str:
    """`83 % of 738 TPS with a re-vote at Pemilu 2024 are located ...`, and what is whole here."""
    sentences = []
    for row in ctx.rows(ZEROS, SQL, [NATION]):
        total, rest = int(row["value"]), int(row["n_unlocated"] or 0)
        share = numbers.integer(round(100 * (total - rest) / total), ctx.lang)
        name = ctx.elections[row["election_id"]].short
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
