"""Propensity across elections: a cascade from provinces down to the smallest level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.stats.checks import FloatArray, IntArray, as_counts, as_exposure
from pipelines.stats.errors import ParameterError, ShapeError, TreeError
from pipelines.stats.persistence.credibility import Credibility, fit_credibility

COLUMNS = ("level", "area", "parent", "election", "count", "exposure")


@dataclass(frozen=True)
class Cascade:
    """Result of the credibility cascade.

    Attributes:
        areas: one row per (level, area): ``theta`` (relative to the parent), ``theta_variance``,
            ``credibility`` (0-1), ``propensity`` (relative to the nation: product of theta down the chain),
            ``propensity_variance``, ``elections`` (with information), ``has_claim`` (at least two elections).
        elections: one row per (level, area, election): ``expected`` (given the parent), ``smoothed_rate``
            (events per unit of exposure).
        levels: one row per (level, election): ``persistent_variance``, ``transient_variance``.
    """

    areas: pd.DataFrame
    elections: pd.DataFrame
    levels: pd.DataFrame


def credibility_cascade(frame: pd.DataFrame, levels: Sequence[str]) -> Cascade:
    """Estimate the propensity of each area, at each level relative to its parent's smoothed rate.

    Args:
        frame: one row per (level, area, election) with the columns ``level``, ``area``, ``parent`` (NA at the
            first level), ``election``, ``count`` (NA = no data, not zero) and ``exposure``.
        levels: names from the top down, e.g. ``["province", "regency", "district"]``.

    Returns:
        `Cascade`. Neutral results: an area with fewer than two informative elections gets ``has_claim``
        False; without persistent variance at a level every theta is 1. Within a level and election the
        expected counts add up to the cases.

    Raises:
        ParameterError: a column or level is missing; ShapeError: a key occurs twice; TreeError: a parent
        that is not an area of the level above, or an area with two parents; CountError, ExposureError.

    Source:
        Bühlmann & Straub 1970; Jewell 1975 (hierarchical credibility); weights as in `fit_credibility`.

    Example:
        >>> counts = {"A": 9, "B": 1, "C": 2}
        >>> frame = pd.DataFrame(
        ...     [("province", a, None, t, n, 100) for t in (1, 2) for a, n in counts.items()],
        ...     columns=["level", "area", "parent", "election", "count", "exposure"],
        ... )
        >>> credibility_cascade(frame, ["province"]).areas["propensity"].round(2).tolist()
        [2.08, 0.35, 0.57]
    """
    _check_frame(frame, levels)
    elections = pd.Index(sorted(frame["election"].unique()), name="election")
    parents_rate: pd.DataFrame | None = None
    parents: pd.DataFrame | None = None
    areas, by_election, by_level = [], [], []
    for level in levels:
        part = frame[frame["level"] == level]
        parent = _parents(part, parents, level)
        count, exposure = _matrix(part, "count", elections), _matrix(part, "exposure", elections)
        above = (
            None if parents_rate is None else parents_rate.loc[parent.to_numpy()].to_numpy(dtype=np.float64)
        )
        fit, expected, rate = _one_level(count.to_numpy(), exposure.to_numpy(), above)
        smoothed = pd.DataFrame(rate, index=count.index, columns=elections)
        table = _area_table(level, parent, fit, parents)
        areas.append(table)
        by_election.append(_election_table(level, expected, smoothed))
        by_level.append(
            pd.DataFrame(
                {
                    "level": level,
                    "election": elections,
                    "persistent_variance": fit.persistent_variance,
                    "transient_variance": fit.transient_variance,
                }
            )
        )
        parents, parents_rate = table.set_index("area"), smoothed
    return Cascade(
        areas=pd.concat(areas, ignore_index=True),
        elections=pd.concat(by_election, ignore_index=True),
        levels=pd.concat(by_level, ignore_index=True),
    )


def two_levels(count: FloatArray, exposure: FloatArray, parent: IntArray) -> FloatArray:
    """Return the propensity of areas whose parents are sums of their areas: `credibility_cascade` without the
    tables.

    Args:
        count, exposure: shape (n, T), nan where either is missing; parent: index of each area's parent, shape
            (n,).

    Returns:
        Propensity of each area, shape (n,).

    Example:
        >>> y = np.array([[9.0, 9], [1, 1], [2, 2], [4, 4]])
        >>> two_levels(y, np.full((4, 2), 100.0), np.array([0, 0, 1, 1])).round(2).tolist()
        [2.04, 0.41, 0.59, 0.97]
    """
    member = parent == np.arange(parent.max() + 1)[:, None]
    known = ~np.isnan(count)
    is_known = (member @ known.astype(np.float64)) > 0
    y, m = (np.where(is_known, member @ np.where(known, part, 0.0), np.nan) for part in (count, exposure))
    top, _, smoothed = _one_level(y, m, None)
    areas, _, _ = _one_level(count, exposure, smoothed[parent])
    propensity: FloatArray = top.theta[parent] * areas.theta
    return propensity


def _check_frame(frame: pd.DataFrame, levels: Sequence[str]) -> None:
    for name in COLUMNS:
        if name not in frame.columns:
            raise ParameterError(f"no such column; the frame has {list(frame.columns)}", name)
    if not levels:
        raise ParameterError("at least one level is needed", "levels")
    for level in levels:
        if not (frame["level"] == level).any():
            raise ParameterError("the frame has no row of this level", f"levels[{level!r}]")
    used = frame[frame["level"].isin(list(levels))]
    twice = used.duplicated(["level", "area", "election"])
    if twice.any():
        key = used.loc[twice, ["level", "area", "election"]].iloc[0].tolist()
        raise ShapeError(f"{key} occurs twice", "frame")
    counts = as_counts(used["count"], "count", allow_missing=True)
    as_exposure(used["exposure"], "exposure", counts, allow_missing=True)


def _parents(part: pd.DataFrame, above: pd.DataFrame | None, level: str) -> pd.Series:
    """Return the parent of each area, indexed by sorted area; checked against the level above."""
    pairs = part[["area", "parent"]].drop_duplicates()
    if above is None:
        areas = sorted(pairs["area"].unique())
        return pd.Series([None] * len(areas), index=pd.Index(areas, name="area"), dtype=object)
    if (double := pairs["area"].duplicated()).any():
        raise TreeError(f"{pairs.loc[double, 'area'].iloc[0]!r} has two parents", f"parent of {level}")
    unknown = ~pairs["parent"].isin(above.index)
    if unknown.any():
        area, parent = pairs.loc[unknown, ["area", "parent"]].iloc[0]
        raise TreeError(
            f"{parent!r}, the parent of {area!r}, is not an area of the level above", f"{level}[{area!r}]"
        )
    return pairs.set_index("area")["parent"].sort_index()


def _matrix(part: pd.DataFrame, column: str, elections: pd.Index) -> pd.DataFrame:
    """Return the area x election matrix, float64, nan where there is no row or no value."""
    numbers = {
        name: part[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("count", "exposure")
    }
    # A count is meaningless without its exposure, so both are required.
    complete = ~np.isnan(numbers["count"]) & ~np.isnan(numbers["exposure"])
    areas = pd.Index(sorted(part["area"].unique()), name="area")
    matrix = np.full((areas.size, elections.size), np.nan)
    place = areas.get_indexer(pd.Index(part["area"])), elections.get_indexer(pd.Index(part["election"]))
    matrix[place] = np.where(complete, numbers[column], np.nan)
    return pd.DataFrame(matrix, index=areas, columns=elections)


def _one_level(
    count: FloatArray, exposure: FloatArray, above: FloatArray | None
) -> tuple[Credibility, FloatArray, FloatArray]:
    """(fit, expected counts, smoothed rates) of one level, shape (n, T); ``above``: its parents' smoothed rates."""
    base = _base_rate(count, exposure, above)
    expected = _balanced(count, exposure * base)
    fit = fit_credibility(count, expected)
    return fit, expected, base * fit.smoothed


def _base_rate(count: FloatArray, exposure: FloatArray, above: FloatArray | None) -> FloatArray:
    """Return the rate of the parent in each election, shape (n, T); the overall rate at the first level."""
    y, m = np.nansum(count, axis=0), np.nansum(exposure, axis=0)
    overall = np.divide(y, m, out=np.zeros_like(y), where=m > 0)
    if above is None:
        return np.broadcast_to(overall, count.shape).copy()
    # A source may report a case below a parent for which none is reported; a small floor allows for that.
    floored: FloatArray = np.maximum(above, 0.05 * overall)
    return floored


def _balanced(count: FloatArray, expected: FloatArray) -> FloatArray:
    """Scale expected counts so that they add up to the cases of the level in each election."""
    y, e = np.nansum(count, axis=0), np.nansum(expected, axis=0)
    scale: FloatArray = np.divide(y, e, out=np.zeros_like(y), where=e > 0)
    return expected * scale


def _area_table(level: str, parent: pd.Series, fit: Credibility, above: pd.DataFrame | None) -> pd.DataFrame:
    mean, variance, claim = fit.theta, fit.variance, fit.elections >= 2
    if above is not None:
        up = above.loc[parent.to_numpy()]
        first, second = up["propensity"].to_numpy(), up["propensity_variance"].to_numpy()
        variance = (first**2 + second) * (mean**2 + variance) - (first * mean) ** 2
        mean = first * mean
    return pd.DataFrame(
        {
            "level": level,
            "area": parent.index,
            "parent": parent.to_numpy(),
            "theta": fit.theta,
            "theta_variance": fit.variance,
            "credibility": fit.credibility,
            "propensity": mean,
            "propensity_variance": np.maximum(variance, 0.0),
            "elections": fit.elections,
            "has_claim": claim,
        }
    )


def _election_table(level: str, expected: FloatArray, smoothed: pd.DataFrame) -> pd.DataFrame:
    n, periods = smoothed.shape
    return pd.DataFrame(
        {
            "level": level,
            "area": np.repeat(smoothed.index.to_numpy(), periods),
            "election": np.tile(smoothed.columns.to_numpy(), n),
            "expected": expected.ravel(),
            "smoothed_rate": smoothed.to_numpy().ravel(),
        }
    )
