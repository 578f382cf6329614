"""Posterior of (k, g) of a family: the dispersion of rates between areas, and their mean relative to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray
from pipelines.stats.partly_observed.observed import Observed

# Prior: the coefficient of variation s = k^(-1/2) is lognormal around 1.4 (k: median 0.5, 95 % 0.02-12); log g
# flat.
SPREAD_MEDIAN, SPREAD_SD = 1.4, 0.8
SPREADS = np.exp(np.linspace(np.log(0.15), np.log(6.0), 41))
SHAPES = 1 / SPREADS**2
# Grid of log g, in standard deviations of the mean of n rates with this dispersion.
DEVIATIONS = np.linspace(-2.5, 3.5, 9)
# Grid cells below this share of the largest are dropped; it depends on the number of areas, since small
# families need all cells.
MANY_AREAS = 100
CUT_MANY, CUT_FEW = 1e-3, 1e-6


@dataclass(frozen=True)
class FamilyPosterior:
    """Posterior probabilities on the grid of k and g.

    Attributes:
        shape: k, shape (41,), descending; mean: g for each k, shape (41, 9); probability: shape (41, 9), adds
            up to 1.
    """

    shape: FloatArray
    mean: FloatArray
    probability: FloatArray

    @property
    def expected_shape(self) -> float:
        """Posterior mean of k."""
        return float(self.probability.sum(axis=1) @ self.shape)

    @property
    def expected_log_mean(self) -> float:
        """Posterior mean of log g."""
        return float((self.probability * np.log(self.mean)).sum())

    def shape_quantiles(self, probabilities: tuple[float, ...] = (0.025, 0.5, 0.975)) -> tuple[float, ...]:
        """Return quantiles of k, interpolated in log k between the midpoints of the grid steps."""
        rising = self.probability.sum(axis=1)[::-1]
        below = np.cumsum(rising) - rising / 2
        logs = np.log(self.shape[::-1])
        return tuple(float(np.exp(np.interp(p, below, logs))) for p in probabilities)

    def components(self, cut: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return k, g and weight of every cell above ``cut`` times the largest; weights add up to 1."""
        flat = self.probability.ravel()
        keep = np.flatnonzero(flat > cut * flat.max())
        keep = keep[np.argsort(-flat[keep], kind="stable")]
        weight = flat[keep]
        shape = np.repeat(self.shape, self.mean.shape[1])[keep]
        return shape, self.mean.ravel()[keep], weight / weight.sum()


def fit_family(seen: Observed) -> FamilyPosterior:
    """Estimate k and g from P(low_i <= N_i <= high_i), N_i ~ NB(mean g share_i E_i, shape k).

    Areas with equal bounds and expectation form one cell. In an incomplete family, k measures the dispersion of
    the located incidents: areas and reporting combined.

    Returns:
        `FamilyPosterior`; without any incident it equals the prior.

    Example:
        >>> from pipelines.stats.partly_observed.observed import observe
        >>> seen = observe([5, 1, 0, 2], [5, 1, 0, 2], [1, 1, 1, 1], total=8, complete=True)
        >>> round(fit_family(seen).expected_shape, 6)
        1.827782
    """
    reached = seen.expected * seen.reach
    cells, times = np.unique(np.column_stack([seen.low, seen.high, reached]), axis=0, return_counts=True)
    low, high, mean_at_one = cells.T
    # Standard deviation of the mean rate: Poisson noise of the located incidents, and dispersion between areas.
    deviation = np.sqrt(1 / max(float(seen.middle.sum()), 1.0) + (seen.weight**2).sum() / SHAPES)
    mean = np.exp(DEVIATIONS[None, :] * deviation[:, None])
    prior = -0.5 * (np.log(SPREADS / SPREAD_MEDIAN) / SPREAD_SD) ** 2
    log_posterior = (prior + np.log(deviation))[:, None] + np.zeros(mean.shape)
    shape = SHAPES[:, None, None]
    for exact in (True, False):
        chosen = (low == high) == exact
        if not chosen.any():
            continue
        at = mean[:, :, None] * mean_at_one[chosen]
        log_probability = (
            nb_log_pmf(low[chosen], at, shape)
            if exact
            else nb_log_between(low[chosen], high[chosen], at, shape)
        )
        log_posterior += (log_probability * times[chosen]).sum(axis=-1)
    probability = np.exp(log_posterior - log_posterior.max())
    return FamilyPosterior(SHAPES, mean, probability / probability.sum())


def cut_of(n_areas: int) -> float:
    """Return the share of the largest cell below which grid cells are dropped, by number of areas."""
    return CUT_MANY if n_areas > MANY_AREAS else CUT_FEW


def nb_log_pmf(n: FloatArray, mean: FloatArray, shape: FloatArray | float) -> FloatArray:
    """Return log P(N = n), N ~ NB(mean, shape); arguments broadcast, n need not be whole."""
    rising = special.gammaln(n + shape) - special.gammaln(shape) - special.gammaln(n + 1)
    result: FloatArray = rising - shape * np.log1p(mean / shape) + special.xlogy(n, mean / (shape + mean))
    return result


def nb_log_between(low: FloatArray, high: FloatArray, mean: FloatArray, shape: FloatArray) -> FloatArray:
    """Return log P(low <= N <= high), N ~ NB(mean, shape); arguments broadcast."""
    x = mean / (shape + mean)
    at_least = np.where(low > 0, special.betainc(np.maximum(low, 1.0), shape, x), 1.0)
    result: FloatArray = np.log(np.maximum(at_least - special.betainc(high + 1, shape, x), 1e-300))
    return result
