"""Propensity of an area over several elections; a description with an interval, not a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, in_open_unit, positive
from pipelines.stats.errors import CountError, ExposureError, ShapeError
from pipelines.stats.partly_observed.posterior import nb_log_pmf

# Grid and priors: log tau ~ N(log 0.7, 0.8), log omega ~ N(log 1.5, 1), log g flat.
TAU = np.array([0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2])
OMEGA = np.array([0.05, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2, 3.5, 5.5, 9.0])
DEVIATIONS = np.linspace(-2, 3, 6)
# The smallest tau represents "no lasting difference" and has a separate prior weight.
NO_DIFFERENCE, NO_DIFFERENCE_LOG_PRIOR = TAU[0], -2.0
LOG_NODES = np.linspace(np.log(0.003), np.log(60), 48)
NODES = np.exp(LOG_NODES)
_EDGES = np.exp(np.concatenate([[-60.0], (LOG_NODES[1:] + LOG_NODES[:-1]) / 2, [20.0]]))
_UPPER = np.concatenate([[0.0], np.exp((LOG_NODES[1:] + LOG_NODES[:-1]) / 2), [np.exp(LOG_NODES[-1] + 0.1)]])


@dataclass(frozen=True)
class Propensity:
    """Lasting relative rate a_i of each area, arrays of shape (n,).

    Attributes:
        low: lower limit from the located incidents and all exposure; high: upper limit from the upper bounds
            and the located share of the exposure; mean: from the middle of the bounds; p_least: P(a >
            threshold) as for ``low``.
        tau: posterior mean of the lasting relative standard deviation between areas; omega: of the variance
            between elections.
    """

    low: FloatArray
    mean: FloatArray
    high: FloatArray
    p_least: FloatArray
    tau: float
    omega: float


def fit_propensity(
    low: Any, high: Any, expected: Any, share: Any, *, level: float = 0.95, threshold: float = 2.0
) -> Propensity:
    """Estimate a_i ~ Gamma(mean g, variance g² tau²) from n_it ~ NB(E_it a_i, shape 1 / omega).

    Args:
        low, high: bounds of the located incidents, shape (n, T); expected: at the official rates, shape (n, T),
            > 0.
        share: located share of each election, shape (T,), or of each area and election, shape (n, T).

    Returns:
        `Propensity`; call it for one level of areas at a time.

    Raises:
        ShapeError, CountError, ExposureError, ParameterError.

    Example:
        >>> found = fit_propensity([[20, 22], [0, 1], [1, 0]], [[20, 22], [0, 1], [1, 0]], [[3, 3]] * 3, [1, 1])
        >>> bool(found.low[0] > 1), bool((found.low < found.mean).all() and (found.mean < found.high).all())
        (True, True)
    """
    least, most, at_one = (np.array(v, dtype=np.float64) for v in (low, high, expected))
    if least.ndim != 2 or least.size == 0 or least.shape != most.shape or least.shape != at_one.shape:
        raise ShapeError(
            f"expected three arrays of one shape (n, T), got {least.shape}, {most.shape}, {at_one.shape}"
        )
    if not (
        np.isfinite(least).all() and np.isfinite(most).all() and (least >= 0).all() and (most >= least).all()
    ):
        raise CountError("bounds must be finite with 0 <= low <= high", "low")
    if not (np.isfinite(at_one).all() and (at_one > 0).all()):
        raise ExposureError("must be finite and above zero", "expected")
    reach = np.broadcast_to(np.asarray(share, dtype=np.float64), least.shape)
    tail = (1 - in_open_unit(level, "level")) / 2
    positive(threshold, "threshold")
    middle = np.sqrt(least * most)
    weight = at_one.sum(axis=1) / at_one.sum()
    deviation = np.sqrt(1 / max(float(middle.sum()), 1.0) + TAU**2 * (weight**2).sum())
    mean = np.exp(deviation[:, None] * DEVIATIONS)
    mass = _prior_mass(mean).reshape(-1, NODES.size)  # (tau x g, nodes)
    seen, log_scale = _likelihood(middle, at_one * reach)
    grid = (TAU.size, DEVIATIONS.size)
    evidence = (np.log(seen @ mass.T) + log_scale[:, :, None]).sum(axis=1).T.reshape(*grid, OMEGA.size)
    is_none = TAU <= NO_DIFFERENCE
    prior_tau = np.where(is_none, NO_DIFFERENCE_LOG_PRIOR, -0.5 * (np.log(TAU / 0.7) / 0.8) ** 2)
    log_weight = evidence + (prior_tau + np.log(deviation))[:, None, None] - 0.5 * np.log(OMEGA / 1.5) ** 2
    probability = np.exp(log_weight - log_weight.max())
    probability /= probability.sum()
    by_omega = probability.reshape(-1, OMEGA.size).T  # (omega, tau x g)
    lower = _posterior(_likelihood(least, at_one)[0], mass, by_omega)
    upper = _posterior(_likelihood(most, at_one * reach)[0], mass, by_omega)
    centre = _posterior(seen, mass, by_omega)
    return Propensity(
        low=_quantile(lower, tail),
        mean=centre @ NODES,
        high=_quantile(upper, 1 - tail),
        p_least=lower[:, threshold < NODES].sum(axis=1),
        tau=float(probability.sum(axis=(1, 2)) @ TAU),
        omega=float(probability.sum(axis=(0, 1)) @ OMEGA),
    )


def _prior_mass(mean: FloatArray) -> FloatArray:
    """Return the prior probability of every node for each tau and g, shape (tau, g, nodes)."""
    shape = (1 / TAU**2)[:, None, None]
    below = special.gammainc(shape, shape * _EDGES / mean[:, :, None])
    result: FloatArray = np.maximum(np.diff(below, axis=2), 1e-300)
    return result


def _likelihood(n: FloatArray, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the likelihood of each omega, area and node, scaled to at most 1, and the logarithm of the scale."""
    shape = 1 / OMEGA[:, None, None]
    log = np.zeros((OMEGA.size, n.shape[0], NODES.size))
    for t in range(n.shape[1]):
        log += nb_log_pmf(n[:, t][None, :, None], expected[:, t][None, :, None] * NODES, shape)
    scale = log.max(axis=2, keepdims=True)
    return np.exp(log - scale), scale[:, :, 0]


def _posterior(likelihood: FloatArray, mass: FloatArray, by_omega: FloatArray) -> FloatArray:
    """Return the posterior over the nodes, shape (n, nodes), averaged over the grid of tau, g and omega."""
    total = likelihood @ mass.T  # (omega, n, tau x g)
    averaged = (likelihood * ((by_omega[:, None, :] / total) @ mass)).sum(axis=0)
    result: FloatArray = averaged / averaged.sum(axis=1, keepdims=True)
    return result


def _quantile(posterior: FloatArray, p: float) -> FloatArray:
    below = np.concatenate([np.zeros((posterior.shape[0], 1)), np.cumsum(posterior, axis=1)], axis=1)
    return np.array([np.interp(p, row, _UPPER) for row in below])
