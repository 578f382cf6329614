"""Tile map: one equal-sized hexagon per area, computed from centre points alone.

Every area gets one cell; neighbours stay close to each other, and the cells of a group (the regencies of a
province) form one connected piece. Deterministic: the same points, groups and seed give the same cells.

Three passes: equal circles around the points are pushed apart until none overlap; the circles are assigned
to cells of a hexagonal grid at the least total squared distance (`scipy.optimize.linear_sum_assignment`);
simulated annealing then swaps adjacent cells until groups are connected and near neighbours lie within two
rings.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from pipelines.stats.checks import FloatArray, IntArray
from pipelines.stats.errors import ParameterError, ShapeError

Cell = tuple[int, int]

ROUNDS = 400  # rounds of pushing circles apart
PULL = 0.004  # pull back to the original position, per round
MARGIN = 4  # empty cells around everything
HOT, COLD = 10.0, 0.02  # temperatures of the annealing, in squared cells
PIECES = 30.0  # cost of each additional piece of a group, in squared cells
APART = 2.0  # cost of each ring beyond the second between near neighbours
NEAREST = 5  # number of nearest areas that should stay near
ONE_POINT = 1e-9  # degrees
MOST_CELLS = 40_000  # cells among which areas choose; with more, each area considers only cells around it
ROW = math.sqrt(3) / 2  # distance between rows of cells, in cells
# The six neighbours of a cell in axial coordinates: q counts to the east, r to the south-east.
AROUND: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))


@dataclass(frozen=True)
class TileLayout:
    """Cells of n areas.

    Attributes:
        cells: shape (n, 2), int64, axial coordinates (q, r), all distinct; north is at small r.
        near_kept: share of pairs of near neighbours whose cells lie at most two rings apart, 0-1.
        pieces: number of pieces of each group.
    """

    cells: IntArray
    near_kept: float
    pieces: dict[Hashable, int]


def cell_centre(q: int, r: int) -> tuple[float, float]:
    """Return the centre of a cell, x to the east and y to the south, in
    units of the distance between adjacent cells."""
    return q + r / 2, r * ROW


def rings(a: Cell, b: Cell) -> int:
    """Return the number of steps from one cell to another."""
    q, r = a[0] - b[0], a[1] - b[1]
    return max(abs(q), abs(r), abs(q + r))


def tile_layout(
    longitude: Any,
    latitude: Any,
    groups: Sequence[Hashable] | None = None,
    *,
    radius: float | None = None,
    near: float | None = None,
    steps: int | None = None,
    seed: int = 1,
) -> TileLayout:
    """Assign n areas to hexagonal cells.

    Args:
        longitude, latitude: centre points, shape (n,), degrees; near the equator both have similar length.
        groups: group of each area, shape (n,), whose cells should be connected. None: no groups.
        radius: half the size of a cell in degrees. None: 0.85 times the median distance to the nearest area.
        near: pairs among the `NEAREST` of each area that are at most this far apart (degrees) count as near
            neighbours. None: twice the median distance to the nearest area.
        steps: number of swaps tried; None: 100 per area plus 500.
        seed: random seed of the swaps.

    Returns:
        `TileLayout`.

    Raises:
        ShapeError: arrays of different lengths, or none.
        ParameterError: a coordinate that is not finite, or a radius that is not positive.

    Example:
        >>> tile_layout([120.0, 120.4, 120.8], [-5.0, -5.0, -5.0]).cells[:, 1].tolist()
        [0, 0, 0]
    """
    points = _points(longitude, latitude)
    n = len(points)
    distance, index = cKDTree(points).query(points, k=list(range(1, min(NEAREST, n - 1) + 2)))
    typical = float(np.median(distance[:, 1])) if n > 1 else 1.0
    usual = 0.85 * typical if typical > ONE_POINT else 0.01
    size = usual if radius is None else radius
    if not size > 0:
        raise ParameterError(f"radius must be positive, got {size}", "radius")
    limit = 2 * typical if near is None else near
    pairs = [
        (i, int(j))
        for i in range(n)
        for gap, j in zip(distance[i, 1:], index[i, 1:], strict=True)
        if gap <= limit
    ]
    target = _pushed_apart(points, size) / (2 * size)
    board = _Board(target, _assigned(target), list(range(n)) if groups is None else list(groups), pairs)
    board.anneal(seed, 100 * n + 500 if steps is None else steps)
    kept = sum(rings(board.cell[i], board.cell[j]) <= 2 for i, j in pairs)
    cells = np.array(board.cell, dtype=np.int64)
    return TileLayout(
        cells=cells - _corner(cells),
        near_kept=kept / len(pairs) if pairs else 1.0,
        pieces={group: len(board.pieces_of(group)) for group in board.members},
    )


def _points(longitude: Any, latitude: Any) -> FloatArray:
    x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ShapeError(
            f"expected two arrays of one length, got {x.shape} and {y.shape}", "longitude, latitude"
        )
    points = np.column_stack([x, -y])
    if not np.isfinite(points).all():
        raise ParameterError(
            "not a finite number", f"points[{int(np.argmin(np.isfinite(points).all(axis=1)))}]"
        )
    return points


def _corner(cells: IntArray) -> IntArray:
    """Return the shift that moves the first row and the westernmost centre near zero; whole cells only."""
    top = int(cells[:, 1].min())
    west = math.floor(float((cells[:, 0] + (cells[:, 1] - top) / 2).min()))
    return np.array([west, top], dtype=np.int64)


def _pushed_apart(points: FloatArray, radius: float) -> FloatArray:
    """Move equal circles of `radius` until hardly any overlap, each pulled back to its point."""
    placed = points.copy()
    for _ in range(ROUNDS):
        pairs = cKDTree(placed).query_pairs(2 * radius, output_type="ndarray")
        push = np.zeros_like(placed)
        if len(pairs):
            pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
            gap = placed[pairs[:, 0]] - placed[pairs[:, 1]]
            same = np.hypot(gap[:, 0], gap[:, 1]) < ONE_POINT
            gap[same] = 1e-6  # separate areas at the same point to the south-east
            length = np.hypot(gap[:, 0], gap[:, 1])
            step = gap * ((2 * radius - length) / 4 / length)[:, None]
            np.add.at(push, pairs[:, 0], step)
            np.add.at(push, pairs[:, 1], -step)
        placed = placed + push + (points - placed) * PULL
    return placed


def _assigned(target: FloatArray) -> list[Cell]:
    """Return the cell of each area that minimises the total squared distance."""
    low, high = target.min(axis=0) - MARGIN, target.max(axis=0) + MARGIN
    if np.prod(high - low) / ROW > MOST_CELLS:  # two areas almost at the same point make the cells small
        grid = _cells_around(target)
    else:
        grid = [
            (q, r)
            for r in range(math.floor(low[1] / ROW), math.ceil(high[1] / ROW) + 1)
            for q in range(math.floor(low[0] - r / 2), math.ceil(high[0] - r / 2) + 1)
        ]
    centres = np.array([cell_centre(*cell) for cell in grid])
    _, chosen = linear_sum_assignment(((target[:, None] - centres[None]) ** 2).sum(axis=-1))
    return [grid[c] for c in chosen]


def _cells_around(target: FloatArray) -> list[Cell]:
    """Return the cells nearest to each area, at least as many as there are areas: the optimum is among them."""
    reach = math.ceil(math.sqrt(len(target))) + 1
    steps = range(-reach, reach + 1)
    found = {
        (math.floor(x - r / 2 + 0.5) + across, r)
        for x, y in target.tolist()
        for r in (math.floor(y / ROW + 0.5) + down for down in steps)
        for across in steps
    }
    return sorted(found, key=lambda cell: (cell[1], cell[0]))


class _Board:
    """The position of every area, and its cost."""

    def __init__(
        self,
        target: FloatArray,
        cells: list[Cell],
        groups: list[Hashable],
        pairs: list[tuple[int, int]],
    ) -> None:
        self.target = [(float(x), float(y)) for x, y in target]
        self.cell = list(cells)
        self.holder = {cell: i for i, cell in enumerate(cells)}
        self.group = groups
        self.members: dict[Hashable, list[int]] = {}
        for i, group in enumerate(groups):
            self.members.setdefault(group, []).append(i)
        near: list[set[int]] = [set() for _ in cells]
        for i, j in pairs:
            near[i].add(j)
            near[j].add(i)
        self.near = [sorted(others) for others in near]
        self.torn = {group: self._torn(group) for group in self.members}

    def anneal(self, seed: int, steps: int) -> None:
        """Swap adjacent cells by simulated annealing with falling temperature;
        the result is never worse than the start."""
        first, cost = list(self.cell), self.cost()
        rng = np.random.default_rng(seed)
        areas, ways = rng.integers(0, len(self.cell), steps), rng.integers(0, 6, steps)
        luck = rng.random(steps)
        for step in range(steps):
            i = int(areas[step])
            here, (q, r) = self.cell[i], AROUND[int(ways[step])]
            there = (here[0] + q, here[1] + r)
            other = self.holder.get(there)
            moved = [i] if other is None else [i, other]
            concerned = {self.group[m] for m in moved}
            if other is not None and len(concerned) == 1:
                concerned = set()  # a swap within a group does not change its pieces
            before = sum(self._cost(m) for m in moved)
            self._exchange(i, here, there, other)
            torn = {group: self._torn(group) for group in concerned}
            change = sum(self._cost(m) for m in moved) - before
            change += PIECES * sum(torn[group] - self.torn[group] for group in sorted(concerned, key=str))
            heat = HOT * (COLD / HOT) ** (step / steps)
            if change <= 0 or luck[step] < math.exp(-change / heat):
                self.torn.update(torn)
            else:
                self._exchange(i, there, here, other)
        if self.cost() >= cost:
            self.cell = first
            self.holder = {cell: i for i, cell in enumerate(first)}

    def cost(self) -> float:
        """Return the cost of the whole board, in squared cells; a separated pair counts twice."""
        torn = sum(self._torn(group) for group in self.members)
        return PIECES * torn + sum(self._cost(i) for i in range(len(self.cell)))

    def _exchange(self, i: int, source: Cell, goal: Cell, other: int | None) -> None:
        self.cell[i] = goal
        self.holder[goal] = i
        if other is None:
            del self.holder[source]
        else:
            self.cell[other] = source
            self.holder[source] = other

    def _cost(self, i: int) -> float:
        cell = self.cell[i]
        x, y = cell_centre(*cell)
        apart = sum(max(rings(cell, self.cell[j]) - 2, 0) for j in self.near[i])
        return (x - self.target[i][0]) ** 2 + (y - self.target[i][1]) ** 2 + APART * apart

    def pieces_of(self, group: Hashable) -> list[list[Cell]]:
        """Return the connected pieces of a group, the largest first."""
        left = {self.cell[i] for i in self.members[group]}
        pieces = []
        for start in (self.cell[i] for i in self.members[group]):
            if start not in left:
                continue
            left.remove(start)
            piece = [start]
            for q, r in piece:
                for a, b in AROUND:
                    cell = (q + a, r + b)
                    if cell in left:
                        left.remove(cell)
                        piece.append(cell)
            pieces.append(piece)
        return sorted(pieces, key=len, reverse=True)

    def _torn(self, group: Hashable) -> float:
        """Return 0 for one piece; each further piece counts 1, plus half a ring
        per ring of distance to the largest."""
        largest, *others = self.pieces_of(group)
        return sum(1 + 0.5 * (min(rings(a, b) for a in piece for b in largest) - 1) for piece in others)
