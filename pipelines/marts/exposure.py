"""core.exposure_resolution: one denominator per area and election; core.exposure_part: the parts of its sums."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.exposure import resolve_exposure
from pipelines.resolve.offices import mark_own

from . import Read, Release

APART = True


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Choose among the stated denominators."""
    chosen, parts = resolve_exposure(
        mark_own(read("core.exposure"), read("ref.offices")),
        read("ref.areas"),
        read("ref.elections"),
        read("ref.area_lineage"),
    )
    return {"core.exposure_resolution": chosen, "core.exposure_part": parts}
