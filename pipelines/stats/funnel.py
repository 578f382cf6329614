"""Funnel of rates against exposure with negative-binomial limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, IntArray, as_counts, as_exposure, in_open_unit, positive
from pipelines.stats.errors import ParameterError
from pipelines.stats.fit_nb import fit_negative_binomial, group_cells


@dataclass(frozen=True)
class Funnel:
    """Envelope of the rates explained by the dispersion between areas.

    Attributes:
        exposure: grid of the envelope, shape (g,), ascending.
        levels: shape (l,), ascending, e.g. 0.95 and 0.998.
        low, high: limits of the rate, shape (l, g), events per unit of exposure.
        rate: the overall rate; shape: NB shape (inf = Poisson).
        position: per area, shape (n,): 0 inside, +j above the j-th level's limit, -j below.
    """

    exposure: FloatArray
    levels: FloatArray
    low: FloatArray
    high: FloatArray
    rate: float
    shape: float
    position: IntArray


def nb_funnel(
    cases: Any,
    exposure: Any,
    *,
    levels: tuple[float, ...] = (0.95, 0.998),
    shape: float | None = None,
    rate: float | None = None,
    points: int = 200,
) -> Funnel:
    """Compute the envelope over a grid of exposures and place every area relative to it.

    Args:
        cases: events per area, shape (n,), whole numbers.
        exposure: units at risk, shape (n,), > 0.
        levels: central probabilities of the envelopes.
        shape: a known NB shape; None fits it by maximum likelihood; inf gives Poisson limits.
        rate: a known overall rate, > 0 (e.g. an official total where only part is located); None estimates it
            from the areas.
        points: size of the grid, logarithmic from the smallest to the largest exposure.

    Returns:
        `Funnel`. Neutral result: with no case at all the limits are 0 and no area is outside.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Spiegelhalter 2005, Statistics in Medicine 24:1185, appendix A.1 (interpolated exact limits), with
        negative-binomial quantiles because the normal ones fail where less than one case is expected.

    Example:
        >>> funnel = nb_funnel([0, 1, 2, 30], [100, 120, 90, 110])
        >>> funnel.high.shape
        (2, 200)
    """
    y = as_counts(cases, "cases")
    m = as_exposure(exposure, "exposure", y, allow_zero=False)
    if points < 2:
        raise ParameterError(f"must be at least 2, got {points}", "points")
    probabilities = np.sort([in_open_unit(level, "levels") for level in levels])
    middle = float(y.sum() / m.sum()) if rate is None else positive(rate, "rate")
    fit = fit_negative_binomial(group_cells(y, m * middle), shape=shape)
    grid = np.geomspace(m.min(), m.max(), points)
    tails = np.concatenate([(1 - probabilities) / 2, (1 + probabilities) / 2])
    limits = _quantiles(tails, grid * middle, fit.shape) / grid
    count = probabilities.size
    distinct, place = np.unique(m, return_inverse=True)
    own = (_quantiles(tails, distinct * middle, fit.shape) / distinct)[:, place]
    raw = y / m
    position = (raw > own[count:]).sum(axis=0) - (raw < own[:count]).sum(axis=0)
    return Funnel(
        exposure=grid,
        levels=probabilities,
        low=limits[:count],
        high=limits[count:],
        rate=middle,
        shape=fit.shape,
        position=position.astype(np.int64),
    )


def _quantiles(tails: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """Return interpolated quantiles of the count, shape (tails, means), >= 0; 0 where the mean is 0."""
    if not mean.any():
        return np.zeros((tails.size, mean.size))
    p, middle = np.broadcast_arrays(tails[:, None], mean)
    quantile = _smallest(p, middle, shape)
    share = (_below(quantile, middle, shape) - p) / np.exp(_log_probability(quantile, middle, shape))
    return np.asarray(np.where(middle > 0, np.maximum(quantile - share, 0.0), 0.0), dtype=np.float64)


def _smallest(p: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """Return the smallest count whose cumulative probability is at least p."""
    is_poisson = np.isinf(shape)
    near = special.pdtrik(p, mean) if is_poisson else special.nbdtrik(p, shape, shape / (shape + mean))
    found: FloatArray = np.maximum(np.ceil(np.nan_to_num(near)), 0.0)
    while (less := (found > 0) & (_below(found - 1, mean, shape) >= p)).any():
        found = np.where(less, found - 1, found)
    while (more := _below(found, mean, shape) < p).any():
        found = np.where(more, found + 1, found)
    return found


def _below(n: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """Return P(N <= n)."""
    if np.isinf(shape):
        return np.asarray(special.pdtr(n, mean))
    return np.asarray(special.betainc(shape, n + 1, shape / (shape + mean)))


def _log_probability(n: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """Return log P(N = n)."""
    if np.isinf(shape):
        return np.asarray(special.xlogy(n, mean) - mean - special.gammaln(n + 1))
    rising = special.gammaln(n + shape) - special.gammaln(shape) - special.gammaln(n + 1)
    return np.asarray(rising - shape * np.log1p(mean / shape) + special.xlogy(n, mean / (shape + mean)))
