"""Everything derived from re-vote claims: bounded counts, incidents, parts of sums, unused figures."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.claim_counts import resolve_counts
from pipelines.resolve.claims import groups
from pipelines.resolve.offices import mark_own

from . import Read, Release

# Claims and statements of completeness are about one election each.
PARTS = {"core.revote_claim": ["election_id"], "core.coverage_statement": ["election_id"]}


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Resolve the claims once into four tables."""
    found = resolve_counts(
        groups(
            mark_own(read("core.revote_claim"), read("ref.offices")),
            read("ref.areas"),
            read("ref.elections"),
            read("core.coverage_statement"),
            read("ref.area_lineage"),
        )
    )
    return {
        "mart.counts": found.counts,
        "core.incident": found.incidents,
        "core.count_part": found.parts,
        "core.claim_alternative": found.alternatives,
    }
