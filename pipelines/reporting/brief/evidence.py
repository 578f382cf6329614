"""Data of the brief, read once: the three zeros, events here and in the parts, and the list of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.vocabulary import COUNTED_REVOTES

from ..facts.context import Context
from ..facts.queries import Area
from ..facts.values import OF_AREA, TABLE

Row = Mapping[str, Any]
EVENTS = "mart.area_events"
PLACES = "mart.priority_places"
REVOTES = COUNTED_REVOTES
TOP = 5
OF_ONE = "select * from {table} where area_code = ? order by voting_date, election_id, outcome"
LEVEL_OF_PLACES = {"national": "regency", "province": "regency", "regency": "district", "district": "village"}


@dataclass(frozen=True)
class Evidence:
    """Rows of one area.

    Attributes:
        zeros: rows of mart.three_zeros by (election, outcome).
        events: rows of mart.area_events of the area itself, oldest first.
        places: the first places below, in order; part_events: the events of these places by area.
        n_places: number of places with any event; n_repeated_most: how many share the highest number of
            elections.
    """

    zeros: Mapping[tuple[str, str], Row]
    events: Sequence[Row]
    places: Sequence[Row]
    part_events: Mapping[str, Sequence[Row]]
    n_places: int
    n_repeated_most: int

    def revotes(self) -> list[Row]:
        """Events that made stations vote or count again."""
        return [row for row in self.events if row["outcome"] in REVOTES and row["n"]]


def read(ctx: Context) -> Evidence:
    """Read all rows on which the brief of this area rests."""
    code = ctx.area.code
    zeros = ctx.rows(TABLE, OF_AREA, [code])
    places = ctx.rows(
        PLACES, "select * from {table} where parent_code = ? order by position, area_code", [code]
    )
    first = places[:TOP]
    return Evidence(
        zeros={(row["election_id"], row["outcome"]): row for row in zeros},
        events=events_of(ctx, [code]).get(code, ()),
        places=first,
        part_events=events_of(ctx, [row["area_code"] for row in first]),
        n_places=len(places),
        n_repeated_most=sum(1 for row in places if row["n_repeated"] == places[0]["n_repeated"]),
    )


def events_of(ctx: Context, codes: Sequence[str]) -> dict[str, list[Row]]:
    """Return events by area, oldest first."""
    found = {code: list[Row](ctx.rows(EVENTS, OF_ONE, [code])) for code in codes}
    return {code: rows for code, rows in found.items() if rows}


def parent(ctx: Context) -> Area | None:
    """Return the area above; None for the nation."""
    if ctx.area.is_nation:
        return None
    from ..facts.queries import area

    return area(ctx.con, ctx.area.parent_code or "00")
