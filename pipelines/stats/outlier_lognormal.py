"""Outliers when area rates have a heavier tail than the gamma: Poisson-lognormal mid-P."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from scipy import special

from pipelines.stats.checks import FloatArray, as_counts, as_exposure
from pipelines.stats.fit_nb import Cells, group_cells

NODES = 15
AT, WEIGHTS = special.roots_hermite(NODES)
NEWTON_STEPS = 12
# Standard deviations of the log rate between areas: from nearly Poisson to several orders of magnitude.
SMALLEST, LARGEST = 1e-3, 4.0
GRID = np.linspace(-9.0, 9.0, 3601)
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True)
class LognormalFit:
    """Rates between areas: log(theta) ~ Normal(location, sigma^2).

    Attributes:
        location, sigma: at the maximum of the likelihood; loglik: its value there.
    """

    location: float
    sigma: float
    loglik: float


def fit_lognormal(cases: Any, expected: Any) -> LognormalFit:
    """Fit the distribution of rates by maximum likelihood: y | theta ~ Poisson(theta E), theta lognormal.

    Args:
        cases: events per area, shape (n,), whole numbers, at least one event in all.
        expected: expected events per area, shape (n,), >= 0; zero only where no case occurred.

    Raises:
        CountError, ExposureError, ShapeError: with the element that is wrong.

    Source:
        Bulmer 1974, Biometrics 30:101 (the distribution); adaptive Gauss-Hermite quadrature: Liu & Pierce 1994,
        Biometrika 81:624.
    """
    y = as_counts(cases, "cases")
    cells = group_cells(y, as_exposure(expected, "expected", y))

    def minus_loglik(parameters: FloatArray) -> float:
        return -_loglik(cells, float(parameters[0]), float(np.exp(parameters[1])))

    positive = (cells.cases > 0) & (cells.expected > 0)
    logs = np.log(cells.cases[positive] / cells.expected[positive])
    spread = float(np.clip(np.std(logs), 0.1, 2.0)) if logs.size > 1 else 0.5
    start = np.array([float(np.median(logs)), np.log(spread)])
    found = scipy.optimize.minimize(
        minus_loglik, start, method="Nelder-Mead", bounds=[(-12.0, 12.0), (np.log(SMALLEST), np.log(LARGEST))],
        options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 300},
    )  # fmt: skip
    return LognormalFit(float(found.x[0]), float(np.exp(found.x[1])), -float(found.fun))


def lognormal_midp(cases: Any, expected: Any, fit: LognormalFit) -> FloatArray:
    """P(Y > y) + P(Y = y) / 2 of the Poisson-lognormal, shape (n,); 1 where nothing is expected.

    Args:
        cases: events per area, shape (n,). expected: expected events, shape (n,), >= 0. fit: from
            `fit_lognormal`.
    """
    y, e = np.asarray(cases, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    rates = np.exp(fit.location + fit.sigma * GRID)
    weights = np.exp(-0.5 * GRID**2 - _LOG_SQRT_2PI)
    weights /= weights.sum()
    p = np.ones(y.shape)
    for at in np.flatnonzero(e > 0):
        mean = e[at] * rates
        above = special.gammainc(y[at] + 1, mean)
        log_at = special.xlogy(y[at], mean) - mean - special.gammaln(y[at] + 1)
        p[at] = min(1.0, float(weights @ (above + np.exp(log_at) / 2)))
    return p


def _loglik(cells: Cells, location: float, sigma: float) -> float:
    """Log-likelihood by Gauss-Hermite quadrature around the mode of each cell, in units of the prior."""
    y, e = cells.cases, cells.expected * np.exp(location)
    z = np.clip(np.log((y + 0.5) / np.maximum(e, 1e-12)) / sigma, -8, 8) * sigma**2 / (sigma**2 + 1 / (y + 1))
    for _ in range(NEWTON_STEPS):
        mean = e * np.exp(sigma * z)
        step = (sigma * (y - mean) - z) / (sigma**2 * mean + 1)
        z = z + np.clip(step, -2, 2)
    scale = 1 / np.sqrt(sigma**2 * e * np.exp(sigma * z) + 1)
    at = z[:, None] + np.sqrt(2) * scale[:, None] * AT[None, :]
    mean = e[:, None] * np.exp(sigma * at)
    log_poisson = special.xlogy(y[:, None], mean) - mean - special.gammaln(y[:, None] + 1)
    terms = log_poisson - 0.5 * at**2 - _LOG_SQRT_2PI + AT[None, :] ** 2 + np.log(WEIGHTS)[None, :]
    # Written out, because scipy's logsumexp spends more time on input checks than on the sum.
    most = terms.max(axis=1)
    each = most + np.log(np.exp(terms - most[:, None]).sum(axis=1)) + np.log(np.sqrt(2) * scale)
    return float(np.sum(cells.weight * each))
