"""Maximum likelihood of the negative binomial (gamma-Poisson) model on grouped cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy
from scipy import special

from pipelines.stats.checks import BoolArray, FloatArray, IntArray, positive
from pipelines.stats.errors import ParameterError

MeanModel = Literal["one", "estimated"]
# Beyond these limits the likelihood is flat: above, the model is Poisson; below, zeros add no information.
SHAPE_LIMITS = (1e-6, 1e5)


@dataclass(frozen=True)
class Cells:
    """Areas grouped by equal (cases, expected).

    Attributes:
        cases: shape (c,); expected: shape (c,); weight: areas per cell, shape (c,).
        place: cell of each area, shape (n,).
    """

    cases: FloatArray
    expected: FloatArray
    weight: FloatArray
    place: IntArray


@dataclass(frozen=True)
class NegativeBinomialFit:
    """ML fit of Y ~ NB(mean * expected, shape); ``shape`` is inf where no over-dispersion is seen."""

    shape: float
    mean: float
    loglik: float
    loglik_poisson: float


def group_cells(cases: FloatArray, expected: FloatArray) -> Cells:
    """Group areas by (cases, expected): small counts at few distinct exposures repeat thousands of times."""
    case_code, case_values = pd.factorize(cases)
    expected_code, expected_values = pd.factorize(expected)
    place, cells = pd.factorize(case_code.astype(np.int64) * len(expected_values) + expected_code)
    return Cells(
        cases=np.asarray(case_values, dtype=np.float64)[cells // len(expected_values)],
        expected=np.asarray(expected_values, dtype=np.float64)[cells % len(expected_values)],
        weight=np.bincount(place).astype(np.float64),
        place=np.asarray(place, dtype=np.int64),
    )


def fit_negative_binomial(
    cells: Cells, *, mean: MeanModel = "one", shape: float | None = None
) -> NegativeBinomialFit:
    """Fit the shape (and the mean) by maximum likelihood.

    Args:
        cells: grouped data; cells without expected cases carry no information.
        mean: ``"one"`` fixes the mean relative risk at 1, ``"estimated"`` fits it.
        shape: a known shape; only the mean is then fitted.

    Returns:
        The fit. Neutral result: ``shape`` is inf (Poisson) with fewer than two areas, with no case at all, or
        without over-dispersion.

    Raises:
        ParameterError: unknown ``mean``, or a ``shape`` that is not above zero.

    Source:
        Clayton & Kaldor 1987, Biometrics 43:671, section 2.
    """
    if mean not in ("one", "estimated"):
        raise ParameterError(f"must be 'one' or 'estimated', got {mean!r}", "mean")
    data = _Data.of(cells)
    pooled = data.cases / data.expected if data.expected > 0 else 1.0
    poisson_mean = pooled if mean == "estimated" else 1.0
    loglik_poisson = data.poisson_loglik(poisson_mean)
    poisson = NegativeBinomialFit(np.inf, poisson_mean, loglik_poisson, loglik_poisson)

    def mean_at(at_shape: float) -> float:
        return data.mean_given(at_shape, pooled) if mean == "estimated" else 1.0

    if shape is not None and not np.isinf(shape):
        positive(shape, "shape")
        if data.cases == 0:
            return NegativeBinomialFit(float(shape), poisson_mean, loglik_poisson, loglik_poisson)
        at = mean_at(shape)
        return NegativeBinomialFit(float(shape), at, data.loglik(shape, at), loglik_poisson)
    if shape is not None or data.areas < 2 or data.cases == 0:
        return poisson
    best = _best_shape(data, mean_at)
    at = mean_at(best)
    loglik = data.loglik(best, at)
    better = loglik > loglik_poisson + 1e-9
    return NegativeBinomialFit(best, at, loglik, loglik_poisson) if better else poisson


def _best_shape(data: _Data, mean_at: Callable[[float], float]) -> float:
    """Find the best shape: coarse search over log shape, then the root of the score next to the best point."""

    def score_at(log_shape: float) -> float:
        shape = float(np.exp(log_shape))
        return data.shape_score(shape, mean_at(shape))

    # The likelihood may have a second, flat maximum at infinity, so the search starts with the whole range.
    grid = np.linspace(np.log(SHAPE_LIMITS[0]), np.log(SHAPE_LIMITS[1]), 19)
    best = int(np.argmax([data.loglik(float(a), mean_at(float(a))) for a in np.exp(grid)]))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    if score_at(left) <= 0 or score_at(right) >= 0:
        return float(np.exp(grid[best]))  # flat: the maximum lies at a limit, or the model is Poisson
    return float(np.exp(scipy.optimize.brentq(score_at, left, right, xtol=1e-12, rtol=1e-12)))


@dataclass(frozen=True)
class _Data:
    """Cells with exposure, split so that gamma functions are computed only for distinct counts, and logarithms
    only for the few cells with a case: most areas have none.

    Attributes:
        y, e, w: cases, expected and weight of each cell; hit: cells with a case.
        count, times: distinct counts and how many areas have each.
        areas, cases, expected: totals.
    """

    y: FloatArray
    e: FloatArray
    w: FloatArray
    hit: BoolArray
    count: FloatArray
    times: FloatArray
    areas: float
    cases: float
    expected: float

    @classmethod
    def of(cls, cells: Cells) -> _Data:
        known = cells.expected > 0
        y, e, w = cells.cases[known], cells.expected[known], cells.weight[known]
        count, place = np.unique(y, return_inverse=True)
        times = np.bincount(place, w, minlength=count.size).astype(np.float64)
        return cls(y, e, w, y > 0, count, times, float(w.sum()), _dot(w, y), _dot(w, e))

    def loglik(self, shape: float, mean: float) -> float:
        rising = (
            special.gammaln(self.count + shape) - special.gammaln(shape) - special.gammaln(self.count + 1)
        )
        fitted = mean * self.e[self.hit]
        some = _dot((self.w * self.y)[self.hit], np.log(fitted / (shape + fitted)))
        none = shape * _dot(self.w, np.log1p(mean / shape * self.e))
        return _dot(self.times, rising) - none + some

    def poisson_loglik(self, mean: float) -> float:
        some = _dot((self.w * self.y)[self.hit], np.log(mean * self.e[self.hit])) if self.cases > 0 else 0.0
        return some - mean * self.expected - _dot(self.times, special.gammaln(self.count + 1))

    def shape_score(self, shape: float, mean: float) -> float:
        fitted = mean * self.e
        rising = _dot(self.times, special.digamma(self.count + shape) - special.digamma(shape))
        rest = (fitted - self.y) / (shape + fitted) - np.log1p(fitted / shape)
        return rising + _dot(self.w, rest)

    def mean_given(self, shape: float, start: float) -> float:
        """Root of the score of the log mean; it is monotone, so Newton with bounded steps is safe."""
        beta = float(np.log(start))
        for _ in range(100):
            fitted = np.exp(beta) * self.e
            share = self.w * shape / (shape + fitted)
            score = _dot(share, self.y - fitted)
            information = _dot(share, fitted * (shape + self.y) / (shape + fitted))
            step = float(np.clip(score / information, -1.0, 1.0))
            beta += step
            if abs(step) < 1e-13:
                break
        return float(np.exp(beta))


def _dot(a: FloatArray, b: FloatArray) -> float:
    """Return the inner product by numpy's own summation: BLAS results depend on the number of threads."""
    return float(np.sum(a * b))
