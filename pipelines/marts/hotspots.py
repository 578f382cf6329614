"""mart.hotspots, mart.dispersion and mart.resolution: what a single election shows about each area.

One posterior of (k, g) per family serves all three tables and `mart.funnel`. In late recapitulation each unit
can be late only once; it is described by a beta-binomial and never tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from pipelines.stats import (
    benjamini_hochberg,
    binomial_eb,
    dispersion,
    estimate,
    excess_p,
    family_ranks,
    fit_family,
    observe,
    smallest_ratio,
    tipping_total,
)
from pipelines.stats.partly_observed import classes
from pipelines.stats.partly_observed.claims import LEVEL, POWER, TWICE
from pipelines.stats.partly_observed.observed import Observed
from pipelines.stats.partly_observed.posterior import FamilyPosterior

from . import Read, Release

FAMILY = ["scope_code", "election_id", "outcome", "level"]
PARTS = {"core.hotspot_input": FAMILY}
APART = True
TOP = 5
ESTIMATED = (
    "eb_ratio", "eb_low", "eb_high", "p_above_2", "p_value", "q_value", "q_high", "q_merged",
    "rank_expected", "rank_low", "rank_high", "p_top", "tipping_total",
)  # fmt: skip
LARGE = 0.9  # quantile of the expected count that represents a large area


@dataclass(frozen=True)
class Fitted:
    """A family with its posterior; None if it has no event or nothing to compare."""

    seen: Observed
    posterior: FamilyPosterior


def families(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yield the families of core.hotspot_input with their keys."""
    # For small families, Python strings are faster to access than Arrow ones.
    frame = frame.astype(dict.fromkeys(frame.select_dtypes("str").columns, object))
    for key, family in frame.groupby(FAMILY, sort=True):
        yield dict(zip(FAMILY, map(str, key), strict=True)), family.reset_index(drop=True)


def is_binomial(family: pd.DataFrame) -> bool:
    """Return whether each unit of the family can be affected only once (late or not)."""
    return bool((family["unit"] == "unit").all())


def fit(family: pd.DataFrame) -> Fitted | None:
    """Return the posterior of (k, g) of a family of counts; None for
    binomial units and where nothing is located."""
    if is_binomial(family) or family["count"].sum() == 0:
        return None
    low, high, exposure = (
        family[name].to_numpy(dtype="float64", na_value=0.0).tobytes()
        for name in ("count", "count_high", "exposure")
    )
    total = float(family["expected"].sum()) if family["is_comparable"].all() else None
    return _fit(low, high, exposure, total, (family["state"] == "complete").to_numpy(bool).tobytes())


@lru_cache(maxsize=256)
def _fit(low: bytes, high: bytes, exposure: bytes, total: float | None, complete: bytes) -> Fitted:
    """Fit a family once for all tables; the cache key is its columns as bytes, which compare fastest."""
    numbers = (np.frombuffer(column, dtype="float64") for column in (low, high, exposure))
    seen = observe(*numbers, total=total, complete=np.frombuffer(complete, dtype=bool))
    return Fitted(seen, fit_family(seen))


def statistics(family: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the columns of mart.hotspots that one family adds to core.hotspot_input, in row order."""
    columns = _late(family) if is_binomial(family) else _counts(family, seed)
    rate = family["expected"].sum() / family["exposure"].sum()
    columns["eb_rate"] = columns["eb_ratio"] * rate * 1000
    columns["is_supported"] = columns["evidence"] == classes.SUPPORTED
    return pd.DataFrame(columns, index=family.index)


Columns = dict[str, np.ndarray]


def _counts(family: pd.DataFrame, seed: int) -> Columns:
    n = len(family)
    silent = (family["state"] == "silent").to_numpy()
    official = bool(family["is_comparable"].all())
    out: Columns = {name: np.full(n, np.nan) for name in ESTIMATED}
    found = fit(family)
    share = float(family["located_share"].iloc[0]) if official else 0.0
    least = np.zeros(n)
    if found is not None:
        seen = found.seen
        per_incident = float(family["tps_per_incident"].iloc[0])
        p = excess_p(seen.low, seen.expected)
        q = benjamini_hochberg(p)
        supported = int(np.sum(q <= LEVEL)) if official else 0
        out["tipping_total"] = tipping_total(seen.low, seen.weight, supported, per_incident)
        if official:
            out["p_value"], out["q_value"] = p, q
            out["q_high"] = benjamini_hochberg(excess_p(seen.high, seen.expected))
            merged = family["count_merged"].astype("float64").fillna(0.0)
            out["q_merged"] = benjamini_hochberg(excess_p(merged, seen.expected))
        if classes.has_interval(share, official=official):
            rates = estimate(seen, found.posterior)
            least = rates.p_least
            out["eb_ratio"], out["eb_low"], out["eb_high"] = rates.median, rates.low, rates.high
            out["p_above_2"] = np.where(silent, np.nan, least)
        if seen.all_complete and official:
            ranks = family_ranks(seen, found.posterior, top=TOP, seed=seed)
            out["rank_expected"], out["rank_low"], out["rank_high"] = ranks.expected, ranks.low, ranks.high
            out["p_top"] = ranks.top_probability
    elif official:
        out |= {name: np.ones(n) for name in ("p_value", "q_value", "q_high", "q_merged")}
    out["evidence"] = classes.classify(
        np.nan_to_num(out["q_value"], nan=1.0),
        np.nan_to_num(out["q_high"], nan=1.0),
        least,
        silent,
        share=share,
        official=official,
    )
    return out


def _late(family: pd.DataFrame) -> Columns:
    """Return shrunken shares of late units relative to their mean; empty if all units were late, or none was.

    Such a family shows only that its areas agree, not how far they might differ.
    """
    n = len(family)
    out: Columns = {name: np.full(n, np.nan) for name in ESTIMATED}
    late, units = family["count"].astype("float64"), family["exposure"].astype("float64")
    out["evidence"] = np.full(n, classes.NOT_COMPARABLE, dtype=object)
    if late.sum() not in (0.0, units.sum()):
        found = binomial_eb(late.to_numpy(), units.to_numpy())
        mean = found.prior_mean or 1.0
        # The median lies inside its interval even where the distribution is so wide that the mean does not.
        out["eb_ratio"], out["eb_low"] = found.median / mean, found.low / mean
        out["eb_high"], out["p_above_2"] = found.high / mean, found.exceedance
        out["evidence"] = np.full(n, classes.NO_STATEMENT, dtype=object)
    return out


def spread(family: pd.DataFrame) -> dict[str, object]:
    """Return a row of mart.dispersion, without its key."""
    # The dispersion itself comes from the family's posterior, below.
    measured = dispersion(family["count"].astype("float64").fillna(0), family["exposure"], is_fitted=False)
    found = fit(family)
    k: tuple[float | None, ...] = (None, None, None)
    if found is not None:
        k = tuple(round(value, 6) for value in found.posterior.shape_quantiles())
    official, share = family["official_total"].iloc[0], family["located_share"].iloc[0]
    return {
        "unit": family["unit"].iloc[0],
        "n_areas": len(family),
        "n_known": int((family["state"] != "silent").sum()),
        "total_count": int(family["count"].sum()),
        "total_count_high": int(family["count_high"].sum()),
        "official_total": official,
        "located_share": None if pd.isna(share) else round(float(share), 6),
        "tps_per_incident": family["tps_per_incident"].iloc[0],
        "is_complete": bool((family["state"] == "complete").all()),
        "variance_ratio": round(measured.variance_ratio, 4),
        "shape_k": k[1],
        "shape_k_low": k[0],
        "shape_k_high": k[2],
        "n_hit": measured.occupied,
        "n_hit_expected": round(measured.occupied_expected, 2),
        "is_comparable": bool(family["is_comparable"].all()),
    }


def resolution(family: pd.DataFrame, rows: pd.DataFrame) -> dict[str, object]:
    """Return a row of mart.resolution, without its key: what can be detected in a medium and in a large area."""
    official = bool(family["is_comparable"].all())
    share = family["located_share"].iloc[0]
    expected = family["expected"].astype(float)
    ratios: list[float | None] = [None, None]
    if official and share > 0 and expected.sum() > 0:
        alpha = LEVEL * max(int(rows["is_supported"].sum()), 1) / len(family)
        at = np.maximum(np.array([float(expected.median()), float(np.quantile(expected, LARGE))]), 1e-9)
        ratios = [round(float(v), 2) for v in smallest_ratio(at, float(share), alpha, TWICE, POWER)[0]]
    return {
        "unit": family["unit"].iloc[0],
        "median_exposure": float(family["exposure"].median()),
        "base_rate": round(float(expected.sum() / family["exposure"].sum()) * 1000, 6),
        "detectable_ratio": ratios[0],
        "detectable_ratio_large": ratios[1],
        "is_comparable": official,
    }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Compute the statistics of every family."""
    names = read("ref.areas").set_index("area_code")["name"]
    rows, spreads, limits = [], [], []
    for key, family in families(read("core.hotspot_input")):
        mine = statistics(family, release.seed)
        rows.append(pd.concat([family, mine], axis=1))
        spreads.append({**key, **spread(family)})
        if not is_binomial(family):
            limits.append({**key, **resolution(family, mine)})
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["area_code"])
    numbers = frame.select_dtypes("float").columns
    frame[numbers] = frame[numbers].round(6)
    frame["area_name"] = frame["area_code"].map(names)
    return {
        "mart.hotspots": frame,
        "mart.dispersion": pd.DataFrame(spreads),
        "mart.resolution": pd.DataFrame(limits),
    }
