"""core.recap_unit: was each recapitulation late?"""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.offices import mark_own
from pipelines.resolve.recap import resolve_recap

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Decide for every unit of recapitulation whether it was late."""
    found = resolve_recap(
        mark_own(read("core.recap_milestone"), read("ref.offices")),
        read("ref.stages"),
        read("ref.elections"),
        read("ref.area_lineage"),
    )
    return {"core.recap_unit": found}
