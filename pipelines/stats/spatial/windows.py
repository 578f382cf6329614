"""Circles around every centre, and the numba loops over them.

The index of neighbours is built once, only as far as the window reaches. A replicate rarely takes the log of a
likelihood ratio: for a given number of cases inside, the ratio falls with the expected count, so it is enough
to keep the smallest expected count seen for each number of cases; and a circle's ratio can rise only where a
case is added.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from pipelines.stats.errors import ParameterError
from pipelines.stats.spatial.null import NullPlan, draw_events, stream
from pipelines.stats.spatial.scan_result import FloatArray, IntArray, log_ratio

# 12 bytes per entry: 720 MB, which keeps a scan below 1 GB.
MAX_ENTRIES = 60_000_000
# Up to this many cases, the smallest expected count per number of cases is tabulated.
_TABLE = 65_536


class Circles(NamedTuple):
    """Neighbours of every centre by distance: entry start[i] + k is the k-th nearest, itself first."""

    start: IntArray  # (n + 1,)
    neighbour: npt.NDArray[np.int32]  # (entries,)
    expected: FloatArray  # (entries,) expected count of the circle that ends with this neighbour


def build_circles(
    points: FloatArray,
    population: FloatArray,
    expected: FloatArray,
    max_share: float,
    max_neighbours: int | None,
) -> Circles:
    """Index the neighbours of each centre as far as the window reaches.

    Args:
        points: float64 (n, 2 or 3); population, expected: float64 (n,); max_share in (0, 1].
    Raises: ParameterError naming max_neighbours when the index would not fit into memory.
    """
    n = population.size
    cap = n if max_neighbours is None else min(n, max_neighbours)
    limit = max_share * population.sum() * (1 + 1e-12)
    tree = cKDTree(points)
    length = np.zeros(n, dtype=np.int64)
    rows: list[tuple[IntArray, npt.NDArray[np.int32]]] = []
    todo = np.arange(n)
    reach = min(cap, int(np.ceil(n * max_share * 1.5)) + 8)
    kept = 0
    while todo.size:
        again = []
        block = max(1, 4_000_000 // reach)
        for at in range(0, todo.size, block):
            centres = todo[at : at + block]
            nearest = _nearest(tree, points, centres, reach)
            size = np.minimum((np.cumsum(population[nearest], axis=1) <= limit).sum(axis=1), cap)
            ended = (size < reach) | (reach == cap)
            again.append(centres[~ended])
            length[centres[ended]] = size[ended]
            kept += int(size[ended].sum())
            if kept > MAX_ENTRIES:
                raise ParameterError(
                    f"the windows of {n} centres hold more than {MAX_ENTRIES:,} neighbours; "
                    "give a smaller max_neighbours or max_share",
                    "max_neighbours",
                )
            fits = np.arange(reach) < size[:, None]
            rows.append((centres[ended], nearest[ended][fits[ended]].astype(np.int32)))
        todo = np.concatenate(again)
        reach = min(cap, reach * 2)
    start = np.concatenate([[0], np.cumsum(length)])
    neighbour = np.empty(start[-1], dtype=np.int32)
    for centres, flat in rows:
        _place(start, centres, flat, neighbour)
    circle = np.empty(neighbour.size)
    _running_sum(start, neighbour, expected, circle)
    return Circles(start, neighbour, circle)


def _nearest(tree: cKDTree, points: FloatArray, centres: IntArray, reach: int) -> IntArray:
    """Return the `reach` nearest points of each centre (centres, reach):
    itself first, then by distance, then in input order."""
    distance, index = tree.query(points[centres], k=np.arange(1, reach + 1), workers=-1)
    index = np.asarray(index, dtype=np.int64)
    distance = np.where(index == centres[:, None], -1.0, distance)
    unsorted = (np.diff(distance, axis=1) <= 0).any(axis=1)
    for row in np.flatnonzero(unsorted):
        index[row] = index[row][np.lexsort((index[row], distance[row]))]
    return index


@nb.njit(cache=True)
def _place(
    start: IntArray, centres: IntArray, flat: npt.NDArray[np.int32], out: npt.NDArray[np.int32]
) -> None:
    at = 0
    for i in range(centres.size):
        for k in range(start[centres[i]], start[centres[i] + 1]):
            out[k] = flat[at]
            at += 1


@nb.njit(cache=True)
def _running_sum(
    start: IntArray, neighbour: npt.NDArray[np.int32], expected: FloatArray, out: FloatArray
) -> None:
    for i in range(start.size - 1):
        total = 0.0
        for k in range(start[i], start[i + 1]):
            total += expected[neighbour[k]]
            out[k] = total


@nb.njit(cache=True)
def best_per_centre(
    circles: Circles, count: npt.NDArray[np.int32], total: int, min_cases: int
) -> tuple[FloatArray, IntArray, FloatArray, IntArray]:
    """Return the best circle of each centre: ratio, cases, expected count, number of areas (n,); 0 where none."""
    n = circles.start.size - 1
    llr, cases = np.zeros(n), np.zeros(n, np.int64)
    expected, size = np.zeros(n), np.zeros(n, np.int64)
    for i in range(n):
        inside = 0
        for k in range(circles.start[i], circles.start[i + 1]):
            here = count[circles.neighbour[k]]
            if here == 0:
                continue
            inside += here
            if inside < min_cases:
                continue
            e = circles.expected[k]
            value = log_ratio(inside, e, total) if inside > e * (1.0 + 1e-12) else 0.0
            if value > llr[i]:
                llr[i], cases[i], expected[i], size[i] = value, inside, e, k - circles.start[i] + 1
    return llr, cases, expected, size


@nb.njit(cache=True)
def _occupied(
    near: npt.NDArray[np.int32], occupied: npt.NDArray[np.uint8], found: npt.NDArray[np.int32]
) -> int:
    """Write the positions along `near` that hold a case into found and return their number; branch-free, since
    the processor cannot predict where the cases of a random data set lie."""
    m = 0
    for k in range(near.size):
        found[m] = k
        m += occupied[near[k]]
    return m


@nb.njit(cache=True)
def _top_of_table(least: FloatArray, total: int, min_cases: int) -> float:
    """Return the largest ratio, given the smallest expected count seen for each number of cases."""
    top = 0.0
    for c in range(min_cases, total + 1):
        if least[c] < c:
            top = max(top, log_ratio(c, least[c], total))
    return top


@nb.njit(cache=True)
def _top_directly(
    top: float,
    near: npt.NDArray[np.int32],
    circle: FloatArray,
    count: npt.NDArray[np.int32],
    total: int,
    min_cases: int,
) -> float:
    """Return the larger of top and the best ratio of one centre, when there are too many cases to tabulate.

    The log is taken only if it can win: C KL(c/C || e/C) <= (c - e)**2 C / (e (C - e)), Kullback-Leibler
    divergence below chi-square.
    """
    inside = 0
    for k in range(near.size):
        here = count[near[k]]
        inside += here
        e = circle[k]
        excess = inside - e
        if here and inside >= min_cases and excess > 0 and excess * excess * total > top * e * (total - e):
            top = max(top, log_ratio(inside, e, total))
    return top


@nb.njit(cache=True, parallel=True)
def replicate_circles(
    plan: NullPlan,
    offset: int,
    circles: Circles,
    n: int,
    total: int,
    min_cases: int,
    seed: int,
    best: FloatArray,
) -> None:
    """Write the largest ratio of each replicate into best; node `offset + i` of the plan is area i."""
    # Process several replicates together, so that the neighbours of a centre are read once for all.
    together = max(1, min(8, 200_000 // n))
    blocks = (best.size + together - 1) // together
    # A table longer than the number of circles would cost more to clear than it saves.
    tabulate = total <= min(_TABLE, circles.neighbour.size // 4)
    longest = np.max(np.diff(circles.start))
    for block in nb.prange(blocks):
        multiplier = np.empty(plan.shapes.size)
        unit_cum = np.empty(plan.unit_gamma.size)
        unit_guide = np.empty(plan.unit_gamma.size + 1, np.int32)
        events = np.empty(total, np.int32)
        found = np.empty(longest + 1, np.int32)
        low = block * together
        size = min(together, best.size - low)
        count = np.zeros((size, n), np.int32)
        occupied = np.zeros((size, n), np.uint8)
        least = np.full((size, total + 1 if tabulate else 1), np.inf)
        for b in range(size):
            draw_events(stream(seed, low + b), plan, multiplier, unit_cum, unit_guide, events)
            for i in range(total):
                count[b, events[i] - offset] += 1
                occupied[b, events[i] - offset] = 1
        for i in range(n):
            near = circles.neighbour[circles.start[i] : circles.start[i + 1]]
            circle = circles.expected[circles.start[i] : circles.start[i + 1]]
            for b in range(size):
                if tabulate:
                    inside = 0
                    for j in range(_occupied(near, occupied[b], found)):
                        k = found[j]
                        inside += count[b, near[k]]
                        least[b, inside] = min(least[b, inside], circle[k])
                else:
                    best[low + b] = _top_directly(best[low + b], near, circle, count[b], total, min_cases)
        if tabulate:
            for b in range(size):
                best[low + b] = _top_of_table(least[b], total, min_cases)
