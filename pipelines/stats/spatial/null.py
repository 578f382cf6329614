"""Simulated data sets for the scans: C events distributed over areas with over-dispersed weights.

Null of a replicate: weight of an element = expected count times a gamma multiplier (mean 1, variance 1 /
shape) for itself and for each of its ancestors that has a finite shape; then exactly C events fall
independently in proportion to the weights. With every shape infinite this is Kulldorff's conditional Poisson
null; with finite shapes the counts have the over-dispersion of a negative binomial (Zhang, Zhang & Lin
2012), fresh multipliers in each replicate, the total held at C. Each replicate has its own random stream
derived from (seed, replicate number), so the result does not depend on the number of threads.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from pipelines.stats.spatial.scan_result import FloatArray, IntArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0  # 2**-53


class NullPlan(NamedTuple):
    """Sampling tables of a null, built once per scan (see `plan_null`)."""

    shapes: FloatArray  # (g,) finite shapes, parents before children
    gamma_parent: IntArray  # (g,) nearest ancestor with a multiplier, -1 for none
    unit_gamma: IntArray  # multiplier list index of each unit, -1 for none
    unit_start: FloatArray  # (u + 1,) cumulative expected count at the first source of each unit
    source: npt.NDArray[np.int32]  # (s,) node of each source, sorted by unit
    source_cum: FloatArray  # (s,) cumulative expected count, in that order
    source_guide: npt.NDArray[np.int32]  # (s + 1,) first source of each equal slice of the total


def plan_null(expected: FloatArray, parent: IntArray, shape: FloatArray) -> NullPlan:
    """Build the sampling tables of a null.

    Args:
        expected: float64 (n,), own expected count of each node; parent: int64 (n,), -1 for a root, always
            smaller than the node's own position; shape: float64 (n,), inf where there is no multiplier.
    """
    n = expected.size
    has = np.isfinite(shape)
    gamma_at = np.where(has, np.cumsum(has) - 1, -1)
    nearest = _inherit(parent, gamma_at)  # position of the deepest multiplier on the path, self included
    above = np.where(parent >= 0, nearest[np.maximum(parent, 0)], -1)
    nodes = np.flatnonzero(expected > 0)
    order = nodes[np.argsort(nearest[nodes], kind="stable")]
    unit_gamma, first = np.unique(nearest[order], return_index=True)
    cum = np.cumsum(expected[order])
    start = np.concatenate([[0.0], cum])[np.append(first, order.size)]
    slices = np.arange(order.size + 1) * (cum[-1] / order.size)
    guide = np.minimum(np.searchsorted(cum, slices, side="right"), order.size - 1)
    return NullPlan(
        shapes=np.ascontiguousarray(shape[has]),
        gamma_parent=above[np.arange(n)[has]].astype(np.int64),
        unit_gamma=unit_gamma.astype(np.int64),
        unit_start=start,
        source=order.astype(np.int32),
        source_cum=cum,
        source_guide=guide.astype(np.int32),
    )


@nb.njit(cache=True)
def _inherit(parent: IntArray, own: IntArray) -> IntArray:
    out = own.copy()
    for i in range(out.size):
        if out[i] < 0 and parent[i] >= 0:
            out[i] = out[parent[i]]
    return out


@nb.njit(cache=True)
def stream(seed: int, replicate: int) -> np.uint64:
    """Return the initial state of one replicate's random stream."""
    state = np.uint64(seed) * _MIX2 + _GOLDEN
    state, word = next_word(state)
    state, word = next_word(word + np.uint64(replicate) * _MIX1)
    return word


@nb.njit(cache=True)
def next_word(state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the new state and 64 random bits by SplitMix64 (Steele, Lea & Flood 2014)."""
    state = state + _GOLDEN
    z = state
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return state, z ^ (z >> _S31)


@nb.njit(cache=True)
def uniform(state: np.uint64) -> tuple[np.uint64, float]:
    """Return the new state and a number in [0, 1)."""
    state, word = next_word(state)
    return state, np.float64(word >> _S11) * _UNIT


@nb.njit(cache=True)
def gamma_mean_one(state: np.uint64, k: float) -> tuple[np.uint64, float]:
    """Return the new state and a gamma variate of shape k, mean 1 (k < 1:
    Ahrens & Dieter 1974, GS; else Marsaglia & Tsang 2000)."""
    if k < 1.0:
        b = 1.0 + k / math.e
        while True:
            state, u = uniform(state)
            state, v = uniform(state)
            p = b * (1.0 - u)
            if p <= 1.0:
                x = math.exp(math.log(p) / k)
                if v <= 1.0 - x or v <= math.exp(-x):
                    return state, x / k
            else:
                x = -math.log((b - p) / k)
                if v <= math.exp((k - 1.0) * math.log(x)):
                    return state, x / k
    d = k - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        state, u = uniform(state)
        state, v = uniform(state)
        z = math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)
        t = 1.0 + c * z
        if t > 0.0:
            t = t * t * t
            state, u = uniform(state)
            if u < 1.0 - 0.0331 * z * z * z * z or math.log(1.0 - u) < 0.5 * z * z + d - d * t + d * math.log(
                t
            ):
                return state, d * t / k


@nb.njit(cache=True)
def draw_events(
    state: np.uint64,
    plan: NullPlan,
    multiplier: FloatArray,
    unit_cum: FloatArray,
    unit_guide: npt.NDArray[np.int32],
    events: npt.NDArray[np.int32],
) -> np.uint64:
    """Fill events with the node of each of the C events of one replicate; return the new state.

    multiplier (g,), unit_cum (u,) and unit_guide (u + 1,) are work space.
    """
    n_units = plan.unit_gamma.size
    n_sources = plan.source.size
    for g in range(plan.shapes.size):
        state, value = gamma_mean_one(state, plan.shapes[g])
        above = plan.gamma_parent[g]
        multiplier[g] = value * multiplier[above] if above >= 0 else value
    weight = 0.0
    for u in range(n_units):
        g = plan.unit_gamma[u]
        base = plan.unit_start[u + 1] - plan.unit_start[u]
        weight += base * multiplier[g] if g >= 0 else base
        unit_cum[u] = weight
    _fill_guide(unit_cum, unit_guide)
    total = plan.source_cum[n_sources - 1]
    for i in range(events.size):
        state, x = uniform(state)
        u = 0
        inside = x * total
        if n_units > 1:
            u = unit_guide[int(x * n_units)]
            target = x * weight
            while unit_cum[u] <= target and u < n_units - 1:
                u += 1
            low = unit_cum[u - 1] if u > 0 else 0.0
            width = unit_cum[u] - low
            state, x = uniform(state)
            inside = plan.unit_start[u] + x * (plan.unit_start[u + 1] - plan.unit_start[u])
            if width <= 0.0:  # every weight underflowed to zero: fall back to the expected counts
                inside = x * total
        j = plan.source_guide[min(int(inside / total * n_sources), n_sources - 1)]
        while j > 0 and plan.source_cum[j - 1] > inside:
            j -= 1
        while plan.source_cum[j] <= inside and j < n_sources - 1:
            j += 1
        events[i] = plan.source[j]
    return state


@nb.njit(cache=True)
def _fill_guide(cum: FloatArray, guide: npt.NDArray[np.int32]) -> None:
    """guide[b] = first position whose cumulative weight exceeds b / n of the total (Chen & Asau 1974)."""
    n = cum.size
    step = cum[n - 1] / n
    j = 0
    for b in range(n + 1):
        while j < n - 1 and cum[j] <= b * step:
            j += 1
        guide[b] = j
