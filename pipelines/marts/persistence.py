"""mart.propensity and mart.persistence: what several elections together say about each area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from pipelines.catalog.vocabulary import COMPARED_LEVELS
from pipelines.stats import (
    adafilter,
    classify_persistence,
    credibility_cascade,
    partial_conjunction,
    persistence_permutation_test,
    posterior_ranks,
)

from . import Read, Release

TOP = 5
LABELS = {
    "confirmed persistent": "confirmed_persistent",
    "supported in one election": "supported_once",
    "watch list": "watch_list",
    "none": "none",
}


def matrix(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Areas in rows, elections in columns, oldest first; missing = no data."""
    return frame.pivot_table(index="area_code", columns="order", values=column, aggfunc="first", dropna=False)


def propensity(whole: pd.DataFrame, levels: list[str], release: Release) -> pd.DataFrame:
    """Cascade over the levels of a scope whose areas are all known in every election used."""
    cascade_input = pd.DataFrame(
        {
            "level": whole["level"],
            "area": whole["area_code"],
            "parent": whole["parent_code"].where(whole["level"] != levels[0], None),
            "election": whole["order"],
            "count": whole["count"].astype("float64"),
            "exposure": whole["exposure"],
        }
    )
    areas = credibility_cascade(cascade_input, levels).areas
    parts = []
    for level, part in areas.groupby("level", sort=False):
        mean, variance = part["propensity"].to_numpy(float), part["propensity_variance"].to_numpy(float)
        ranks = posterior_ranks(mean, variance, top=min(TOP, len(part)), seed=release.seed)
        low, high = gamma_limits(mean, variance)
        mine = whole[whole["level"] == level]
        cases, expected = matrix(mine, "count").astype("float64"), matrix(mine, "expected")
        busy = [c for c in cases.columns if cases[c].sum() > 0]
        p = np.nan
        if len(busy) > 1:
            p = persistence_permutation_test(
                cases[busy].to_numpy(), expected[busy].to_numpy(), strata=1, seed=release.seed
            ).p_value
        parts.append(
            pd.DataFrame(
                {
                    "level": level,
                    "area_code": part["area"].to_numpy(),
                    "propensity": mean.round(6),
                    "propensity_low": low.round(6),
                    "propensity_high": high.round(6),
                    "credibility": part["credibility"].to_numpy(float).round(6),
                    "n_elections": part["elections"].to_numpy(),
                    "has_claim": part["has_claim"].to_numpy(),
                    "rank_expected": ranks.expected,
                    "rank_low": ranks.low,
                    "rank_high": ranks.high,
                    "p_top": ranks.top_probability,
                    "level_p_value": p,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def gamma_limits(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % limits of a gamma with these moments; without variance the mean itself."""
    safe = np.where(variance > 0, variance, 1.0)
    shape, scale = mean**2 / safe, safe / np.where(mean > 0, mean, 1.0)
    low, high = stats.gamma.ppf(0.025, shape, scale=scale), stats.gamma.ppf(0.975, shape, scale=scale)
    spread = (variance > 0) & (mean > 0)
    return np.where(spread, low, mean), np.where(spread, high, mean)


def persistence(tested: pd.DataFrame, prone: pd.DataFrame | None) -> pd.DataFrame:
    """Partial conjunction over the elections of one scope, outcome and level."""
    p, q = matrix(tested, "p_value"), matrix(tested, "q_value")
    known = p.notna().sum(axis=1).to_numpy()
    joint_p, joint_q = np.full(len(p), np.nan), np.full(len(p), np.nan)
    confirmed = np.zeros(len(p), dtype=bool)
    if p.shape[1] > 1 and (known > 1).any():
        filtered = adafilter(p.to_numpy(float), u=2, q=0.05)
        joint_p = np.where(known > 1, partial_conjunction(p.to_numpy(float), u=2), np.nan)
        joint_q = np.where(known > 1, filtered.adjusted, np.nan)
        confirmed[filtered.rejected] = True
    words = classify_persistence(q.to_numpy(float), confirmed, watched(tested, p.index, prone))
    sums = tested.groupby("area_code")[["count", "expected"]].sum()
    return pd.DataFrame(
        {
            "area_code": p.index,
            "n_elections": known,
            "n_supported": (q <= 0.05).sum(axis=1).to_numpy(),
            "total_count": sums["count"].reindex(p.index).to_numpy(),
            "total_expected": sums["expected"].reindex(p.index).to_numpy(float).round(6),
            "pc_p_value": joint_p.round(6),
            "pc_q_value": joint_q.round(6),
            "kind": words.kind,
            "evidence": [LABELS[label] for label in words.label],
        }
    )


def watched(tested: pd.DataFrame, areas: pd.Index, prone: pd.DataFrame | None) -> np.ndarray:
    """The watch list: top five by propensity, or by shrunken ratio of the last election where there is none."""
    if prone is not None and len(prone):
        score = prone.set_index("area_code")["propensity"].reindex(areas)
    else:
        last = tested[tested["order"] == tested["order"].max()].set_index("area_code")
        score = last["eb_ratio"].where(last["count"] > 0).reindex(areas)
    # Areas that no data of their own tell apart share one propensity: those with more cases come first.
    total = tested.groupby("area_code")["count"].sum().reindex(areas).fillna(0).astype("int64")
    order = pd.DataFrame({"score": score, "total": total})[score > 1]
    above = order.sort_values(["score", "total"], ascending=False, kind="stable").head(TOP)
    return np.asarray(areas.isin(above.index))


def groups(frame: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Parts of a frame by scope and outcome."""
    for key, part in frame.groupby(["scope_code", "outcome"], sort=True):
        scope, outcome = map(str, key)
        yield (scope, outcome), part


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Both tables from the comparable families."""
    order = read("ref.elections").set_index("election_id")["voting_date"]
    names = read("ref.areas").set_index("area_code")["name"]
    families, tested = read("core.hotspot_input"), read("mart.hotspots")
    families, tested = (
        f[f["is_comparable"]].assign(order=f["election_id"].map(order)) for f in (families, tested)
    )
    prone: dict[tuple[str, str], pd.DataFrame] = {}
    for key, frame in groups(families):
        complete = frame.groupby("election_id")["count"].transform(lambda c: c.notna().all()).astype(bool)
        whole = frame[complete]
        if len(set(whole["election_id"])) > 1:
            levels = [lv for lv in COMPARED_LEVELS if (whole["level"] == lv).any()]
            table = propensity(whole, levels, release)
            prone[key] = table.assign(scope_code=key[0], outcome=key[1])
    rows = []
    for (scope, outcome), frame in groups(tested):
        for level, part in frame.groupby("level"):
            known = prone.get((scope, outcome))
            mine = None if known is None else known[known["level"] == level]
            rows.append(persistence(part, mine).assign(scope_code=scope, outcome=outcome, level=level))
    columns = ["scope_code", "outcome", "level", "area_code"]
    propensities = pd.concat(prone.values(), ignore_index=True) if prone else pd.DataFrame(columns=columns)
    persistences = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    for table in (propensities, persistences):
        table["area_name"] = table["area_code"].map(names)
    return {
        "mart.propensity": propensities,
        "mart.persistence": persistences,
    }
