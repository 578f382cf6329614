"""Tile maps: every area one cell, neighbours near, provinces in one piece, the same cells every time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.stats.errors import ParameterError, ShapeError
from pipelines.stats.spatial.tile_layout import rings, tile_layout
from tests.support.effort import effort


def grid(columns: int, rows: int) -> tuple[list[float], list[float]]:
    points = [(100 + x, -float(y)) for y in range(rows) for x in range(columns)]
    return [x for x, _ in points], [y for _, y in points]


def test_rings_count_steps_between_cells() -> None:
    assert rings((0, 0), (0, 0)) == 0
    assert rings((0, 0), (1, -1)) == 1
    assert rings((0, 0), (2, -1)) == 2
    assert rings((0, 0), (2, 1)) == 3


def test_areas_in_a_row_stay_in_a_row_from_west_to_east() -> None:
    cells = tile_layout([100, 101, 102, 103], [0, 0, 0, 0]).cells
    assert cells[:, 1].tolist() == [0, 0, 0, 0]
    assert np.diff(cells[:, 0]).tolist() == [1, 1, 1]


def test_north_is_up() -> None:
    north, south = tile_layout([100, 100], [1, -1]).cells
    assert north[1] < south[1]


def test_crowded_town_beside_wide_land_gets_cells_of_equal_size() -> None:
    x, y = grid(5, 5)
    layout = tile_layout([*x, 102.1, 102.2, 102.1], [*y, -2.1, -2.1, -2.2])
    assert len({tuple(c) for c in layout.cells.tolist()}) == 28
    assert layout.near_kept >= 0.9


def test_groups_that_lie_between_each_other_become_one_piece_each() -> None:
    x, y = grid(6, 4)
    groups = ["west" if (i % 6) < 3 else "east" for i in range(24)]
    groups[2], groups[3] = groups[3], groups[2]
    assert tile_layout(x, y, groups, steps=8_000).pieces == {"west": 1, "east": 1}


def test_one_area_and_areas_in_one_point_have_cells_too() -> None:
    assert tile_layout([100], [0]).cells.tolist() == [[0, 0]]
    assert len({tuple(c) for c in tile_layout([100] * 3, [0] * 3).cells.tolist()}) == 3


@pytest.mark.oracle
@pytest.mark.slow
@settings(max_examples=effort(30, 300))
@given(st.lists(st.tuples(st.floats(95, 141), st.floats(-11, 6)), min_size=1, max_size=12), st.integers(0, 5))
@example([(95.0, 0.0), (95.0, 1e-80), (141.0, 6.0)], 0)
@example([(95.0, 0.0), (95.0, 2e-9), (141.0, 6.0)], 0)
def test_every_area_has_a_cell_of_its_own_and_always_the_same(
    points: list[tuple[float, float]], seed: int
) -> None:
    x, y = [p[0] for p in points], [p[1] for p in points]
    first, again = (tile_layout(x, y, steps=200, seed=seed).cells.tolist() for _ in range(2))
    assert max(Counter(map(tuple, first)).values()) == 1
    assert first == again


def test_what_cannot_be_laid_out_is_refused() -> None:
    with pytest.raises(ShapeError):
        tile_layout([100, 101], [0])
    with pytest.raises(ShapeError):
        tile_layout([], [])
    with pytest.raises(ParameterError, match="finite"):
        tile_layout([100, float("nan")], [0, 0])
    with pytest.raises(ParameterError, match="radius"):
        tile_layout([100, 101], [0, 0], radius=-1)
