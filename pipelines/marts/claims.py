"""Everything that comes of the claims on re-votes: values, alternatives, incidents, and counts as bounds."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.claim_counts import resolve_counts
from pipelines.resolve.claims import groups, resolve_claims
from pipelines.resolve.offices import mark_own

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Resolve the claims once; six tables come of it."""
    inputs = (
        mark_own(read("core.revote_claim"), read("ref.offices")),
        read("ref.areas"),
        read("ref.elections"),
        read("core.coverage_statement"),
        read("ref.area_lineage"),
    )
    found = resolve_claims(*inputs)
    counts, incidents, parts = resolve_counts(groups(*inputs))
    return {
        "core.claim_resolution": found.values,
        "core.claim_leaf": found.leaves,
        "core.claim_alternative": found.alternatives,
        "mart.counts": counts,
        "core.incident": incidents,
        "core.count_part": parts,
    }
