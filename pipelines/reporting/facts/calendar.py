"""The coming voting day, where the office has set it: steps then name dates instead of days to count. Never guessed."""

from __future__ import annotations

import datetime as dt

from ..language import numbers
from .context import Context
from .queries import NATION

TABLE = "ref.voting_days"
# The nearest area that has a day, then the earliest one after the newest election of the register.
COMING = """
select voting_date from {table}
where area_code in (select unnest(?)) and voting_date > (select max(voting_date) from ref.elections)
order by length(area_code) * (area_code <> '00')::integer desc, voting_date
limit 1
"""


def voting_day(ctx: Context) -> dt.date | None:
    """The day that was given for this page, else the one set for the area or one it lies in; None where none is set."""
    if ctx.voting_day:
        return ctx.voting_day
    code = ctx.area.code
    lies_in = list(dict.fromkeys((code, *(code[:n] for n in (6, 4, 2) if len(code) > n), NATION)))
    rows = ctx.rows(TABLE, COMING, [lies_in])
    return rows[0]["voting_date"] if rows else None


def told(ctx: Context, number: int, text: str) -> str:
    """`H−30` with its date where the voting day is set: `H−30, 15 Jan 2029`."""
    day = voting_day(ctx)
    if day is None:
        return text
    return f"{text}, {numbers.short_date(day + dt.timedelta(days=number), ctx.lang)}"
