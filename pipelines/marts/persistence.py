"""mart.propensity and mart.persistence: what several elections together say about each area.

Elections take part by their official total, fixed beforehand; an area about which nothing is reported takes part with
p = 1. A claim over several elections rests on the joint test alone; propensity describes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.catalog.vocabulary import codes
from pipelines.stats import fit_propensity, joint_test
from pipelines.stats.partly_observed import classes
from pipelines.stats.partly_observed.claims import LEVEL

from . import Read, Release

TOP = 5
PERSISTENT, RECENT, PAST, NEVER, NO_DATA = codes("persistence_kind")
KEYS = ["scope_code", "outcome", "level"]
PARTS = {"core.hotspot_input": KEYS, "mart.hotspots": KEYS}


def matrix(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Areas in rows, elections in columns, oldest first; missing = no data."""
    keys = pd.MultiIndex.from_arrays([frame["area_code"], frame["order"]], names=["area_code", "order"])
    return pd.Series(frame[column].array, index=keys).unstack("order")  # noqa: PD010 (keys are unique)


def groups(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Parts of a frame by scope, outcome and level, with their keys."""
    for key, part in frame.groupby(KEYS, sort=True):
        yield dict(zip(KEYS, map(str, key), strict=True)), part


def propensity(compared: pd.DataFrame) -> pd.DataFrame | None:
    """Lasting relative rate of the areas of one level; None with fewer than two elections that saw any event.

    Args:
        compared: rows of mart.hotspots of elections with an official total.
    """
    informative = compared.groupby("order")["count"].transform("sum") > 0
    used = compared[informative]
    expected = matrix(used, "expected").dropna()
    if expected.shape[1] < 2 or not (expected > 0).all().all():
        return None
    low, high = (
        matrix(used.assign(value=used[name].astype("float64").fillna(0.0)), "value").loc[expected.index]
        for name in ("count", "count_high")
    )
    reach = used["located_share"].where(used["state"] != "complete", 1.0).clip(lower=1e-3)
    share = matrix(used.assign(value=reach), "value").loc[expected.index]
    found = fit_propensity(low.to_numpy(), high.to_numpy(), expected.to_numpy(), share.to_numpy())
    is_complete = bool((used["state"] == "complete").all())
    rank = pd.Series(-found.mean).rank(method="average").to_numpy()
    return pd.DataFrame(
        {
            "area_code": expected.index,
            "propensity": found.mean.round(6),
            "propensity_low": found.low.round(6),
            "propensity_high": found.high.round(6),
            "p_least": found.p_least.round(6),
            "spread_lasting": round(found.tau, 6),
            "spread_elections": round(found.omega, 6),
            "n_elections": expected.shape[1],
            "has_claim": True,
            "rank_expected": rank if is_complete else np.nan,
        }
    )


def persistence(part: pd.DataFrame) -> pd.DataFrame:
    """The joint test over the elections with an official total, and one word for each area over all elections."""
    words = matrix(part, "evidence").fillna("")
    tested = part[part["is_comparable"]]
    n_elections = tested["order"].nunique()
    joint_p, joint_q, joint_b = (np.full(len(words), np.nan) for _ in range(3))
    if n_elections > 1:
        p = matrix(tested, "p_value").reindex(words.index)
        joint = joint_test(p.to_numpy(float))
        joint_p, joint_q, joint_b = joint.p_value, joint.q_value, joint.q_bonferroni
    q = matrix(tested, "q_value").reindex(words.index) if n_elections else pd.DataFrame(index=words.index)
    supported = q.to_numpy(float) <= LEVEL if q.shape[1] else np.zeros((len(words), 1), dtype=bool)
    sums = part.groupby("area_code")[["count", "count_high"]].sum().reindex(words.index)
    expected = tested.groupby("area_code")["expected"].sum().reindex(words.index)
    found = pd.DataFrame(
        {
            "area_code": words.index,
            "n_elections": n_elections,
            "n_known": (part["state"] != "silent")
            .groupby(part["area_code"])
            .sum()
            .reindex(words.index)
            .to_numpy(),
            "n_supported": supported.sum(axis=1),
            "total_count": sums["count"].to_numpy(),
            "total_count_high": sums["count_high"].to_numpy(),
            "total_expected": expected.to_numpy(float).round(6),
            "pc_p_value": joint_p.round(6),
            "pc_q_value": joint_q.round(6),
            "pc_q_bonferroni": joint_b.round(6),
            "kind": kinds(supported, np.nan_to_num(joint_q, nan=1.0) <= LEVEL, (words == "").all(axis=1)),
            "evidence": classes.over_elections(words.to_numpy(str), joint_q),
        }
    )
    return found


def kinds(supported: np.ndarray, confirmed: np.ndarray, unknown: pd.Series) -> np.ndarray:
    """When an area was supported: in several elections by the joint test, only in the last, only before, or never."""
    now, before = supported[:, -1], supported[:, :-1].any(axis=1)
    return np.select(
        [unknown.to_numpy(), confirmed, now & before, now, before],
        [NO_DATA, PERSISTENT, RECENT, RECENT, PAST],
        NEVER,
    )


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Both tables from mart.hotspots; late recapitulation is never compared."""
    order = read("ref.elections").set_index("election_id")["voting_date"]
    names = read("ref.areas").set_index("area_code")["name"]
    known = read("mart.hotspots")
    known = known[known["unit"] != "unit"].assign(order=lambda f: f["election_id"].map(order))
    prone, rows = [], []
    for key, part in groups(known):
        mine = persistence(part).assign(**key)
        rows.append(mine)
        found = propensity(part[part["is_comparable"]])
        if found is not None:
            words = mine.set_index("area_code")["evidence"]
            prone.append(found.assign(**key, evidence=found["area_code"].map(words)))
    columns = [*KEYS, "area_code"]
    propensities = pd.concat(prone, ignore_index=True) if prone else pd.DataFrame(columns=columns)
    persistences = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    for table in (propensities, persistences):
        table["area_name"] = table["area_code"].map(names)
    return {"mart.propensity": propensities, "mart.persistence": persistences}
