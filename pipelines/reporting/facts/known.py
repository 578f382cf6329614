"""Is anything known about an area? A page without a single fact must be short and say so."""

from __future__ import annotations

from collections.abc import Mapping

from .context import Context
from .queries import within
from .values import OF_AREA, TABLE

# Tables with facts about places -> condition on their rows; cheap and likely ones first.
FACTS: Mapping[str, str] = {
    "mart.three_zeros": "value is not null",
    "mart.incidents": "true",
    "mart.disputes": "true",
    "mart.recap_timeliness": "verdict <> 'no_verdict'",
    "mart.form_audit_area": "true",
}
SQL = "select 1 as found from {{table}} where {condition} and {fact} limit 1"


def is_known(ctx: Context) -> bool:
    """Return whether any fact lies in the area; the nation's page always exists."""
    if ctx.area.is_nation:
        return True
    # The area's own zeros, which its page reads anyway, usually decide it.
    if any(row["value"] is not None for row in ctx.rows(TABLE, OF_AREA, [ctx.area.code])):
        return True
    condition, parameters = within(ctx.area)
    return any(
        ctx.rows(table, SQL.format(condition=condition, fact=fact), parameters)
        for table, fact in FACTS.items()
    )
