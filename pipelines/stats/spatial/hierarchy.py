"""A tree given as parents, ordered so that every parent precedes its children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from pipelines.stats.errors import ShapeError, TreeError
from pipelines.stats.spatial.scan_result import IntArray


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes in topological order.

    Attributes:
        order: int64 (n,), input index of each position; parent: int64 (n,), position of the parent or -1,
        always smaller than the node's own; depth: int64 (n,), 0 for roots.
    """

    order: IntArray
    parent: IntArray
    depth: IntArray

    def leaves(self) -> tuple[IntArray, npt.NDArray[np.int64]]:
        """Input indices of the leaves, depth first, and the [start, stop) of each node among them."""
        slices = _leaf_slices(self.parent)
        is_leaf = np.ones(self.parent.size, dtype=bool)
        is_leaf[self.parent[self.parent >= 0]] = False
        at = np.flatnonzero(is_leaf)
        out = np.empty(at.size, dtype=np.int64)
        out[slices[at, 0]] = self.order[at]
        return out, slices


@nb.njit(cache=True)
def _leaf_slices(parent: IntArray) -> IntArray:
    n = parent.size
    size = np.zeros(n, np.int64)
    for i in range(n - 1, -1, -1):
        size[i] = max(size[i], 1)  # no child added to it: a leaf
        if parent[i] >= 0:
            size[parent[i]] += size[i]
    slices = np.zeros((n, 2), np.int64)
    free = np.zeros(n + 1, np.int64)  # next unused leaf number below each node; last cell: below no node
    for i in range(n):
        above = parent[i] if parent[i] >= 0 else n
        slices[i, 0] = free[above]
        slices[i, 1] = free[above] + size[i]
        free[above] += size[i]
        free[i] = slices[i, 0]
    return slices


@nb.njit(cache=True)
def _depths(parent: IntArray) -> IntArray:
    """Return the depth of each node; -1 on or below a cycle. Follows each path once, without recursion."""
    n = parent.size
    depth = np.full(n, -2, np.int64)  # -2 unseen, -3 on the current path
    path = np.empty(n, np.int64)
    for start in range(n):
        length = 0
        node = start
        while node >= 0 and depth[node] == -2:
            depth[node] = -3
            path[length] = node
            length += 1
            node = parent[node]
        broken = node >= 0 and depth[node] < 0  # reached itself, or a known cycle
        above = depth[node] if node >= 0 else -1
        for at in range(length - 1, -1, -1):
            above = -1 if broken else above + 1
            depth[path[at]] = above
    return depth


def _numbers(values: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        for i, value in enumerate(values):
            if not isinstance(value, (int, float, np.number)):
                raise TreeError(f"is not a position: {value!r}", f"parent[{i}]") from None
        raise


def _positions(parent: Any, n: int, labels: Sequence[Any] | None) -> IntArray:
    values = np.asarray(parent, dtype=object)
    if values.shape != (n,):
        raise ShapeError(f"has shape {values.shape}, cases has {n} elements", "parent")
    if labels is None:
        numbers = _numbers(values)
        bad = ~(numbers >= -1) | (numbers >= n) | (numbers != np.floor(numbers))
        if bad.any():
            at = int(np.argmax(bad))
            raise TreeError(f"there is no node {values[at]!r}; use -1 for a root", f"parent[{at}]")
        return numbers.astype(np.int64)
    if len(labels) != n:
        raise ShapeError(f"has {len(labels)} elements, cases has {n}", "labels")
    at_label = {label: i for i, label in enumerate(labels)}
    if len(at_label) != n:
        twice = next(i for i, label in enumerate(labels) if at_label[label] != i)
        raise TreeError(f"label {labels[twice]!r} is used twice", f"labels[{twice}]")
    out = np.empty(n, dtype=np.int64)
    for i, value in enumerate(values):
        if value in at_label:
            out[i] = at_label[value]
        elif value is None or value == "" or value == -1 or value != value:
            out[i] = -1
        else:
            raise TreeError(f"there is no node labelled {value!r}", f"parent[{i}]")
    return out


def build_tree(parent: Any, n: int, labels: Sequence[Any] | None = None) -> Tree:
    """Check parents and order the nodes.

    Args:
        parent: (n,) positions, -1 for a root; or labels when `labels` (n,) is given.
    Raises: TreeError naming the node whose parent is unknown or that lies on a cycle; ShapeError.
    """
    given = _positions(parent, n, labels)
    depth = _depths(given)
    if (depth < 0).any():
        at = _on_cycle(given, int(np.argmax(depth < 0)))
        name = f" ({labels[at]!r})" if labels is not None else ""
        raise TreeError(f"node{name} is its own ancestor", f"parent[{at}]")
    order = np.argsort(depth, kind="stable").astype(np.int64)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    above = given[order]
    return Tree(order, np.where(above >= 0, place[np.maximum(above, 0)], -1), depth[order])


def _on_cycle(parent: IntArray, node: int) -> int:
    seen = set()
    while node not in seen:
        seen.add(node)
        node = int(parent[node])
    return node
