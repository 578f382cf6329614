"""Maximum likelihood of the negative binomial (gamma-Poisson) model on grouped cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, special

from pipelines.analysis.checks import FloatArray, IntArray, positive
from pipelines.analysis.errors import ParameterError

MeanModel = Literal["one", "estimated"]
# Beyond these limits the likelihood is flat: above, the model is Poisson; below, the zeros say nothing more.
SHAPE_LIMITS = (1e-6, 1e5)


@dataclass(frozen=True)
class Cells:
    """Areas with the same (cases, expected) count once.

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
    """Group areas by (cases, expected): small counts over few exposures repeat thousands of times."""
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
        when the spread is not larger than Poisson's.

    Raises:
        ParameterError: unknown ``mean``, or a ``shape`` that is not above zero.

    Source:
        Clayton & Kaldor 1987, Biometrics 43:671, section 2; score test of no over-dispersion by Dean 1992,
        JASA 87:451.
    """
    if mean not in ("one", "estimated"):
        raise ParameterError(f"must be 'one' or 'estimated', got {mean!r}", "mean")
    known = cells.expected > 0
    y, e, w = cells.cases[known], cells.expected[known], cells.weight[known]
    free = mean == "estimated"
    pooled = float(w @ y / (w @ e)) if w.size else 1.0
    poisson_mean = pooled if free else 1.0
    loglik_poisson = _poisson_loglik(y, e, w, poisson_mean)
    poisson = NegativeBinomialFit(np.inf, poisson_mean, loglik_poisson, loglik_poisson)
    if shape is not None and not np.isinf(shape):
        positive(shape, "shape")
        at = _mean_given_shape(shape, y, e, w, pooled) if free and w @ y > 0 else poisson_mean
        loglik = _loglik(shape, at, y, e, w) if at > 0 else loglik_poisson
        return NegativeBinomialFit(float(shape), at, loglik, loglik_poisson)
    if shape is not None or w.sum() < 2 or w @ y == 0:
        return poisson
    return _maximise(y, e, w, free=free, pooled=pooled, poisson=poisson)


def _maximise(
    y: FloatArray, e: FloatArray, w: FloatArray, *, free: bool, pooled: float, poisson: NegativeBinomialFit
) -> NegativeBinomialFit:
    """Coarse search over log shape, then the root of the score between the neighbours of the best point."""

    def mean_at(shape: float) -> float:
        return _mean_given_shape(shape, y, e, w, pooled) if free else 1.0

    def score_at(log_shape: float) -> float:
        shape = float(np.exp(log_shape))
        return _shape_score(shape, mean_at(shape), y, e, w)

    # The likelihood may have a second, flat maximum at infinity, so the start looks at the whole range.
    grid = np.linspace(np.log(SHAPE_LIMITS[0]), np.log(SHAPE_LIMITS[1]), 19)
    values = np.array([_loglik(float(np.exp(g)), mean_at(float(np.exp(g))), y, e, w) for g in grid])
    best = int(np.argmax(values))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    if score_at(left) <= 0 or score_at(right) >= 0:
        root = grid[best]  # flat: the maximum lies at a limit, or the model is Poisson
    else:
        root = optimize.brentq(score_at, left, right, xtol=1e-12, rtol=1e-12)
    shape = float(np.exp(root))
    at = mean_at(shape)
    loglik = _loglik(shape, at, y, e, w)
    if loglik <= poisson.loglik_poisson + 1e-9:
        return poisson
    return NegativeBinomialFit(shape, at, loglik, poisson.loglik_poisson)


def _mean_given_shape(shape: float, y: FloatArray, e: FloatArray, w: FloatArray, start: float) -> float:
    """Root of the score of the log mean; it is monotone, so Newton with halved steps is safe."""
    beta = float(np.log(start))
    for _ in range(100):
        fitted = np.exp(beta) * e
        share = shape / (shape + fitted)
        score = float(w @ (share * (y - fitted)))
        information = float(w @ (share * fitted * (shape + y) / (shape + fitted)))
        step = float(np.clip(score / information, -1.0, 1.0))
        beta += step
        if abs(step) < 1e-13:
            break
    return float(np.exp(beta))


def _loglik(shape: float, mean: float, y: FloatArray, e: FloatArray, w: FloatArray) -> float:
    fitted = mean * e
    rising = special.gammaln(y + shape) - special.gammaln(shape) - special.gammaln(y + 1)
    terms = rising - shape * np.log1p(fitted / shape) + special.xlogy(y, fitted / (shape + fitted))
    return float(w @ terms)


def _poisson_loglik(y: FloatArray, e: FloatArray, w: FloatArray, mean: float) -> float:
    if mean == 0:
        return 0.0
    return float(w @ (special.xlogy(y, mean * e) - mean * e - special.gammaln(y + 1)))


def _shape_score(shape: float, mean: float, y: FloatArray, e: FloatArray, w: FloatArray) -> float:
    fitted = mean * e
    rising = special.digamma(y + shape) - special.digamma(shape)
    return float(w @ (rising - np.log1p(fitted / shape) + (fitted - y) / (shape + fitted)))
