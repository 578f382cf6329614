"""Events that a source places in an area: the unit of inference, built from the register's incidents.

An event is one village, ground and day. Individually named stations, and remainders inside one village, are
known events. A number of stations in a larger area that no source breaks down is at least one event and at most
as many as stations. Where no source states a number, there is at least one event; any others are not located.
"""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.vocabulary import FRESH_VOTES

KEY_LENGTH = {"province": 2, "regency": 4, "district": 6}
KEYS = ["election_id", "outcome", "area_code", "place", "ground_code", "day"]
COLUMNS = [*KEYS, "n_tps", "low", "high", "is_named"]


def events(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return events of ordered re-votes: decided, or held whether or not a decision is known.

    Args:
        incidents: rows of core.incident.

    Returns:
        One row per event: `COLUMNS`; n_tps stations, low and high events, is_named = its stations are known.
    """
    is_ordered = incidents["decided_claim_id"].notna() | incidents["held_claim_id"].notna()
    mine = incidents[
        incidents["outcome"].isin(FRESH_VOTES) & is_ordered & ~incidents["is_within"].astype(bool)
    ]
    village = mine["village"].fillna("").str.strip().str.lower()
    in_village = (mine["area_code"].str.len() == 10) | (village != "")
    table = pd.DataFrame(
        {
            "election_id": mine["election_id"],
            "outcome": mine["outcome"],
            "area_code": mine["area_code"],
            "place": mine["area_code"] + "/" + village,
            "ground_code": mine["ground_code"].fillna("unknown"),
            "day": mine["held_date"].fillna(mine["decided_date"]).astype("string").fillna(""),
            "n_tps": mine["n_tps"].astype("int64"),
            "is_named": mine["tps"].notna() | in_village | (mine["n_tps"] == 1),
        }
    )
    named = table[table["is_named"]].groupby(KEYS, sort=True, as_index=False)["n_tps"].sum()
    named = named.assign(low=1, high=1, is_named=True)
    lumps = table[~table["is_named"]].assign(low=1, high=table["n_tps"])
    frame = pd.concat([named[COLUMNS], lumps[COLUMNS]], ignore_index=True)
    typed: pd.DataFrame = frame.astype({"low": "int64", "high": "int64", "is_named": "bool"})
    return typed


def tps_per_event(found: pd.DataFrame) -> dict[str, float]:
    """Return the mean number of stations of individually known events, over all elections, by outcome."""
    known = found[found["is_named"]]
    means = known.groupby("outcome")["n_tps"].mean()
    return {str(outcome): float(mean) for outcome, mean in means.items()}


def by_area(found: pd.DataFrame, level: str) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the bounds of every area of a level with a located event, by election and outcome.

    Returns:
        (election_id, outcome) -> table indexed by area_code with low, high: events; n_tps: located stations;
        largest: stations of the largest known event; low_merged: number of events when those of one district
        and ground are merged, whatever the day.
    """
    inside = found[found["area_code"].str.len().ge(KEY_LENGTH[level]) & ~found["area_code"].str.contains("-")]
    inside = inside.assign(
        cause=inside["area_code"].str[:6] + "/" + inside["ground_code"],
        area_code=inside["area_code"].str[: KEY_LENGTH[level]],
    )
    keys = ["election_id", "outcome", "area_code"]
    grouped = inside.groupby(keys)
    table = grouped[["low", "high", "n_tps"]].sum()
    table["largest"] = inside[inside["is_named"]].groupby(keys)["n_tps"].max()
    table["low_merged"] = grouped["cause"].nunique()
    return {
        (str(election), str(outcome)): part.droplevel(["election_id", "outcome"])
        for (election, outcome), part in table.groupby(level=["election_id", "outcome"])
    }
