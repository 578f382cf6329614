"""core.exposure_resolution: one denominator per area and election."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.exposure import resolve_exposure
from pipelines.resolve.offices import mark_own

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Choose among the stated denominators."""
    found = resolve_exposure(
        mark_own(read("core.exposure"), read("ref.offices")),
        read("ref.areas"),
        read("ref.elections"),
        read("ref.area_lineage"),
    )
    return {"core.exposure_resolution": found}
