"""Maximum likelihood of the beta-binomial model; only the tallies of y, n - y and n matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from scipy import special

from pipelines.stats.checks import FloatArray

# Beyond these limits of alpha + beta the likelihood is flat: binomial above; below, each area is all or
# nothing.
PRECISION_LIMITS = (1e-5, 1e7)


@dataclass(frozen=True)
class BetaBinomialFit:
    """ML fit of y ~ BetaBinomial(n, mean * precision, (1 - mean) * precision); inf precision = binomial."""

    mean: float
    precision: float
    loglik: float


def fit_beta_binomial(successes: FloatArray, trials: FloatArray) -> BetaBinomialFit:
    """Fit mean and precision; binomial (precision inf) if the data show no over-dispersion.

    Args:
        successes: shape (n,), whole numbers at most ``trials``; trials: shape (n,).

    Returns:
        The fit; mean is 0 without any trial.

    Source:
        Griffiths 1973, Biometrics 29:637 (likelihood). For a fixed precision it is concave in the mean.
    """
    known = trials > 0
    y, n = successes[known], trials[known]
    pooled = float(y.sum() / n.sum()) if y.size else 0.0
    constant = float(np.sum(special.gammaln(n + 1) - special.gammaln(y + 1) - special.gammaln(n - y + 1)))
    at_binomial = special.xlogy(y.sum(), pooled) + special.xlog1py((n - y).sum(), -pooled)
    binomial = BetaBinomialFit(pooled, np.inf, float(at_binomial) + constant)
    if y.size < 2 or pooled in (0.0, 1.0):
        return binomial
    tally = _Tally.of(y, n)

    def score_at(log_precision: float) -> float:
        precision = float(np.exp(log_precision))
        return tally.precision_score(tally.mean_given(precision, pooled), precision)

    grid = np.linspace(np.log(PRECISION_LIMITS[0]), np.log(PRECISION_LIMITS[1]), 21)
    values = [tally.loglik(tally.mean_given(m, pooled), m) for m in np.exp(grid)]
    best = int(np.argmax(values))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    if score_at(left) <= 0 or score_at(right) >= 0:
        root = grid[best]  # flat: the maximum lies at a limit, or the model is binomial
    else:
        root = scipy.optimize.brentq(score_at, left, right, xtol=1e-12, rtol=1e-12)
    precision = float(np.exp(root))
    mean = tally.mean_given(precision, pooled)
    loglik = tally.loglik(mean, precision) + constant
    return BetaBinomialFit(mean, precision, loglik) if loglik > binomial.loglik + 1e-9 else binomial


@dataclass(frozen=True)
class _Tally:
    """Distinct values of y, n - y and n with their frequencies."""

    hit: tuple[FloatArray, FloatArray]
    missed: tuple[FloatArray, FloatArray]
    total: tuple[FloatArray, FloatArray]

    @classmethod
    def of(cls, y: FloatArray, n: FloatArray) -> _Tally:
        def count(values: FloatArray) -> tuple[FloatArray, FloatArray]:
            distinct, times = np.unique(values, return_counts=True)
            return distinct, times.astype(np.float64)

        return cls(count(y), count(n - y), count(n))

    def loglik(self, mean: float, precision: float) -> float:
        """Log-likelihood without the binomial coefficients."""
        a, b = mean * precision, (1 - mean) * precision
        return (
            _rise(special.gammaln, self.hit, a)
            + _rise(special.gammaln, self.missed, b)
            - _rise(special.gammaln, self.total, precision)
        )

    def precision_score(self, mean: float, precision: float) -> float:
        a, b = mean * precision, (1 - mean) * precision
        return (
            mean * _rise(special.digamma, self.hit, a)
            + (1 - mean) * _rise(special.digamma, self.missed, b)
            - _rise(special.digamma, self.total, precision)
        )

    def mean_given(self, precision: float, start: float) -> float:
        """Root of the score of the mean, by Newton kept inside a shrinking bracket."""
        low, high, mean = 0.0, 1.0, start
        for _ in range(200):
            a, b = mean * precision, (1 - mean) * precision
            score = _rise(special.digamma, self.hit, a) - _rise(special.digamma, self.missed, b)
            slope = precision * (_rise(_trigamma, self.hit, a) + _rise(_trigamma, self.missed, b))
            low, high = (mean, high) if score > 0 else (low, mean)
            new = mean - score / slope if slope < 0 else low
            if not low < new < high:
                new = (low + high) / 2
            if abs(new - mean) <= 1e-14 * min(new, 1 - new):
                return new
            mean = new
        return mean


def _trigamma(x: FloatArray | float) -> FloatArray:
    # Abramowitz & Stegun 6.4.10; `polygamma` is the same, but its input checks take longer than the
    # computation.
    return np.asarray(special.zeta(2.0, x), dtype=np.float64)


def _rise(function: np.ufunc | object, tally: tuple[FloatArray, FloatArray], at: float) -> float:
    """Return the sum over areas of f(value + at) - f(at)."""
    values, times = tally
    return float(times @ (function(values + at) - function(at)))  # type: ignore[operator]
