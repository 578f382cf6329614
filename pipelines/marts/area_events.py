"""mart.area_events: what happened in an area at an election, by outcome; the basis of the sentences in reports."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import AFTER_VOTING, DONE_STATUSES, GRANTED, codes

from . import Read, Release

# Statuses at which a re-vote or recount has gone far enough to show that the cause lay in the station.
ACTED = DONE_STATUSES
# Grounds that affect many stations at once: stations of one regency, ground and day form one event. For other
# grounds the same day means nothing, since they occur independently.
STRIKING = ("disaster", "unrest", "disaster_unrest")
CLUSTER = ["regency", "ground_code", "day"]
LENGTHS = (0, 2, 4, 6, 10)  # code lengths, from the nation down to villages


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """One row per area, election and outcome with at least one case."""
    frame = pd.concat([revotes(read("mart.counts"), read("mart.incidents")), others(read)], ignore_index=True)
    dates = read("ref.elections").set_index("election_id")["voting_date"]
    frame["voting_date"] = frame["election_id"].map(dates)
    frame = frame.reindex(columns=columns("mart.area_events")).sort_values(
        ["area_code", "voting_date", "outcome"]
    )
    return {"mart.area_events": frame.reset_index(drop=True)}


def revotes(counts: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Return stations with a re-vote or recount ordered or held, with the commonest ground and the largest
    cluster.

    Args:
        counts: mart.counts; incidents: mart.incidents.
    """
    keys = ["election_id", "area_code", "level", "kind"]
    wide = counts.pivot_table(index=keys, columns="measure", values="lower", aggfunc="max").reset_index()
    whole = counts[counts["is_complete"]].assign(whole=True)
    whole = whole.pivot_table(index=keys, columns="measure", values="whole", aggfunc="any")
    for measure in codes("revote_measure"):
        wide[measure] = wide[measure].fillna(0) if measure in wide else 0
    at = pd.MultiIndex.from_frame(wide[keys])
    known = {
        measure: (whole[measure].reindex(at).eq(True).to_numpy() if measure in whole else False)
        for measure in codes("revote_measure")
    }
    wide["is_held_whole"] = pd.Series(known["held"], index=wide.index)
    # If the held count is whole and equals the ordered count, the ordered count is whole too.
    whole_by_held = wide["is_held_whole"] & (wide["ordered"] == wide["held"])
    wide["is_at_least"] = ~(pd.Series(known["ordered"], index=wide.index) | whole_by_held)
    found = wide[(wide["ordered"] > 0) | (wide["recommended"] > 0)].rename(
        columns={"kind": "outcome", "ordered": "n", "recommended": "n_recommended", "held": "n_held"}
    )
    return found.merge(grounds(incidents), on=["election_id", "area_code", "outcome"], how="left")


def grounds(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return per area above an incident, election and outcome: commonest
    ground, largest cluster of one ground and day."""
    acted = incidents[incidents["status"].isin(ACTED) & ~incidents["is_within"].astype(bool)]
    acted = acted.assign(day=acted["date_held"].fillna(acted["date_decided"]), station=acted["area_code"])
    parts = []
    for length in LENGTHS:
        if length:
            inside = acted[(acted["level"] != "national") & (acted["area_code"].str.len() >= length)]
            parts.append(inside.assign(area=inside["area_code"].str[:length]))
        else:
            parts.append(acted.assign(area="00"))
    every = pd.concat(parts, ignore_index=True)
    keys = ["election_id", "area", "outcome"]
    stated = every[every["ground_code"].notna() & (every["ground_code"] != "unknown")]
    by_ground = _largest(stated, keys, ["ground_code"]).rename(columns={"n_tps": "n_ground"})
    striking = stated[stated["ground_code"].isin(STRIKING)].assign(regency=lambda x: x["station"].str[:4])
    cluster = _largest(striking, keys, CLUSTER).rename(
        columns={"n_tps": "cluster_n", "ground_code": "cluster_ground", "day": "cluster_date"}
    )
    total = stated.groupby(keys)["n_tps"].sum().rename("n_ground_known").reset_index()
    joined = by_ground.merge(cluster, on=keys, how="left").merge(total, on=keys, how="left")
    return joined.rename(columns={"area": "area_code"})


def _largest(rows: pd.DataFrame, keys: list[str], by: list[str]) -> pd.DataFrame:
    """Return the group with most stations among `by`, one per `keys`; ties are broken alphabetically."""
    sums = rows.groupby([*keys, *by], dropna=False)["n_tps"].sum().reset_index()
    ascending = [True] * len(keys) + [False] + [True] * len(by)
    return sums.sort_values([*keys, "n_tps", *by], ascending=ascending).drop_duplicates(keys)


def others(read: Read) -> pd.DataFrame:
    """Return late units of recapitulation and cases at the Constitutional Court."""
    zeros = read("mart.three_zeros")
    found = zeros[zeros["outcome"].isin(AFTER_VOTING) & (zeros["value"] > 0)]
    found = found[["area_code", "level", "election_id", "outcome", "value", "coverage"]].rename(
        columns={"value": "n"}
    )
    found["is_at_least"] = found["coverage"] != "complete"
    recap = read("mart.recap_timeliness")
    recap = recap[recap["is_unit"].astype(bool) & (recap["verdict"] == "late")]
    late = _above(recap.assign(days=recap["days_late"]), "days", "max").rename(columns={"days": "days_late"})
    cases = read("mart.disputes")
    cases = cases[(cases["forum"] == "mk") & cases["verdict"].isin(GRANTED)]
    granted = _above(cases.drop_duplicates("case_id").assign(n_granted=1), "n_granted", "sum")
    found = found.merge(
        late.assign(outcome="late_recap"), on=["area_code", "election_id", "outcome"], how="left"
    )
    return found.merge(
        granted.assign(outcome="dispute"), on=["area_code", "election_id", "outcome"], how="left"
    )


def _above(rows: pd.DataFrame, value: str, how: str) -> pd.DataFrame:
    """Aggregate a value of rows at areas to these areas and all areas above."""
    rows = rows[rows["area_code"].notna()]
    parts = []
    for length in LENGTHS:
        code = rows["area_code"].str[:length] if length else pd.Series("00", index=rows.index)
        parts.append(rows.assign(area_code=code)[rows["area_code"].str.len().ge(length)])
    every = pd.concat(parts).drop_duplicates()
    return every.groupby(["area_code", "election_id"])[value].agg(how).reset_index()
