"""mart.hotspots, mart.dispersion and mart.resolution: what one election says about each area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.stats import detectable_rate_ratio, dispersion, hotspot_statistics

from . import Read, Release

FAMILY = ["scope_code", "election_id", "outcome", "level"]
SUPPORT = 0.05


def families(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """The families of core.hotspot_input with their keys."""
    for key, family in frame.groupby(FAMILY, sort=True):
        yield dict(zip(FAMILY, map(str, key), strict=True)), family.reset_index(drop=True)


def statistics(family: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows of mart.hotspots for one family; areas without data are left out."""
    is_binomial = bool((family["unit"] == "unit").all())
    found = hotspot_statistics(
        family["count"].astype("float64"),
        family["expected"],
        trials=family["exposure"] if is_binomial else None,
        is_comparable=bool(family["is_comparable"].all()),
        seed=seed,
    )
    rate = family["expected"].sum() / family["exposure"].sum()
    joined: pd.DataFrame = pd.concat([family, found.drop(columns="shape")], axis=1)
    joined["eb_rate"] = joined["eb_ratio"] * rate * 1000
    joined["is_supported"] = (joined["q_value"] <= SUPPORT).fillna(False)
    numbers = joined.select_dtypes("float").columns
    joined[numbers] = joined[numbers].round(6)
    return joined.loc[joined["count"].notna()]


def spread(family: pd.DataFrame) -> dict[str, object]:
    """A row of mart.dispersion, without its key."""
    measured = dispersion(family["count"].astype("float64").fillna(0), family["exposure"])
    return {
        "unit": family["unit"].iloc[0],
        "n_areas": len(family),
        "n_known": int(family["count"].notna().sum()),
        "total_count": int(family["count"].sum()),
        "variance_ratio": round(measured.variance_ratio, 4),
        "shape_k": round(measured.shape, 6) if np.isfinite(measured.shape) else None,
        "n_hit": measured.occupied,
        "n_hit_expected": round(measured.occupied_expected, 2),
        "is_comparable": bool(family["is_comparable"].all()),
    }


def resolution(family: pd.DataFrame, shape: object) -> dict[str, object]:
    """A row of mart.resolution, without its key."""
    exposure = float(family["exposure"].median())
    rate = float(family["expected"].sum() / family["exposure"].sum())
    ratio = np.inf
    if rate > 0 and exposure > 0:
        k = float(shape) if isinstance(shape, float) else np.inf
        ratio = float(np.ravel(detectable_rate_ratio([exposure], rate, shape=k))[0])
    return {
        "unit": family["unit"].iloc[0],
        "median_exposure": exposure,
        "base_rate": round(rate * 1000, 6),
        # At or below 1 the spread is so wide that one case is already an outlier: no ratio can be named.
        "detectable_ratio": round(ratio, 2) if np.isfinite(ratio) and ratio > 1.0 else None,
        "is_comparable": bool(family["is_comparable"].all()),
    }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Statistics of every family."""
    names = read("ref.areas").set_index("area_code")["name"]
    rows, spreads, limits = [], [], []
    for key, family in families(read("core.hotspot_input")):
        rows.append(statistics(family, release.seed))
        measured = spread(family)
        spreads.append({**key, **measured})
        if (family["unit"] != "unit").all():
            limits.append({**key, **resolution(family, measured["shape_k"])})
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["area_code"])
    frame["area_name"] = frame["area_code"].map(names)
    return {
        "mart.hotspots": frame,
        "mart.dispersion": pd.DataFrame(spreads),
        "mart.resolution": pd.DataFrame(limits),
    }
