"""The pages cited for a realised value: those of its own claim, or of the parts it adds up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Cell
from .context import Context
from .queries import Area, within

MOST = 4  # pages cited per value; the tables of incidents and recapitulation cite all
INCIDENTS = """
select area_code, election_id, outcome, source_url, source_title, source_date
from {{table}}
where {condition} and (status = 'held' or (status = 'decided' and outcome = 'psu_court'))
order by election_id, outcome, source_date, source_url, incident_id
"""
RECAPS = """
select area_code, election_id, 'late_recap' as outcome, source_url, source_title, source_date
from {{table}}
where {condition} and is_unit and verdict in ('late', 'late_at_least', 'on_time')
order by election_id, verdict = 'on_time', source_date, source_url, milestone, area_code
"""


class Evidence:
    """Pages behind the values of one area, read once per report section; default: the report's area."""

    def __init__(self, ctx: Context, area: Area | None = None) -> None:
        condition, parameters = within(area or ctx.area)
        self._ctx = ctx
        self._parts: dict[tuple[str, str], dict[tuple[Any, ...], dict[str, Any]]] = {}
        for table, sql in (("mart.incidents", INCIDENTS), ("mart.recap_timeliness", RECAPS)):
            for row in ctx.rows(table, sql.format(condition=condition), parameters):
                page = (row["source_url"], row["source_title"], row["source_date"])
                self._parts.setdefault((row["election_id"], row["outcome"]), {}).setdefault(page, row)

    def numbers(self, row: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the page numbers of a row of mart.three_zeros, at most four."""
        if row["value"] is None:
            return ()
        if own := self._ctx.cite(row):
            return own
        parts = list(self._parts.get((row["election_id"], row["outcome"]), {}).values())[:MOST]
        return tuple(dict.fromkeys(number for part in parts for number in self._ctx.cite(part)))

    def cell(self, row: Mapping[str, Any]) -> Cell:
        """Return a cell of sources; without a page, the words for the basis of the value."""
        found = self.numbers(row)
        if found or row["value"] is None:
            return Cell("" if found else "–", None, found, "" if found else "muted")
        return Cell(self._ctx.words.label("rests_on", row["rests_on"]), None, tone="muted")
