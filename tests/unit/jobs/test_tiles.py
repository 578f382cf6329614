"""The tile maps that the project carries fit the register's areas of today."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from pipelines.jobs.tiles import NATION_NEAR, tiles
from pipelines.stats.spatial.tile_layout import AROUND, rings

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").exists())
# Provinces of one land mass; the others are islands, and yet their cells hang together too.
ADVICE = "areas.csv changed: run `make tiles`"


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    return pd.read_csv(ROOT / "data/raw/register/areas.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    text = {"map_code": str, "area_code": str}
    return pd.read_csv(ROOT / "data/raw/tiles/tiles.csv", dtype=text)


def test_every_area_of_every_map_has_exactly_one_cell(areas: pd.DataFrame, cells: pd.DataFrame) -> None:
    wanted = {("00", str(level), str(code)) for code, level in zip(areas["area_code"], areas["level"], strict=True)
              if level in ("province", "regency")}  # fmt: skip
    wanted |= {
        (str(parent), str(level), str(code))
        for code, level, parent in zip(areas["area_code"], areas["level"], areas["parent_code"], strict=True)
        if level in ("regency", "district")
    }
    found = Counter(zip(cells["map_code"], cells["level"], cells["area_code"], strict=True))
    assert set(found) == wanted, ADVICE
    assert max(found.values()) == 1


def test_no_two_areas_of_a_map_share_a_cell(cells: pd.DataFrame) -> None:
    assert not cells.duplicated(["map_code", "level", "tile_q", "tile_r"]).any()


def test_near_neighbours_of_the_nation_stay_within_two_rings(
    areas: pd.DataFrame, cells: pd.DataFrame
) -> None:
    regencies = areas[areas["level"] == "regency"].set_index("area_code")
    at = cells[(cells["map_code"] == "00") & (cells["level"] == "regency")].set_index("area_code")
    at = at.loc[regencies.index]
    points = regencies[["longitude", "latitude"]].astype(float).to_numpy()
    distance, index = cKDTree(points).query(points, k=6)
    tile = list(zip(at["tile_q"], at["tile_r"], strict=True))
    near = [
        rings(tile[i], tile[j]) <= 2
        for i in range(len(tile))
        for gap, j in zip(distance[i, 1:], index[i, 1:], strict=True)
        if gap <= NATION_NEAR
    ]
    assert len(near) > 2_000
    assert np.mean(near) >= 0.9


def test_every_province_of_the_nation_is_in_one_piece(cells: pd.DataFrame) -> None:
    nation = cells[(cells["map_code"] == "00") & (cells["level"] == "regency")]
    members: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for code, q, r in zip(nation["area_code"], nation["tile_q"], nation["tile_r"], strict=True):
        members[code[:2]].add((q, r))
    assert len(members) == 38
    torn = []
    for province, left in sorted(members.items()):
        todo = [left.pop()]
        while todo:
            q, r = todo.pop()
            beside = {(q + a, r + b) for a, b in AROUND} & left
            left -= beside
            todo += beside
        if left:
            torn.append(province)
    assert torn == []


@pytest.mark.slow
def test_a_map_is_the_same_when_made_again(areas: pd.DataFrame, cells: pd.DataFrame) -> None:
    """One province with its regencies and districts; the whole takes a minute (`make tiles`)."""
    chosen = areas[
        areas["area_code"].str.startswith("31") & areas["level"].isin(["province", "regency", "district"])
    ]
    made = tiles(chosen.astype({"longitude": float, "latitude": float}))
    made = made[made["map_code"] != "00"]
    keys = ["map_code", "level", "area_code"]
    kept = cells[cells["map_code"].str.startswith("31")].sort_values(keys)
    assert made.reset_index(drop=True).to_dict() == kept.reset_index(drop=True).to_dict(), ADVICE
