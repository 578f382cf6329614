"""core.hotspot_input: families of areas that may be compared, with count, exposure and expectation.

A family is a scope (the nation or a province) whose total is complete for an election and outcome. Where every case
of the scope is located, counts are incidents (one cause, date and village); elsewhere they are TPS, known only as
lower bounds, which keeps an upper-tail test against the scope's official rate conservative.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import FRESH_VOTES, LEVELS_BELOW
from pipelines.resolve.rows import records

from . import Read, Release

REVOTES = FRESH_VOTES
KEY_LENGTH = {"province": 2, "regency": 4, "district": 6}
COLUMNS = columns("core.hotspot_input")


def incidents(leaves: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Located TPS held, grouped into incidents: one election, outcome, village, cause and date.

    Returns:
        election_id, outcome, area_code (deepest), n_tps per incident, ground_code, date_held.
    """
    held = leaves[(leaves["status"] == "held") & leaves["outcome"].isin(REVOTES)]
    about = claims[["event_id", "ground_code", "date_held"]].rename(columns={"event_id": "claim_id"})
    merged = held.merge(about, on="claim_id", how="left")
    place = merged["area_code"] + "/" + merged["village"].fillna("").str.lower()
    keys = ["election_id", "outcome", "area_code", "place", "ground_code", "date_held"]
    grouped = merged.assign(place=place).groupby(keys, dropna=False, sort=True)["n_tps"].sum()
    return grouped.reset_index()


def exposures(
    level: str, scope: str, election: str, stated: pd.DataFrame, areas: pd.DataFrame, days: pd.Series
) -> tuple[pd.Series, str] | None:
    """TPS of every area of a level in a scope; from the nearest election with all of them where some lack."""
    inside = areas[(areas["level"] == level) & (scope == "00" or areas["area_code"].str.startswith(scope))]
    codes = inside["area_code"]
    table = stated[stated["area_code"].isin(codes)].pivot_table(
        index="area_code", columns="election_id", values="n_tps", aggfunc="first"
    )
    whole = [e for e in table.columns if len(table[e].dropna()) == len(codes)]
    if election in whole:
        return table[election].astype(float), "stated"
    total = stated[(stated["area_code"] == scope) & (stated["election_id"] == election)]["n_tps"]
    if scope == "00" or not whole or total.empty or total.isna().all():
        return None
    nearest = min(whole, key=lambda e: (abs((days[e] - days[election]).days), e))
    shares = table[nearest].astype(float)
    return shares * float(total.iloc[0]) / shares.sum(), "scaled"


def revote_families(read: Read) -> Iterator[pd.DataFrame]:
    """Families of PSU, PSL and PSS held."""
    zeros, areas, stated = read("mart.three_zeros"), read("ref.areas"), read("core.exposure_resolution")
    days = read("ref.elections").set_index("election_id")["voting_date"]
    found = incidents(read("core.claim_leaf"), read("core.revote_claim"))
    known = (
        zeros[zeros["outcome"].isin(REVOTES)].set_index(["election_id", "outcome", "area_code"]).sort_index()
    )
    scopes = zeros[
        zeros["outcome"].isin(REVOTES)
        & zeros["level"].isin(LEVELS_BELOW)
        & (zeros["coverage"] == "complete")
        & (zeros["n_tps"] > 0)
    ]
    for scope in records(scopes):
        is_located = scope["n_unlocated"] == 0
        mine = found[(found["election_id"] == scope["election_id"]) & (found["outcome"] == scope["outcome"])]
        if scope["level"] != "national":
            mine = mine[mine["area_code"].str.startswith(scope["area_code"])]
        here = known.loc[(scope["election_id"], scope["outcome"])]
        for level in LEVELS_BELOW[scope["level"]]:
            m = exposures(level, scope["area_code"], scope["election_id"], stated, areas, days)
            if m is None:
                continue
            exposure, basis = m
            area_of = mine["area_code"].str[: KEY_LENGTH[level]]
            n_incidents = area_of.value_counts()
            n_tps = mine.groupby(area_of)["n_tps"].sum()
            frame = pd.DataFrame({"area_code": exposure.index, "exposure": exposure.to_numpy()})
            states = here["coverage"].reindex(frame["area_code"]).fillna("no_data").to_numpy()
            tps = here["value"].reindex(frame["area_code"]).reset_index(drop=True).astype("Float64")
            if is_located:
                count = frame["area_code"].map(n_incidents).fillna(0)
                total = float(n_incidents.sum())
                tps = frame["area_code"].map(n_tps).fillna(0)
            else:
                count, total = tps, float(scope["value"])
            yield frame.assign(
                scope_code=scope["area_code"],
                election_id=scope["election_id"],
                outcome=scope["outcome"],
                level=level,
                parent_code=_parent(frame["area_code"], level, scope["area_code"]),
                unit="incident" if is_located else "tps",
                count=count.astype("Int64"),
                n_tps_affected=tps.astype("Int64"),
                expected=frame["exposure"] * total / frame["exposure"].sum(),
                exposure_basis=basis,
                coverage=["complete"] * len(frame) if is_located else states,
                is_comparable=True,
            )


def _parent(codes: pd.Series, level: str, scope: str) -> pd.Series:
    above = {"province": "00", "regency": None, "district": None}[level]
    if above is not None:
        return pd.Series(above, index=codes.index)
    parent = codes.str[: KEY_LENGTH[level] - 2]
    return (
        parent if len(scope) < KEY_LENGTH[level] - 2 or scope == "00" else parent.where(parent != "", scope)
    )


def other_families(read: Read) -> Iterator[pd.DataFrame]:
    """Disputes against the court's own total, and late recapitulation, which is never complete."""
    zeros = read("mart.three_zeros")
    nation = zeros[
        (zeros["area_code"] == "00") & (zeros["outcome"] == "dispute") & (zeros["coverage"] == "complete")
    ]
    rates = (nation["value"] / nation["n_tps"]).set_axis(nation["election_id"]).dropna()
    for level in LEVELS_BELOW["national"]:
        below = zeros[zeros["level"] == level]
        disputes = below[(below["outcome"] == "dispute") & (below["n_tps"] > 0)]
        for election, frame in disputes.groupby("election_id"):
            if election not in rates.index or frame["value"].notna().sum() == 0:
                continue
            exposure = frame["n_tps"].astype(float)
            yield _plain(frame, "case", frame["value"], exposure, float(rates[election]), True)
        late = below[(below["outcome"] == "late_recap") & (below["n_known"] > 0)]
        for _, frame in late.groupby("election_id"):
            trials = frame["n_known"].astype(float)
            rate = float(frame["value"].sum()) / trials.sum()
            yield _plain(frame, "unit", frame["value"], trials, rate, False)


def _plain(
    frame: pd.DataFrame, unit: str, count: pd.Series, exposure: pd.Series, rate: float, is_comparable: bool
) -> pd.DataFrame:
    level = str(frame["level"].iloc[0])
    return frame[["election_id", "outcome", "level", "area_code", "coverage"]].assign(
        scope_code="00",
        parent_code=_parent(frame["area_code"], level, "00"),
        unit=unit,
        count=count.astype("Int64"),
        n_tps_affected=pd.Series(pd.NA, index=frame.index, dtype="Int64"),
        exposure=exposure,
        expected=exposure * rate,
        exposure_basis="stated",
        is_comparable=is_comparable,
    )


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """All families, one below the other."""
    parts = [*revote_families(read), *other_families(read)]
    frame = pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)
    return {"core.hotspot_input": frame}
