"""core.dispute_resolution: registered and granted cases; core.dispute_part: the parts of its sums."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.disputes import resolve_disputes
from pipelines.resolve.offices import mark_own

from . import Read, Release

APART = True


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Count the cases over results."""
    found = resolve_disputes(
        mark_own(read("core.dispute_case"), read("ref.offices")),
        read("core.dispute_count"),
        read("ref.areas"),
        read("ref.elections"),
        read("ref.area_lineage"),
    )
    return {"core.dispute_resolution": found.counts, "core.dispute_part": found.parts}
