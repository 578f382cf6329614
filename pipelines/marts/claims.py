"""core.claim_resolution, core.claim_leaf and core.claim_alternative from the claims of the register."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.claims import resolve_claims

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Resolve the claims once; three tables come of it."""
    found = resolve_claims(
        read("core.revote_claim"),
        read("ref.areas"),
        read("ref.elections"),
        read("core.coverage_statement"),
        read("ref.area_lineage"),
    )
    return {
        "core.claim_resolution": found.values,
        "core.claim_leaf": found.leaves,
        "core.claim_alternative": found.alternatives,
    }
