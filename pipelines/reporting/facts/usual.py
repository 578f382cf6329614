"""The areas that get a page by default, and in which formats."""

from __future__ import annotations

from typing import Any

from pipelines.catalog.vocabulary import WIDE_LEVELS

from .queries import Con, fetch

ON_PAPER = ("html", "pdf")
ON_SCREEN = ("html",)
SQL = """
select area_code, level
from ref.areas
where not contains(area_code, '-')
    and (level in ('national', 'province')
        or (level = 'regency' and area_code in (select area_code from mart.area_events)))
order by area_code
"""


def usual(con: Con) -> dict[str, tuple[str, ...]]:
    """Return formats by area code: nation and provinces also on paper, every regency with evidence as a page."""
    rows: list[dict[str, Any]] = fetch(con, SQL)
    return {row["area_code"]: ON_PAPER if row["level"] in WIDE_LEVELS else ON_SCREEN for row in rows}
