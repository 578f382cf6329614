"""Gamma-Poisson shrinker with two components: which cells of a table are truly above expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from scipy import special

from pipelines.stats.checks import FloatArray, as_exposure, as_floats
from pipelines.stats.errors import CountError

# alpha1, beta1, alpha2, beta2 are fitted on the log scale within these bounds, the weight on the logit scale.
_BOUNDS = [(np.log(1e-2), np.log(1e3))] * 4 + [(-7.0, 7.0)]
_STARTS = (
    (0.2, 0.1, 2.0, 4.0, 1 / 3),
    (1.0, 1.0, 10.0, 10.0, 0.1),
    (0.1, 0.1, 1.0, 1.0, 0.5),
    (2.0, 0.5, 4.0, 5.0, 0.05),
)


@dataclass(frozen=True)
class MGPS:
    """Shrunken lift of each cell, arrays of shape (n,), dimensionless.

    Attributes:
        estimate: EBGM, the geometric mean of the posterior; eb05, eb95: its 5 % and 95 % points.
        raw: count / expected (0 where expected is 0).
        alpha, beta: shape and rate of the two gamma components, each (2,); weight: share of the first.
        loglik: log-likelihood at the maximum.
    """

    estimate: FloatArray
    eb05: FloatArray
    eb95: FloatArray
    raw: FloatArray
    alpha: tuple[float, float]
    beta: tuple[float, float]
    weight: float
    loglik: float


def eb05(counts: Any, expected: Any) -> MGPS:
    """Fit the two-gamma prior to all cells of a table (flattened, zeros included) and shrink each lift.

    Args:
        counts: events per cell, shape (n,), >= 0; fractional where an event is shared between cells.
        expected: expected events per cell, shape (n,), >= 0; zero only where the count is zero.

    Returns:
        `MGPS`. Neutral result: without any event, or with fewer than six informative cells (five parameters
        are fitted), each lift is shrunk by Gamma(1, 1), a single component of mean 1.

    Raises:
        CountError, ExposureError, ShapeError: with the element that is wrong.

    Source:
        DuMouchel 1999, American Statistician 53:177, equations 3-12.

    Example:
        >>> result = eb05([30, 1, 2, 0, 3, 1, 2, 4], [3.0, 2, 2, 1, 3, 2, 2, 3])
        >>> bool(result.eb05[0] > 1.5), bool((result.eb05[1:] < 1.5).all())
        (True, True)
    """
    n = as_floats(counts, "counts")
    bad = ~(np.isfinite(n) & (n >= 0))
    if bad.any():
        at = int(np.argmax(bad))
        raise CountError(f"{n[at]:g} is not a finite number >= 0", f"counts[{at}]")
    e = as_exposure(expected, "expected", n)
    known = e > 0
    fitted = known.sum() >= 6 and n.sum() > 0
    parameters = _fit(n[known], e[known]) if fitted else np.array([1.0, 1.0, 1.0, 1.0, 0.5])
    a1, b1, a2, b2, weight = (float(v) for v in parameters)
    share = _posterior_share(a1, b1, a2, b2, weight, n, e)
    first, second = (a1 + n, b1 + e), (a2 + n, b2 + e)
    log_mean = share * (special.digamma(first[0]) - np.log(first[1])) + (1 - share) * (
        special.digamma(second[0]) - np.log(second[1])
    )
    return MGPS(
        estimate=np.exp(log_mean),
        eb05=_quantile(0.05, share, first, second),
        eb95=_quantile(0.95, share, first, second),
        raw=np.divide(n, e, out=np.zeros_like(n), where=known),
        alpha=(a1, a2),
        beta=(b1, b2),
        weight=weight,
        loglik=_loglik(parameters, n[known], e[known]),
    )


def _fit(n: FloatArray, e: FloatArray) -> FloatArray:
    """Return the best of a few bounded searches; a mixture likelihood has more than one maximum."""

    def unpack(x: FloatArray) -> FloatArray:
        return np.append(np.exp(x[:4]), special.expit(x[4]))

    def minus(x: FloatArray) -> tuple[float, FloatArray]:
        a1, b1, a2, b2, weight = unpack(x)
        first = np.log(weight) + _log_marginal(a1, b1, n, e)
        second = np.log1p(-weight) + _log_marginal(a2, b2, n, e)
        share = special.expit(first - second)
        slopes = [share @ g for g in _gradient(a1, b1, n, e)] + [
            (1 - share) @ g for g in _gradient(a2, b2, n, e)
        ]
        loglik = float(np.logaddexp(first, second).sum())
        return -loglik, -np.append(slopes, np.sum(share - weight))

    best: Any = None
    for start in _STARTS:
        x0 = np.append(np.log(start[:4]), special.logit(start[4]))
        found = scipy.optimize.minimize(minus, x0, jac=True, method="L-BFGS-B", bounds=_BOUNDS)
        if best is None or found.fun < best.fun:
            best = found
    return unpack(best.x)


def _log_marginal(a: float, b: float, n: FloatArray, e: FloatArray) -> FloatArray:
    """Log probability of n under Gamma(a, b) mixed Poisson(e lambda)."""
    rising = special.gammaln(a + n) - special.gammaln(a) - special.gammaln(n + 1)
    result: FloatArray = rising - a * np.log1p(e / b) + special.xlogy(n, e / (b + e))
    return result


def _gradient(a: float, b: float, n: FloatArray, e: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of `_log_marginal` with respect to log a and log b, each shape (n,)."""
    by_shape = special.digamma(a + n) - special.digamma(a) - np.log1p(e / b)
    return a * by_shape, b * (a * e / b - n) / (b + e)


def _loglik(parameters: FloatArray, n: FloatArray, e: FloatArray) -> float:
    a1, b1, a2, b2, weight = parameters
    first = np.log(weight) + _log_marginal(a1, b1, n, e)
    second = np.log1p(-weight) + _log_marginal(a2, b2, n, e)
    return float(np.logaddexp(first, second).sum())


def _posterior_share(
    a1: float, b1: float, a2: float, b2: float, weight: float, n: FloatArray, e: FloatArray
) -> FloatArray:
    safe = np.where(e > 0, e, 1.0)
    first = np.log(weight) + np.where(e > 0, _log_marginal(a1, b1, n, safe), 0.0)
    second = np.log1p(-weight) + np.where(e > 0, _log_marginal(a2, b2, n, safe), 0.0)
    return np.asarray(special.expit(first - second), dtype=np.float64)


def _quantile(
    p: float, share: FloatArray, first: tuple[FloatArray, FloatArray], second: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Return a quantile of a mixture of two gammas by bisection; it lies between those of its components."""
    ends = np.stack([special.gammaincinv(shape, p) / rate for shape, rate in (first, second)])
    low, high = ends.min(axis=0), ends.max(axis=0)
    for _ in range(80):
        middle = (low + high) / 2
        if ((middle == low) | (middle == high)).all():
            break  # adjacent floating-point numbers
        below = share * special.gammainc(first[0], first[1] * middle) + (1 - share) * special.gammainc(
            second[0], second[1] * middle
        )
        low, high = np.where(below < p, middle, low), np.where(below < p, high, middle)
    result: FloatArray = (low + high) / 2
    return result
