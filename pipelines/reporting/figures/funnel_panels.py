"""The funnels of a page: the finest level of the scope, with the areas of the page filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.catalog.vocabulary import FUNNEL_OUTCOMES

from ..facts.context import Context
from ..facts.families import TABLE, Family
from ..facts.queries import NATION
from ..facts.values import heading
from ..model import Panel

LIMITS = "mart.funnel"
MOST = 2
LEAST, AREAS = 5, 3  # minimum cases and areas; with fewer a funnel shows nothing but its limits


def panels(ctx: Context, found: Sequence[Family]) -> list[Panel]:
    """Return at most two funnels: re-votes first, then disputes."""
    drawn: list[Panel] = []
    for scope, election_id, outcome, level in _wanted(found):
        limits = ctx.rows(
            LIMITS,
            "select * from {table} where scope_code = ? and election_id = ? and outcome = ? and level = ?"
            " order by point",
            [scope, election_id, outcome, level],
        )
        areas = ctx.rows(
            TABLE,
            "select area_code, area_name, count, exposure from {table}"
            " where scope_code = ? and election_id = ? and outcome = ? and level = ? and exposure > 0"
            " and count is not null order by area_code",
            [scope, election_id, outcome, level],
        )
        enough = sum(row["count"] for row in areas) >= LEAST and len(areas) >= AREAS and len(limits) > 1
        if enough and len(drawn) < MOST:
            drawn.append(_panel(ctx, (scope, election_id, outcome, level), limits, areas))
    return drawn


def _panel(
    ctx: Context, key: tuple[str, str, str, str], limits: list[dict[str, Any]], areas: list[dict[str, Any]]
) -> Panel:
    from .funnel import funnel  # imported late: matplotlib is slow to import

    scope, election_id, outcome, level = key
    # On the page of the whole scope, no area is highlighted.
    own = "-" if ctx.area.code == scope else ctx.area.code
    marked = [row | {"is_own": row["area_code"].startswith(own)} for row in areas]
    known = ctx.elections.get(election_id)
    below = ctx.say("funnel.below", election=known.short if known else election_id)
    return funnel(ctx, limits, marked, f"{heading(ctx, outcome)}: {ctx.words.label('level', level)}", below)


def _wanted(found: Sequence[Family]) -> list[tuple[str, str, str, str]]:
    wanted = []
    for outcome in FUNNEL_OUTCOMES:
        for family in found:
            if family.outcome == outcome and family.is_comparable:
                level = "regency" if family.scope == NATION else "district"
                wanted.append((family.scope, family.election_id, outcome, level))
    return list(dict.fromkeys(wanted))
