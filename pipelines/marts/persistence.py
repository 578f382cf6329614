"""mart.propensity and mart.persistence: what several elections together show about each area.

Elections with an official total take part, which is fixed in advance; an area without any report takes part
with p = 1. A claim over several elections rests on the joint test alone; propensity is descriptive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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


class Grid:
    """Areas in rows and elections in columns, oldest first; both sorted."""

    def __init__(self, frame: pd.DataFrame) -> None:
        rows, self.areas = pd.factorize(frame["area_code"].to_numpy(dtype=object), sort=True)
        columns, self.orders = pd.factorize(frame["order"].to_numpy(), sort=True)
        self._place = rows, columns

    def of(self, values: Any, missing: Any = np.nan) -> np.ndarray:
        """Place the values of the frame's rows on the grid, shape (areas,
        elections); `missing` where there is no row."""
        found = np.asarray(values)
        grid = np.full((self.areas.size, self.orders.size), missing, dtype=found.dtype)
        grid[self._place] = found
        return grid


def _numbers(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def groups(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yield parts of a frame by scope, outcome and level, with their keys."""
    for key, part in frame.groupby(KEYS, sort=True):
        yield dict(zip(KEYS, map(str, key), strict=True)), part


def propensity(compared: pd.DataFrame) -> pd.DataFrame | None:
    """Return the lasting relative rate of the areas of one level; None with fewer than two elections with any
    event.

    Args:
        compared: rows of mart.hotspots of elections with an official total.
    """
    informative = compared.groupby("order")["count"].transform("sum") > 0
    used = compared[informative]
    grid = Grid(used)
    expected = grid.of(_numbers(used["expected"]))
    everywhere = ~np.isnan(expected).any(axis=1)
    expected = expected[everywhere]
    if grid.orders.size < 2 or not (expected > 0).all():
        return None
    is_whole = (used["state"] == "complete").to_numpy()
    reach = np.maximum(np.where(is_whole, 1.0, _numbers(used["located_share"])), 1e-3)
    low, high = (np.nan_to_num(_numbers(used[name])) for name in ("count", "count_high"))
    low, high, share = (grid.of(values)[everywhere] for values in (low, high, reach))
    found = fit_propensity(low, high, expected, share)
    is_complete = bool(is_whole.all())
    rank = pd.Series(-found.mean).rank(method="average").to_numpy()
    return pd.DataFrame(
        {
            "area_code": grid.areas[everywhere],
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
    """Run the joint test over the elections with an official total, and classify each area over all elections."""
    grid = Grid(part)
    words = grid.of(part["evidence"].to_numpy(dtype=object), missing="")
    tested = part["is_comparable"].to_numpy(dtype=bool)
    compared = np.isin(grid.orders, part["order"].to_numpy()[tested])
    n_areas, n_elections = grid.areas.size, int(compared.sum())
    p, q = (
        grid.of(np.where(tested, _numbers(part[name]), np.nan))[:, compared]
        for name in ("p_value", "q_value")
    )
    joint_p, joint_q, joint_b = (np.full(n_areas, np.nan) for _ in range(3))
    if n_elections > 1:
        joint = joint_test(p)
        joint_p, joint_q, joint_b = joint.p_value, joint.q_value, joint.q_bonferroni
    supported = q <= LEVEL if n_elections else np.zeros((n_areas, 1), dtype=bool)
    counts, counts_high = (np.nan_to_num(grid.of(_numbers(part[name]))) for name in ("count", "count_high"))
    expected = grid.of(np.where(tested, _numbers(part["expected"]), np.nan))
    is_there = grid.of(tested.astype(float), missing=0.0).any(axis=1)
    heard = grid.of((part["state"] != "silent").to_numpy().astype(float), missing=0.0)
    return pd.DataFrame(
        {
            "area_code": grid.areas,
            "n_elections": n_elections,
            "n_known": heard.sum(axis=1).astype("int64"),
            "n_supported": supported.sum(axis=1),
            "total_count": counts.sum(axis=1).astype("int64"),
            "total_count_high": counts_high.sum(axis=1).astype("int64"),
            "total_expected": np.where(is_there, np.nansum(expected, axis=1), np.nan).round(6),
            "pc_p_value": joint_p.round(6),
            "pc_q_value": joint_q.round(6),
            "pc_q_bonferroni": joint_b.round(6),
            "kind": kinds(supported, np.nan_to_num(joint_q, nan=1.0) <= LEVEL, (words == "").all(axis=1)),
            "evidence": classes.over_elections(words.astype(str), joint_q),
        }
    )


def kinds(supported: np.ndarray, confirmed: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Classify areas: supported in several elections (joint test), only in the last, only before, or never."""
    now, before = supported[:, -1], supported[:, :-1].any(axis=1)
    return np.select(
        [unknown, confirmed, now & before, now, before],
        [NO_DATA, PERSISTENT, RECENT, RECENT, PAST],
        NEVER,
    )


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Build both tables from mart.hotspots; late recapitulation is never compared."""
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
