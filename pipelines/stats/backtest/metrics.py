"""Quality of a ranking or a forecast, computed for the real areas and for bootstrap replicates together.

Every metric takes ``weight`` of shape (b, n): row 0 is all ones (the estimate), the others count how often each
area was drawn in a bootstrap replicate. It returns shape (b,). Tied areas share their hits in proportion, which
is the expected value over random orders.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray

PIT_BINS = 10


def share_found(
    score: FloatArray, size: FloatArray, hits: FloatArray, weight: FloatArray, budget: FloatArray
) -> FloatArray:
    """Return the hits in the highest-scoring areas until ``budget`` (shape (b,), in units of size) is used up."""
    sizes, found = _by_group(score, size * weight, hits * weight)
    return _found_within(sizes, found, budget)


def hit_rates(
    score: FloatArray, exposure: FloatArray, cases: FloatArray, weight: FloatArray, shares: Sequence[float]
) -> list[FloatArray]:
    """Share of the cases found in each share of the exposure, 0-1 (0 where a replicate has no case)."""
    sizes, found = _by_group(score, exposure * weight, cases * weight)
    whole, total = weight @ exposure, weight @ cases
    return [_ratio(_found_within(sizes, found, share * whole), total) for share in shares]


def precision_at(score: FloatArray, cases: FloatArray, weight: FloatArray, k: int) -> FloatArray:
    """Share of the k highest-scoring areas in which at least one case occurred, 0-1."""
    one = np.ones_like(score)
    budget = np.minimum(float(k), weight.sum(axis=1))
    return _ratio(share_found(score, one, (cases > 0).astype(np.float64), weight, budget), budget)


def average_precision(score: FloatArray, cases: FloatArray, weight: FloatArray) -> FloatArray:
    """Area under the precision-recall curve of "at least one case", ties as one step, 0-1."""
    areas, hits = _by_group(score, weight, (cases > 0) * weight)
    seen, found = np.cumsum(areas, axis=1), np.cumsum(hits, axis=1)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    top, total = (precision * hits).sum(axis=1), found[:, -1]
    return _ratio(top, total)


def log_score(cases: FloatArray, mean: FloatArray, shape: float, weight: FloatArray) -> FloatArray:
    """Mean log probability of the counts under NB(mean, shape); higher is better."""
    result: FloatArray = weight @ nb_logpmf(cases, mean, shape) / weight.sum(axis=1)
    return result


def calibration_slope(
    cases: FloatArray, risk: FloatArray, exposure: FloatArray, weight: FloatArray
) -> FloatArray | None:
    """Slope of log rate on log predicted risk by Poisson regression; 1 = right, below 1 = too extreme.

    None where the prediction does not vary or no case occurred.
    """
    x = np.log(risk)
    if np.ptp(x) < 1e-9 or cases.sum() == 0:
        return None
    x = x - np.average(x, weights=exposure)
    total = np.maximum(weight @ cases, 1e-9)
    intercept, slope = np.log(total / (weight @ exposure)), np.zeros(weight.shape[0])
    exposed, hits, square = weight * exposure, weight * cases, x**2
    for _ in range(50):
        fitted = exposed * np.exp(np.clip(intercept[:, None] + slope[:, None] * x, -50, 50))
        gap = hits - fitted
        g0, g1 = gap.sum(axis=1), gap @ x
        h00, h01, h11 = fitted.sum(axis=1), fitted @ x, fitted @ square
        determinant = np.maximum(h00 * h11 - h01**2, 1e-12)
        step0 = np.clip((h11 * g0 - h01 * g1) / determinant, -2, 2)
        step1 = np.clip((h00 * g1 - h01 * g0) / determinant, -2, 2)
        intercept, slope = intercept + step0, slope + step1
        if max(np.abs(step0).max(), np.abs(step1).max()) < 1e-9:
            break
    return slope


def randomised_pit(cases: FloatArray, mean: FloatArray, shape: float, rng: np.random.Generator) -> FloatArray:
    """Probability integral transform, randomised inside the jump of the count; uniform if calibrated."""
    at = np.exp(nb_logpmf(cases, mean, shape))
    if np.isinf(shape):
        upto = special.gammaincc(cases + 1, mean)
    else:
        upto = special.betaincc(cases + 1, shape, mean / (shape + mean))
    result: FloatArray = np.clip(upto - at * rng.random(cases.size), 0.0, 1.0)
    return result


def pit_histogram(pit: FloatArray, weight: FloatArray) -> FloatArray:
    """Share of areas per tenth of the PIT, shape (b, 10)."""
    place = np.minimum((pit * PIT_BINS).astype(np.int64), PIT_BINS - 1)
    result: FloatArray = weight @ np.eye(PIT_BINS)[place] / weight.sum(axis=1, keepdims=True)
    return result


def pit_distance(pit: FloatArray, weight: FloatArray) -> FloatArray:
    """Largest gap between the cumulated PIT histogram and the uniform one; 0 = calibrated."""
    uniform = np.arange(1, PIT_BINS + 1) / PIT_BINS
    result: FloatArray = np.abs(np.cumsum(pit_histogram(pit, weight), axis=1) - uniform).max(axis=1)
    return result


def nb_logpmf(cases: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """Log probability of counts under NB (Poisson for shape inf) with positive means."""
    if np.isinf(shape):
        poisson: FloatArray = special.xlogy(cases, mean) - mean - special.gammaln(cases + 1)
        return poisson
    rising = special.gammaln(cases + shape) - special.gammaln(shape) - special.gammaln(cases + 1)
    result: FloatArray = rising - shape * np.log1p(mean / shape) + special.xlogy(cases, mean / (shape + mean))
    return result


def _found_within(sizes: FloatArray, found: FloatArray, budget: FloatArray) -> FloatArray:
    """Return cumulative hits up to the budget; the group at the limit counts in proportion. Shape (b, g)."""
    used, total = np.cumsum(sizes, axis=1), np.cumsum(found, axis=1)
    target = np.minimum(budget, used[:, -1])
    edge = np.minimum((used < target[:, None] * (1 - 1e-12)).sum(axis=1), sizes.shape[1] - 1)
    rows = np.arange(edge.size)
    part, whole = target - (used[rows, edge] - sizes[rows, edge]), sizes[rows, edge]
    fraction = np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
    result: FloatArray = total[rows, edge] - found[rows, edge] * (1 - fraction)
    return result


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    result: FloatArray = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return result


def _by_group(score: FloatArray, *values: FloatArray) -> tuple[FloatArray, ...]:
    """Sum columns of equal score, highest first; each value has shape (b, n), each result (b, groups)."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return tuple(np.add.reduceat(v[:, order], starts, axis=1) for v in values)
