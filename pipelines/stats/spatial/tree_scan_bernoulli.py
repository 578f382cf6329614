"""Tree scan for units that are either affected or not (a kecamatan late or on time, a TPS repeated or not)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from pipelines.stats.errors import CountError, ShapeError
from pipelines.stats.spatial.hierarchy import build_tree
from pipelines.stats.spatial.null import next_word, stream
from pipelines.stats.spatial.scan_result import (
    MIN_CASES,
    FloatArray,
    IntArray,
    ScanResult,
    check_counts,
    check_options,
)
from pipelines.stats.spatial.tree_scan import node_clusters, subtree_totals

__all__ = ["tree_scan_bernoulli"]


def tree_scan_bernoulli(
    cases: Any,
    trials: Any,
    parent: Any,
    *,
    replicates: int = 999,
    seed: int = 20240214,
    max_share: float | None = None,
    min_cases: int = MIN_CASES,
    labels: Sequence[Any] | None = None,
) -> ScanResult:
    """Tree-based scan statistic for high shares, the total number of cases held fixed.

    The null shuffles the cases among all units and has no over-dispersion. Its p-values are therefore
    comparable to TreeScan's and support no claim where units of one area fail together.

    Args:
        cases: whole numbers (n,), affected units, own of each node; trials: whole numbers (n,), units in all.
        parent, labels, replicates, seed, min_cases: as `tree_scan`; max_share: of the trials.
    Returns: ScanResult with null "bernoulli"; `.expected` is the trials inside times the overall share,
        `.relative_risk` the share inside over the share outside. Which clusters are listed: as `tree_scan`.
    Raises: CountError (also for more cases than trials), ShapeError, TreeError, ParameterError.
    Source: Kulldorff 1997, Commun. Stat. Theory Methods 26:1481, Bernoulli model, on the tree of Kulldorff,
        Fang & Walsh 2003.
    """
    hits, units = check_counts(cases, "cases"), check_counts(trials, "trials")
    if units.size != hits.size:
        raise ShapeError(f"has {units.size} elements, cases has {hits.size}", "trials")
    if (hits > units).any():
        at = int(np.argmax(hits > units))
        raise CountError(f"{hits[at]} cases among {units[at]} trials", f"cases[{at}]")
    check_options("poisson", replicates, seed, max_share, min_cases)
    tree = build_tree(parent, hits.size, labels)
    total, size = int(hits.sum()), int(units.sum())
    c = subtree_totals(tree.parent, hits[tree.order].astype(np.float64))
    n = subtree_totals(tree.parent, units[tree.order].astype(np.float64))
    candidate = n <= (np.inf if max_share is None else max_share * size)
    null_llr = np.zeros(replicates)
    if min_cases <= total < size and replicates:
        unit = np.repeat(np.arange(units.size, dtype=np.int32), units[tree.order])
        _replicate(unit, tree.parent, n, candidate, total, min_cases, seed, null_llr)
    llr = np.array([bernoulli_log_ratio(c[i], n[i], total, size) for i in range(c.size)])
    with np.errstate(divide="ignore", invalid="ignore"):
        risk = (c / n) / ((total - c) / (size - n))
    expected = n * (total / size) if size else n
    found = node_clusters(tree, c, expected, llr, risk, candidate, min_cases, null_llr)
    return ScanResult(found, "bernoulli", np.full(hits.size, np.inf), null_llr, total, seed)


@nb.njit(cache=True)
def _entropy(c: float, n: float) -> float:
    """Return c ln(c/n) + (n - c) ln((n - c)/n), with 0 ln 0 = 0."""
    value = 0.0
    if c > 0:
        value += c * math.log(c / n)
    if n > c:
        value += (n - c) * math.log((n - c) / n)
    return value


@nb.njit(cache=True)
def bernoulli_log_ratio(c: float, n: float, total: float, size: float) -> float:
    """Return the log-likelihood ratio of c cases in n trials against the
    rest; 0 unless the share inside is higher."""
    if c * (size - n) <= (total - c) * n:
        return 0.0
    return max(_entropy(c, n) + _entropy(total - c, size - n) - _entropy(total, size), 0.0)


@nb.njit(cache=True, parallel=True)
def _replicate(
    unit: npt.NDArray[np.int32],
    parent: IntArray,
    trials: FloatArray,
    candidate: npt.NDArray[np.bool_],
    total: int,
    min_cases: int,
    seed: int,
    best: FloatArray,
) -> None:
    """Write the largest ratio of each replicate into best; unit (trials,) holds the node of every trial."""
    size = unit.size
    blocks = min(16, best.size)
    for block in nb.prange(blocks):
        urn = unit.copy()
        drawn = np.empty(total, np.int64)
        count = np.zeros(trials.size, np.int32)
        for r in range(block * best.size // blocks, (block + 1) * best.size // blocks):
            state = stream(seed, r)
            for i in range(total):  # the first steps of a Fisher-Yates shuffle
                state, word = next_word(state)
                j = i + np.int64(word % np.uint64(size - i))
                drawn[i] = j
                urn[i], urn[j] = urn[j], urn[i]
                node = np.int64(urn[i])
                while node >= 0:
                    count[node] += 1
                    node = parent[node]
            top = 0.0
            for i in range(total):
                node = np.int64(urn[i])
                while node >= 0 and count[node] > 0:
                    if count[node] >= min_cases and candidate[node]:
                        top = max(top, bernoulli_log_ratio(count[node], trials[node], total, size))
                    count[node] = 0
                    node = parent[node]
            for i in range(total - 1, -1, -1):  # undo it: replicates stay independent
                j = drawn[i]
                urn[i], urn[j] = urn[j], urn[i]
            best[r] = top
