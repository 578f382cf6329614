"""mart.priority_places: the order of places below an area, over all outcomes and elections.

Places are ordered by: (1) the number of elections with the outcome that repeats most, (2) the number of
elections with any outcome, (3) the number of stations that had to vote again, (4) the number of late units and
cases, (5) how recent the last one is. Places equal in all five share a rank: equal evidence is shown as equal.
Court-ordered re-votes count with their election; a number of stations known only as "at least" is used as
stated. Only what was ordered or held counts, not what was merely recommended.
"""

from __future__ import annotations

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import CLAIMED_EVIDENCE, COUNTED_REVOTES, EVIDENCE_TO_LOOK_AT

from . import Read, Release

# Level of the places, and code length of the area they are listed below.
BELOW = (("regency", 0), ("regency", 2), ("district", 4), ("village", 6))
ORDER = ["n_repeated", "n_elections", "n_tps", "n_late_and_disputes", "last_date"]
# From strongest to weakest class; an area gets the strongest from any election or scope.
STRENGTH = (*CLAIMED_EVIDENCE, *EVIDENCE_TO_LOOK_AT)


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return ranked places below the nation, every province, every regency and every district."""
    areas = read("ref.areas").set_index("area_code")
    events = read("mart.area_events")
    places = summed(events[events["n"] > 0])
    places["area_name"] = places["area_code"].map(areas["name"])
    places = places.merge(
        strongest(read("mart.hotspots"), read("mart.persistence")), on="area_code", how="left"
    )
    places["evidence"] = places["evidence"].fillna("no_statement")
    return {"mart.priority_places": ranked(places).reindex(columns=columns("mart.priority_places"))}


def summed(events: pd.DataFrame) -> pd.DataFrame:
    """Return one row per area: how often, how much, how recent.

    Args:
        events: mart.area_events with n > 0.
    """
    is_revote = events["outcome"].isin(COUNTED_REVOTES)
    kinds = events["outcome"].where(~is_revote, "psu")
    per = (
        events.assign(kind=kinds)
        .groupby(["area_code", "kind"])["election_id"]
        .nunique()
        .reset_index(name="times")
    )
    per = per.sort_values(["area_code", "times", "kind"], ascending=[True, False, True]).drop_duplicates(
        "area_code"
    )
    per = per.set_index("area_code")
    groups = events.groupby("area_code")
    found = pd.DataFrame(
        {
            "level": groups["level"].first(),
            "n_repeated": per["times"],
            "repeated_outcome": per["kind"],
            "n_elections": groups["election_id"].nunique(),
            "last_date": groups["voting_date"].max(),
            "is_at_least": groups["is_at_least"].any(),
        }
    )
    last = events.sort_values("voting_date").groupby("area_code")["election_id"].last()
    found["last_election_id"] = last
    for column, outcomes in (
        ("n_tps", COUNTED_REVOTES),
        ("n_court_tps", ("psu_court",)),
        ("n_late", ("late_recap",)),
        ("n_disputes", ("dispute",)),
    ):
        total = events[events["outcome"].isin(outcomes)].groupby("area_code")["n"].sum()
        found[column] = total.reindex(found.index).fillna(0).astype("int64")
    found["n_late_and_disputes"] = found["n_late"] + found["n_disputes"]
    return found.reset_index()


def strongest(hotspots: pd.DataFrame, persistence: pd.DataFrame) -> pd.DataFrame:
    """Return the strongest class of each area over all outcomes, elections and scopes, and its election.

    For a class confirmed in several elections, that is the last election that supports it.
    """
    if "evidence" not in hotspots or hotspots.empty:
        return pd.DataFrame(columns=["area_code", "evidence", "evidence_election_id"])
    rows = hotspots[hotspots["evidence"].isin(STRENGTH)].copy()
    rows["strength"] = rows["evidence"].map({word: k for k, word in enumerate(STRENGTH)})
    rows = rows.sort_values(["area_code", "strength", "election_id"])
    confirmed = persistence.loc[persistence["evidence"] == STRENGTH[0], "area_code"]
    is_confirmed = rows["area_code"].isin(confirmed)
    rows = pd.concat(
        [
            rows[is_confirmed].drop_duplicates("area_code", keep="last").assign(evidence=STRENGTH[0]),
            rows[~is_confirmed].drop_duplicates("area_code"),
        ]
    )
    return rows[["area_code", "evidence", "election_id"]].rename(
        columns={"election_id": "evidence_election_id"}
    )


def ranked(places: pd.DataFrame) -> pd.DataFrame:
    """Rank the places below every area above them; places with equal evidence share a rank."""
    parts = []
    for level, length in BELOW:
        inside = places[places["level"] == level]
        parent = inside["area_code"].str[:length] if length else pd.Series("00", index=inside.index)
        parts.append(inside.assign(parent_code=parent))
    every = pd.concat(parts, ignore_index=True)
    order = every.sort_values(
        ["parent_code", *ORDER, "area_code"], ascending=[True, *[False] * len(ORDER), True], kind="stable"
    )
    order["position"] = order.groupby("parent_code").cumcount() + 1
    order["rank"] = order.groupby(["parent_code", *ORDER], dropna=False)["position"].transform("min")
    return order
