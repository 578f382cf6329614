"""Compute the tile maps from the register's centre points and write them as an input: `make tiles`.

Needed only when areas were added, removed or moved; a test fails then. The nation has its regencies (by
province) and its provinces, every province its regencies, every regency its districts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipelines.catalog.vocabulary import COMPARED_LEVELS
from pipelines.sources import seal
from pipelines.stats.spatial.tile_layout import TileLayout, tile_layout

NATION = "00"
NATION_RADIUS = 0.36  # degrees; 514 cells draw a recognisable Indonesia
NATION_NEAR = 165 / 111  # degrees, about 165 km
NATION_STEPS = 250_000


def tiles(areas: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of every map.

    Args:
        areas: area_code, level, parent_code, longitude, latitude of today's areas.

    Returns:
        map_code, level, area_code, tile_q, tile_r; sorted.
    """
    frames = [
        pd.DataFrame(
            {
                "map_code": scope,
                "level": level,
                "area_code": part["area_code"],
                "tile_q": layout.cells[:, 0],
                "tile_r": layout.cells[:, 1],
            }
        )
        for scope, level, part, layout in _maps(areas)
    ]
    return pd.concat(frames, ignore_index=True).sort_values(["map_code", "level", "area_code"])


def _maps(areas: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, TileLayout]]:
    by_level = {str(level): frame for level, frame in areas.groupby("level")}
    provinces, regencies, districts = (by_level[level] for level in COMPARED_LEVELS)
    yield NATION, "province", provinces, _layout(provinces)
    nation = tile_layout(
        regencies["longitude"],
        regencies["latitude"],
        regencies["parent_code"].tolist(),
        radius=NATION_RADIUS,
        near=NATION_NEAR,
        steps=NATION_STEPS,
    )
    yield NATION, "regency", regencies, nation
    for level, below in (("regency", regencies), ("district", districts)):
        for scope, part in below.groupby("parent_code", sort=True):
            yield str(scope), level, part, _layout(part)


def _layout(part: pd.DataFrame) -> TileLayout:
    return tile_layout(part["longitude"], part["latitude"])


def main(root: Path) -> Path:
    """Write data/raw/tiles/tiles.csv and its sidecar below `root`; returns the file."""
    areas = pd.read_csv(root / "data/raw/register/areas.csv", dtype=str, keep_default_na=False)
    areas = areas[areas["latitude"] != ""].astype({"longitude": float, "latitude": float})
    folder = root / "data" / "raw" / "tiles"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiles.csv"
    tiles(areas).to_csv(path, index=False, lineterminator="\n")
    seal(folder)
    return path


if __name__ == "__main__":
    main(Path.cwd())
