"""Neighbour lists in compressed form, from lists of indices or a sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from pipelines.stats.checks import FloatArray, IntArray
from pipelines.stats.errors import ParameterError, ShapeError


@dataclass(frozen=True)
class Neighbours:
    """Neighbours of n areas: those of area i are ``index[start[i]:start[i + 1]]``; never the area itself.

    Attributes:
        start: shape (n + 1,), int64; index: shape (number of links,), int64, sorted within each area.
    """

    start: IntArray
    index: IntArray

    @property
    def count(self) -> IntArray:
        """Number of neighbours of each area, shape (n,)."""
        return np.diff(self.start)

    def total(self, values: FloatArray) -> FloatArray:
        """Sum of ``values`` over the neighbours of each area, shape (n,)."""
        return np.asarray(self.matrix() @ values, dtype=np.float64)

    def matrix(self) -> Any:
        """Binary CSR matrix, shape (n, n)."""
        n = self.start.size - 1
        return sparse.csr_matrix((np.ones(self.index.size), self.index, self.start), shape=(n, n))


def as_neighbours(neighbours: Any, n: int) -> Neighbours:
    """Check and compress neighbours.

    Args:
        neighbours: a list of n lists of input indices (0-based), or a scipy sparse matrix of shape (n, n)
            whose non-zero entries are links. Links to itself and repeated links are dropped; an empty list
            is an island.
        n: number of areas.

    Returns:
        `Neighbours`.

    Raises:
        ShapeError: other than n lists, or a matrix of another shape.
        ParameterError: an index that is not a whole number in 0..n-1, named as ``neighbours[i]``.
    """
    if sparse.issparse(neighbours):
        return _from_sparse(neighbours, n)
    try:
        lists = [np.asarray(list(row)) for row in neighbours]
    except TypeError as error:
        raise ShapeError(f"expected a list of lists of indices ({error})", "neighbours") from error
    if len(lists) != n:
        raise ShapeError(f"has {len(lists)} lists, expected {n}", "neighbours")
    sizes = np.array([row.size for row in lists], dtype=np.int64)
    row = np.repeat(np.arange(n), sizes)
    try:
        flat = np.concatenate([r for r in lists if r.size] or [np.empty(0)]).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"indices must be whole numbers ({error})", "neighbours") from error
    bad = ~((flat == np.floor(flat)) & (flat >= 0) & (flat < n))
    if bad.any():
        at = int(np.argmax(bad))
        raise ParameterError(f"no area has index {flat[at]:g}; use 0..{n - 1}", f"neighbours[{row[at]}]")
    return _compress(row, flat.astype(np.int64), n)


def _from_sparse(matrix: Any, n: int) -> Neighbours:
    if matrix.shape != (n, n):
        raise ShapeError(f"has shape {matrix.shape}, expected {(n, n)}", "neighbours")
    links = sparse.coo_matrix(matrix)
    linked = links.data != 0
    return _compress(links.row[linked].astype(np.int64), links.col[linked].astype(np.int64), n)


def _compress(row: IntArray, column: IntArray, n: int) -> Neighbours:
    other = row != column
    code = np.unique(row[other] * n + column[other])
    start = np.searchsorted(code, np.arange(n + 1, dtype=np.int64) * n)
    return Neighbours(start=start.astype(np.int64), index=code % n)
