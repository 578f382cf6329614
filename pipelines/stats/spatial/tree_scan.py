"""Tree scan: does one branch of province > kab > kecamatan > kelurahan have more cases than chance allows?

No map is needed. Each node is a candidate cluster (its whole subtree); the p-value accounts for testing all of
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from pipelines.stats.errors import ParameterError
from pipelines.stats.spatial.hierarchy import Tree, build_tree
from pipelines.stats.spatial.null import NullPlan, draw_events, plan_null, stream
from pipelines.stats.spatial.null_shape import nested_shapes, shape_by_depth, shape_per_element
from pipelines.stats.spatial.scan_result import (
    MIN_CASES,
    FloatArray,
    IntArray,
    Null,
    ScanCluster,
    ScanResult,
    check_counts,
    check_exposure,
    check_options,
    log_ratio,
    monte_carlo_p,
)

__all__ = ["tree_scan"]


def tree_scan(
    cases: Any,
    expected: Any,
    parent: Any,
    *,
    null: Null = "poisson",
    replicates: int = 999,
    seed: int = 20240214,
    shape: float | Mapping[int, float] | npt.ArrayLike | None = None,
    k_kab: float | None = None,
    k_kec: float | None = None,
    max_share: float | None = None,
    min_cases: int = MIN_CASES,
    labels: Sequence[Any] | None = None,
) -> ScanResult:
    """Tree-based scan statistic for high counts, total number of cases held fixed.

    Args:
        cases: whole numbers (n,), own cases of each node (zero where they are known only below).
        expected: numbers >= 0 (n,), own expected count or exposure of each node; scaled to sum to the cases.
        parent: (n,) position of each node's parent, -1 for a root (several roots are allowed); with
            `labels`, the parent's label, and None, NaN, "" or -1 for a root. Any order of nodes.
        null: "poisson", or "negative_binomial" = weights over-dispersed by gamma multipliers.
        replicates: Monte-Carlo data sets; seed: their seed.
        shape: gamma shapes of the second null: one number for all nodes, a mapping {depth: shape} (roots
            have depth 0), or an array (n,), inf = none. None: estimated at each depth from the data.
        k_kab, k_kec: shorthand for shape={1: k_kab, 2: k_kec}, in a tree whose roots are provinces.
        max_share: nodes with a larger share of the expected total are not candidates; None: all are.
        min_cases: smallest number of cases of a cluster.
        labels: (n,) names of the nodes.
    Returns: ScanResult. `.clusters` holds every node with more cases than expected, most likely first,
        including nested ones as TreeScan does, except a parent with the same cases and expected count as its
        child; `.disjoint` drops those that overlap a more likely one. `.members` are input indices of the
        leaves below the node (the node itself when it is a leaf).
    Raises: CountError, ExposureError, ShapeError, TreeError, ParameterError, naming the element.
    Source: Kulldorff, Fang & Walsh 2003, Biometrics 59:323; null after Zhang, Zhang & Lin 2012.
    """
    counts = check_counts(cases, "cases")
    exposure = check_exposure(expected, "expected", counts)
    check_options(null, replicates, seed, max_share, min_cases)
    tree = build_tree(parent, counts.size, labels)
    total = int(counts.sum())
    own = exposure[tree.order] * (max(total, 1) / exposure.sum())
    c, e = (
        subtree_totals(tree.parent, counts[tree.order].astype(np.float64)),
        subtree_totals(tree.parent, own),
    )
    shapes = _shapes(null, shape, k_kab, k_kec, tree, c, e)
    limit = np.inf if max_share is None else max_share * max(total, 1) * (1 + 1e-12)
    candidate = e <= limit
    null_llr = np.zeros(replicates)
    if total >= min_cases and replicates:
        plan = plan_null(own, tree.parent, shapes)
        _replicate(plan, tree.parent, e, candidate, total, min_cases, seed, null_llr)
    llr = np.array([log_ratio(c[i], e[i], total) for i in range(c.size)])
    with np.errstate(divide="ignore", invalid="ignore"):
        risk = (c / e) / ((total - c) / (total - e))
    found = node_clusters(tree, c, e, llr, risk, candidate, min_cases, null_llr)
    by_input = np.empty(counts.size)
    by_input[tree.order] = shapes
    return ScanResult(found, null, by_input, null_llr, total, seed)


def _shapes(
    null: str,
    shape: Any,
    k_kab: float | None,
    k_kec: float | None,
    tree: Tree,
    c: FloatArray,
    e: FloatArray,
) -> FloatArray:
    given = {depth: k for depth, k in ((1, k_kab), (2, k_kec)) if k is not None}
    if given and shape is not None:
        raise ParameterError("give either shape or k_kab / k_kec, not both", "shape")
    if null == "poisson":
        if given or shape is not None:
            raise ParameterError('has a meaning only with null="negative_binomial"', "shape")
        return np.full(e.size, np.inf)
    if given:
        return shape_by_depth(given, tree.depth, "k_kab, k_kec")
    if isinstance(shape, Mapping):
        return shape_by_depth(shape, tree.depth, "shape")
    if shape is not None:
        return shape_per_element(shape, e.size, "shape")[tree.order]
    return nested_shapes(tree.parent, tree.depth, c.astype(np.int64), e)[tree.depth]


@nb.njit(cache=True)
def subtree_totals(parent: IntArray, own: FloatArray) -> FloatArray:
    """Return the sum of own values over each node and everything below it."""
    total = own.copy()
    for i in range(own.size - 1, -1, -1):
        if parent[i] >= 0:
            total[parent[i]] += total[i]
    return total


@nb.njit(cache=True, parallel=True)
def _replicate(
    plan: NullPlan,
    parent: IntArray,
    expected: FloatArray,
    candidate: npt.NDArray[np.bool_],
    total: int,
    min_cases: int,
    seed: int,
    best: FloatArray,
) -> None:
    """Write the largest ratio of each replicate into best."""
    blocks = min(64, best.size)
    for block in nb.prange(blocks):
        multiplier = np.empty(plan.shapes.size)
        unit_cum = np.empty(plan.unit_gamma.size)
        unit_guide = np.empty(plan.unit_gamma.size + 1, np.int32)
        events = np.empty(total, np.int32)
        count = np.zeros(expected.size, np.int32)
        for r in range(block * best.size // blocks, (block + 1) * best.size // blocks):
            draw_events(stream(seed, r), plan, multiplier, unit_cum, unit_guide, events)
            for i in range(total):
                node = np.int64(events[i])
                while node >= 0:
                    count[node] += 1
                    node = parent[node]
            top = 0.0
            # Second pass: a node is evaluated and cleared at its first visit, so that only touched nodes cost
            # time.
            for i in range(total):
                node = np.int64(events[i])
                while node >= 0 and count[node] > 0:
                    if count[node] >= min_cases and candidate[node]:
                        top = max(top, log_ratio(count[node], expected[node], total))
                    count[node] = 0
                    node = parent[node]
            best[r] = top


def node_clusters(
    tree: Tree,
    c: FloatArray,
    e: FloatArray,
    llr: FloatArray,
    risk: FloatArray,
    candidate: npt.NDArray[np.bool_],
    min_cases: int,
    null_llr: FloatArray,
) -> tuple[ScanCluster, ...]:
    """Return nodes with a positive ratio, most likely first, without parents that are identical to a child."""
    parent = tree.parent
    child = np.flatnonzero(parent >= 0)
    same = (c[child] == c[parent[child]]) & (np.abs(e[child] - e[parent[child]]) <= 1e-12 * e.max())
    same_as_child = np.zeros(c.size, dtype=bool)
    same_as_child[parent[child[same]]] = True
    rows = np.flatnonzero((c >= min_cases) & (c > e * (1 + 1e-12)) & (llr > 0) & candidate & ~same_as_child)
    leaves, leaf_slice = tree.leaves()
    found = []
    for node in rows[np.lexsort((tree.order[rows], -np.round(llr[rows], 9)))]:
        found.append(
            ScanCluster(
                members=tuple(sorted(leaves[slice(*leaf_slice[node])].tolist())),
                cases=int(c[node]),
                expected=float(e[node]),
                llr=float(llr[node]),
                p_value=monte_carlo_p(float(llr[node]), null_llr),
                relative_risk=float(risk[node]),
                node=int(tree.order[node]),
            )
        )
    return tuple(found)
