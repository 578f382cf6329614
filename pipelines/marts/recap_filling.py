"""mart.recap_filling: progress of recapitulation by province and hour."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.recap_filling import recap_filling

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Count the units of every snapshot."""
    found = recap_filling(read("core.recap_progress"), read("ref.areas"), read("ref.area_lineage"))
    return {"mart.recap_filling": found}
