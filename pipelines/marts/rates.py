"""mart.rates: counts per 1,000 TPS with exact mid-P intervals."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.vocabulary import codes
from pipelines.stats import rate_table

from . import Read, Release

OUTCOMES = codes("revote_kind")


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return rates of held re-votes, where both the count and the number of TPS are known.

    Court-ordered re-votes are left out: whole constituencies vote again, so a rate per TPS is meaningless.
    """
    zeros = read("mart.three_zeros")
    known = zeros[zeros["outcome"].isin(OUTCOMES) & zeros["value"].notna() & (zeros["n_tps"] > 0)]
    frame = known[["election_id", "area_code", "level", "area_name", "outcome", "coverage"]].assign(
        count=known["value"], exposure=known["n_tps"]
    )
    return {"mart.rates": rate_table(frame, "count", "exposure")}
