"""The family in which an area is ranked: that of its province if there is one, else of the nation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.vocabulary import HOTSPOT_OUTCOMES, LEVELS_BELOW

from .context import Context
from .queries import NATION

TABLE = "mart.hotspots"
OUTCOMES = HOTSPOT_OUTCOMES
# Levels shown on the page of an area; for a regency, its districts and itself among its peers.
LEVELS = {**LEVELS_BELOW, "province": ("regency",), "regency": LEVELS_BELOW["province"]}
SQL = """
with families as (
    select hotspots.*, voting_date,
           count(*) over family as n_ranked,
           sum(count) over family as family_count
    from {table} as hotspots
    join (select election_id, voting_date from ref.elections) using (election_id)
    where scope_code in (?, '00') and state <> 'silent'
    window family as (partition by scope_code, election_id, outcome, level)
)
select families.* exclude (evidence), overall.evidence
from families
left join (select scope_code, outcome, level, area_code, evidence from mart.persistence) as overall
    using (scope_code, outcome, level, area_code)
where family_count > 0 and (? = '00' or starts_with(area_code, ?))
order by voting_date desc, election_id, rank_expected nulls last, p_above_2 desc nulls last, count desc, area_code
"""


@dataclass(frozen=True)
class Family:
    """The areas of one scope, election, outcome and level inside the report's area, best rank first."""

    scope: str
    election_id: str
    outcome: str
    level: str
    rows: tuple[dict[str, Any], ...]

    @property
    def is_comparable(self) -> bool:
        return bool(self.rows[0]["is_comparable"])

    @property
    def n_ranked(self) -> int:
        """Number of areas of the scope that have data and are ranked together."""
        return int(self.rows[0]["n_ranked"])

    @property
    def unit(self) -> str:
        return str(self.rows[0]["unit"])


def own_scope(ctx: Context) -> str:
    """Return the province of an area; the nation for itself."""
    return ctx.area.code if ctx.area.is_nation else ctx.area.code[:2]


def families(ctx: Context, most_own: int) -> list[Family]:
    """Return the latest election with a case per outcome and level;
    `most_own` elections if the province is the scope."""
    levels, scope = LEVELS.get(ctx.area.level, ()), own_scope(ctx)
    if not levels or not ctx.has(TABLE, "mart.persistence"):
        return []
    rows = ctx.rows(TABLE, SQL, [scope, scope, scope])
    found: list[Family] = []
    for outcome in OUTCOMES:
        for level in levels:
            mine = [row for row in rows if row["outcome"] == outcome and row["level"] == level]
            if level == "district":
                mine = [row for row in mine if row["area_code"].startswith(ctx.area.code)]
            narrow = [row for row in mine if row["scope_code"] != NATION]
            chosen = list(_by_election(mine if ctx.area.is_nation else narrow or mine))
            # An election with a case here is more informative than a later one without.
            chosen.sort(key=lambda family: not any(row["count"] for row in family.rows))
            found += chosen[: most_own if narrow else 1]
    return found


def _by_election(rows: Sequence[dict[str, Any]]) -> Iterator[Family]:
    for election_id in dict.fromkeys(row["election_id"] for row in rows):
        members = tuple(row for row in rows if row["election_id"] == election_id)
        first = members[0]
        yield Family(first["scope_code"], election_id, first["outcome"], first["level"], members)


def top(family: Family, most: int, keep: str = "") -> list[dict[str, Any]]:
    """Return the first `most` areas, and the area `keep` wherever it ranks."""
    rows = list(family.rows[:most])
    return rows + [row for row in family.rows[most:] if row["area_code"] == keep]
