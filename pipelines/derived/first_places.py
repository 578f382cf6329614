"""mart.first_places: which places below an area to look at first, by shrunken rate; a watch list, not a verdict."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.analysis import gamma_poisson_eb

from . import Read, Release

OUTCOME = "psu"
# Whose places are ranked: the nation's and a province's regencies, a regency's districts.
RANKED_LEVEL = {"national": "regency", "province": "regency", "regency": "district"}
COLUMNS = [
    "parent_code", "rank", "area_code", "level", "area_name", "count", "exposure", "n_elections", "n_late",
    "n_disputes", "relative_rate", "relative_low", "relative_high",
]  # fmt: skip


def _places(zeros: pd.DataFrame) -> pd.DataFrame:
    """Per area: TPS with PSU held, TPS at the elections with data, and how many elections had any."""
    held = zeros[(zeros["outcome"] == OUTCOME) & zeros["value"].notna() & (zeros["n_tps"] > 0)]
    per_election = held.groupby(["area_code", "level", "area_name", "election_id"], as_index=False).agg(
        count=("value", "sum"), exposure=("n_tps", "first")
    )
    per_election["hit"] = (per_election["count"] > 0).astype("int64")
    keys = ["area_code", "level", "area_name"]
    places = per_election.groupby(keys, as_index=False).agg(
        count=("count", "sum"), exposure=("exposure", "sum"), n_elections=("hit", "sum")
    )
    for column, outcome in (("n_late", "late_recap"), ("n_disputes", "dispute")):
        totals = zeros[zeros["outcome"] == outcome].groupby("area_code")["value"].sum(min_count=1)
        places[column] = places["area_code"].map(totals)
    return places


def _rank(parent: str, places: pd.DataFrame) -> pd.DataFrame:
    count, exposure = places["count"].to_numpy(float), places["exposure"].to_numpy(float)
    expected = exposure * count.sum() / exposure.sum()
    shrunken = gamma_poisson_eb(count, expected)
    ranked = places.assign(
        parent_code=parent,
        relative_rate=np.round(shrunken.estimate, 4),
        relative_low=np.round(shrunken.low, 4),
        relative_high=np.round(shrunken.high, 4),
    ).sort_values(["relative_rate", "count", "area_code"], ascending=[False, False, True])
    return ranked.assign(rank=np.arange(1, len(ranked) + 1))


def _lists(places: pd.DataFrame, areas: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for level, below in RANKED_LEVEL.items():
        candidates = places[places["level"] == below]
        for parent in areas.loc[areas["level"] == level, "area_code"]:
            inside = (
                candidates if parent == "00" else candidates[candidates["area_code"].str.startswith(parent)]
            )
            if len(inside) > 1 and inside["count"].sum() > 0:
                yield _rank(parent, inside)


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Rank the places below every area that has at least two with data and one incident."""
    lists = list(_lists(_places(read("mart.three_zeros")), read("ref.areas")))
    frame = pd.concat(lists, ignore_index=True) if lists else pd.DataFrame(columns=COLUMNS)
    return {"mart.first_places": frame[COLUMNS]}
