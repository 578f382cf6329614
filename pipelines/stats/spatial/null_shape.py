"""Gamma shapes of the over-dispersed null, estimated from the data that are scanned.

The clusters sought are part of these data, so the dispersion is overstated if anything, and the p-values are
conservative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numba as nb
import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import digamma, gammainc

from pipelines.stats.errors import ParameterError
from pipelines.stats.fit_nb import fit_negative_binomial, group_cells
from pipelines.stats.spatial.scan_result import FloatArray, IntArray

# Shapes outside this range are indistinguishable: below, practically one area holds everything; above, Poisson.
_LOW, _HIGH = 1e-4, 1e4


def negative_binomial_shape(cases: IntArray, expected: FloatArray) -> float:
    """Maximum-likelihood shape k of counts with mean expected and variance expected + expected**2 / k.

    Args:
        cases: int64 (n,); expected: float64 (n,), same total as cases; zeros are ignored.
    Returns: k; inf when the data show no over-dispersion or hold no information.
    Source: see `nbfit`.
    """
    keep = expected > 0
    if np.count_nonzero(keep) < 2 or not cases.any():
        return math.inf
    return fit_negative_binomial(
        group_cells(cases[keep].astype(np.float64), expected[keep]), mean="one"
    ).shape


def _split_log_likelihood(
    first: IntArray,
    cases: IntArray,
    expected: FloatArray,
    theta: FloatArray,
    log_weight: FloatArray,
    k: float,
) -> FloatArray:
    """Return the log-likelihood (families,) of the children of each parent, with its multiplier theta
    integrated out.

    Children first[p]:first[p + 1] have independent negative-binomial counts, mean theta * expected, shape k.
    """
    out = np.zeros(first.size - 1)
    for p in nb.prange(first.size - 1):
        start, stop = first[p], first[p + 1]
        own, total = 0.0, 0
        for i in range(start, stop):
            total += cases[i]
            for j in range(cases[i]):
                own += math.log1p(j / k)
        top = -math.inf
        term = np.empty(theta.size)
        for q in range(theta.size):
            value = log_weight[q] + total * math.log(theta[q])
            for i in range(start, stop):
                value -= (cases[i] + k) * math.log1p(theta[q] * expected[i] / k)
            term[q] = value
            top = max(top, value)
        out[p] = own + top + math.log(np.sum(np.exp(term - top)))
    return out


# Single-threaded for small trees, where synchronising threads would take longer than the sum.
_split_serial = nb.njit(cache=True)(_split_log_likelihood)
_split_parallel = nb.njit(cache=True, parallel=True)(_split_log_likelihood)
_SMALL = 20_000


def _multiplier_grid(spread: float) -> tuple[FloatArray, FloatArray]:
    """Return points and log weights to integrate over a gamma multiplier of mean 1 and this variance."""
    if spread <= 1.0 / _HIGH:
        return np.ones(1), np.zeros(1)
    edges = np.geomspace(1e-4, 1e3, 41)
    mass = np.diff(np.concatenate([[0.0], gammainc(1.0 / spread, edges / spread)]))
    points = np.concatenate([edges[:1], np.sqrt(edges[1:] * edges[:-1])])
    keep = mass > 1e-12
    return points[keep], np.log(mass[keep])


def _fit_split(family: IntArray, cases: IntArray, expected: FloatArray, above: float) -> float:
    """Return the maximum-likelihood shape of siblings around their parent, whose path has the variance `above`."""
    order = np.argsort(family, kind="stable")
    first = np.append(np.unique(family[order], return_index=True)[1], family.size).astype(np.int64)
    theta, log_weight = _multiplier_grid(above)
    y, e = cases[order], expected[order]
    split = _split_serial if y.size < _SMALL else _split_parallel
    return _maximise(lambda k: float(split(first, y, e, theta, log_weight, k).sum()))


def _maximise(log_likelihood: Callable[[float], float]) -> float:
    """Return the shape with the largest log-likelihood; inf at the upper end of the range."""
    found = minimize_scalar(
        lambda log_k: -log_likelihood(math.exp(log_k)),
        bounds=(math.log(_LOW), math.log(_HIGH)),
        method="bounded",
        options={"xatol": 0.01},
    )
    k = math.exp(found.x)
    return math.inf if k > 0.9 * _HIGH else k


def _log_gap(k: float) -> float:
    """Return ln E[G] - E[ln G] of a gamma multiplier of shape k, the
    quantity that determines the likelihood of k."""
    return math.log(k) - float(digamma(k))


def _take_off(seen: float, below: float) -> float:
    """Return the variance of a node's own multiplier, if own times below has variance `seen` and below has
    `below`.

    Log gaps add up in a product, variances do not; the fitted shape follows the gap (Minka 2002, eq. 8).
    """
    if below <= 1.0 / _HIGH or seen <= 1.0 / _HIGH:
        return seen
    gap = _log_gap(1.0 / seen) - _log_gap(1.0 / below)
    if gap <= _log_gap(_HIGH):
        return 0.0
    return 1.0 / math.exp(brentq(lambda x: _log_gap(math.exp(x)) - gap, math.log(_LOW) - 1, math.log(_HIGH)))


def nested_shapes(parent: IntArray, depth: IntArray, cases: IntArray, expected: FloatArray) -> FloatArray:
    """One gamma shape per depth of a tree, by maximum likelihood.

    At each depth the counts of siblings are negative binomial around the multiplier of their parent, which is
    integrated out; marginal counts cannot be used, since a product of gammas is not a gamma. The variance that
    the levels below add to a node's count is then subtracted from its own.

    Args:
        parent: int64 (n,), smaller than the node's position, -1 for a root; depth: int64 (n,), roots 0;
        cases, expected: (n,) totals of the subtree of each node, expected scaled to the total of cases.
    Returns: float64 (depths,), inf where a level adds no variance.
    """
    levels = int(depth.max()) + 1
    seen = np.empty(levels)
    above = 0.0
    for d in range(levels):
        at = (depth == d) & (expected > 0)
        seen[d] = 1.0 / _fit_split(parent[at], cases[at], expected[at], above) if at.any() else 0.0
        above = (1.0 + above) * (1.0 + seen[d]) - 1.0
    total = np.where(parent >= 0, expected[np.maximum(parent, 0)], 0.0)
    share = np.divide(expected, total, out=np.zeros_like(expected), where=total > 0)
    spread = np.zeros(levels)
    second = np.ones(parent.size)  # E[S**2] of the weight of a node relative to its own multiplier
    for d in range(levels - 1, -1, -1):
        at = depth == d
        weight = float(np.sum(expected[at]))
        below = float(np.sum(expected[at] * second[at])) / weight if weight > 0 else 1.0
        spread[d] = _take_off(seen[d], below - 1.0)
        # Variance that adds less than half a pair of cases sharing an area in the whole tree has no effect, and
        # drawing a multiplier for each of many thousand leaves is most of the work of a replicate.
        if spread[d] * float(np.sum(expected[at] ** 2)) < 1.0:
            spread[d] = 0.0
        if d:
            np.add.at(second, parent[at], share[at] ** 2 * ((1.0 + spread[d]) * second[at] - 1.0))
    return np.array([1.0 / v if v > 1.0 / _HIGH else np.inf for v in spread])


def shape_per_element(shape: Any, n: int, name: str) -> FloatArray:
    """Broadcast a number or an array of n shapes to n elements.

    Raises ParameterError for a shape that is not positive (inf is allowed: no extra variance).
    """
    values = np.asarray(shape, dtype=np.float64)
    if values.ndim > 1 or (values.ndim == 1 and values.size != n):
        raise ParameterError(f"expected one number or {n} numbers, got shape {values.shape}", name)
    values = np.broadcast_to(values, (n,)).copy()
    bad = ~(values > 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise ParameterError(f"a gamma shape must be > 0, got {values[at]!r}", f"{name}[{at}]")
    return values


def shape_by_depth(shape: Mapping[int, float], depth: IntArray, name: str) -> FloatArray:
    """Return the shape of each node by its depth, inf where the mapping has none.

    Raises ParameterError for a depth the tree does not have, or a shape that is not positive.
    """
    out = np.full(depth.size, np.inf)
    for level, k in shape.items():
        if not 0 <= level <= int(depth.max()):
            raise ParameterError(f"the tree has depths 0 to {int(depth.max())}, not {level}", name)
        if not k > 0:
            raise ParameterError(f"a gamma shape must be > 0, got {k!r}", f"{name}[{level}]")
        out[depth == level] = k
    return out
