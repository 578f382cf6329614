"""Data of a map for each area: how often something happened, how certain the count is, and its evidence class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...facts.context import Context
from ...facts.families import own_scope
from ...facts.queries import NATION, within
from ...facts.values import TABLE

PERSISTENCE = "mart.persistence"
OVERSEAS = "99"  # overseas missions lie outside every map of the country
PLACES = """
with known as (
    -- "None known" where counting is not complete says nothing: no data.
    select area_code, sum(value) as value, bool_and(coverage = 'complete') as is_whole, count(*) as n_elections
    from {{table}}
    where outcome = ? and level = ? and value is not null and (coverage = 'complete' or value > 0)
    group by area_code
)
select area_code, name, longitude, latitude, value, is_whole, n_elections
from ref.areas
left join known using (area_code)
where level = ? and longitude is not null and latitude is not null and not starts_with(area_code, '{overseas}')
    and {condition}
order by area_code
"""
EVIDENCE = "select area_code, evidence from {table} where scope_code = ? and outcome = ? and level = ?"
POINTS = """
select area_code, longitude, latitude from {{table}}
where level = ? and longitude is not null and latitude is not null and {condition}
order by area_code
"""
Point = tuple[str, float, float]


@dataclass(frozen=True)
class Place:
    """One area: centre in degrees; `value` over all elections with data
    (None = no data); whether it is complete."""

    code: str
    name: str
    longitude: float
    latitude: float
    value: int | None
    is_whole: bool
    n_elections: int
    evidence: str | None


def places(ctx: Context, outcome: str, level: str) -> list[Place]:
    """Return all areas of a level in the report's area, with or without data, by code."""
    condition, parameters = within(ctx.area)
    sql = PLACES.format(condition=condition, overseas=OVERSEAS)
    rows = ctx.rows(TABLE, sql, [outcome, level, level, *parameters])
    classes = _evidence(ctx, outcome, level)
    return [_place(row, classes.get(row["area_code"])) for row in rows]


def is_worth_drawing(found: Sequence[Place]) -> bool:
    """Return whether a map is worth drawing: at least three places, two with data, and one with an event."""
    known = [place.value for place in found if place.value is not None]
    return len(found) >= 3 and len(known) >= 2 and any(known)


def points(ctx: Context, level: str) -> list[Point]:
    """Return code, longitude and latitude of every area of a level in the area: together they show its shape."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows("ref.areas", POINTS.format(condition=condition), [level, *parameters])
    return [(row["area_code"], row["longitude"], row["latitude"]) for row in rows]


def _place(row: dict[str, Any], evidence: str | None) -> Place:
    value = None if row["value"] is None else int(row["value"])
    return Place(
        row["area_code"], row["name"], row["longitude"], row["latitude"], value, bool(row["is_whole"]),
        int(row["n_elections"] or 0), evidence,
    )  # fmt: skip


def _evidence(ctx: Context, outcome: str, level: str) -> dict[str, str]:
    """Return the class of each area, compared within its province if that
    is fully known, else within the nation."""
    for scope in dict.fromkeys((own_scope(ctx), NATION)):
        rows = ctx.rows(PERSISTENCE, EVIDENCE, [scope, outcome, level])
        if rows:
            return {row["area_code"]: row["evidence"] for row in rows}
    return {}
