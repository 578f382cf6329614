"""Rates by area for a choropleth: TPS with a re-vote per 1,000 TPS at one election, and their classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...facts.context import Context
from ...facts.queries import within
from ...language import numbers

TABLE = "mart.rates"
FEWEST = 2  # minimum number of areas with a rate above zero; with fewer a map of rates shows nothing
# The election at which most areas of the level have a rate above zero; among equals the latest.
RATES = """
with here as (
    select * from {{table}}
    -- "None known" where counting is not complete says nothing: no data.
    where outcome = ? and level = ? and (coverage = 'complete' or count > 0) and exposure > 0 and {condition}
),
chosen as (
    select election_id from here
    join (select election_id, voting_date from ref.elections) using (election_id)
    where count > 0
    group by election_id, voting_date
    having count(*) >= {fewest}
    order by count(*) desc, voting_date desc, election_id
    limit 1
)
select * from here where election_id = (select election_id from chosen) order by area_code
"""


@dataclass(frozen=True)
class Rate:
    """One area at one election: events per 1,000 TPS, and whether they were counted in full."""

    code: str
    name: str
    election_id: str
    rate: float
    count: int
    exposure: int
    is_whole: bool


def rates(ctx: Context, outcome: str, level: str) -> list[Rate]:
    """Return rates of the areas of a level in the report's area at one election; empty if too few are known."""
    condition, parameters = within(ctx.area)
    sql = RATES.format(condition=condition, fewest=FEWEST)
    return [
        Rate(row["area_code"], row["area_name"], row["election_id"], float(row["rate"]), int(row["count"]),
             int(row["exposure"]), row["coverage"] == "complete")
        for row in ctx.rows(TABLE, sql, [outcome, level, *parameters])
    ]  # fmt: skip


def limits(values: Sequence[float]) -> list[float]:
    """Return at most three round limits that divide the rates above zero into classes of similar size."""
    known = sorted(value for value in values if value > 0)
    found = []
    for share in (0.25, 0.5, 0.75):
        limit = _round(known[min(int(share * len(known)), len(known) - 1)])
        if known[0] < limit <= known[-1] and limit not in found:
            found.append(limit)
    return found


def _round(value: float) -> float:
    """Return the nearest of 1, 1.5, 2, 3, 5, 7 times a power of ten."""
    power = math.floor(math.log10(value))
    steps = [step * 10.0**p for p in (power, power + 1) for step in (1, 1.5, 2, 3, 5, 7)]
    nearest: float = min(steps, key=lambda step: abs(math.log(step / value)))
    return round(nearest, 2 - power)


def class_of(value: float, limits_: Sequence[float]) -> int:
    """Return the number of the class, from 0: the first limit above the value closes its class."""
    return sum(value >= limit for limit in limits_)


def class_words(limits_: Sequence[float], lang: str) -> list[str]:
    """Return `< 0,5`, `0,5–1`, `≥ 1`, one for each class."""
    text = [_number(limit, lang) for limit in limits_]
    if not text:
        return ["> 0"]
    middle = [f"{low}–<{high}" for low, high in pairwise(text)]
    return [f"< {text[0]}", *middle, f"≥ {text[-1]}"]


def _number(value: float, lang: str) -> str:
    digits = max(0, -math.floor(math.log10(value))) if value < 1 else 0 if value == int(value) else 1
    if value < 1 and round(value, digits) != value:
        digits += 1
    return numbers.decimal(value, lang, digits) if digits else numbers.integer(int(value), lang)
