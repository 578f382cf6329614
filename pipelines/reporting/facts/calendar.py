"""The coming voting day, if the office has set it: steps then show dates instead of day counts. Never guessed."""

from __future__ import annotations

import datetime as dt

from ..language import numbers
from .context import Context
from .queries import NATION

TABLE = "ref.voting_days"
OF_AREA = "select area_code, voting_date from {table} where area_code = ? order by voting_date"


def voting_day(ctx: Context) -> dt.date | None:
    """Return the day given for this page, else the one set for the area or the nearest area above it; else
    None.

    It is the earliest one after the newest election of the register.
    """
    if ctx.voting_day:
        return ctx.voting_day
    newest = max((one.voting_date for one in ctx.elections.values()), default=None)
    code = ctx.area.code
    for place in dict.fromkeys((code, *(code[:n] for n in (6, 4, 2) if len(code) > n), NATION)):
        days: list[dt.date] = [row["voting_date"] for row in ctx.rows(TABLE, OF_AREA, [place])]
        if found := next((day for day in days if newest and day > newest), None):
            return found
    return None


def told(ctx: Context, number: int, text: str) -> str:
    """Return `H−30`, with its date if the voting day is set: `H−30, 15 Jan 2029`."""
    day = voting_day(ctx)
    if day is None:
        return text
    return f"{text}, {numbers.short_date(day + dt.timedelta(days=number), ctx.lang)}"
