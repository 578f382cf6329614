"""The simulated map: province > kab > kecamatan > kelurahan, with polling stations and positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.stats.errors import ParameterError
from pipelines.stats.spatial.scan_result import FloatArray, IntArray

LEVELS = ("province", "kab", "kecamatan", "kelurahan")


@dataclass(frozen=True)
class CountrySize:
    """Numbers of areas and polling stations; the default is Indonesia in 2024."""

    provinces: int = 38
    kab: int = 514
    kecamatan: int = 7_277
    kelurahan: int = 83_000
    tps: int = 820_000

    def __post_init__(self) -> None:
        counts = (self.provinces, self.kab, self.kecamatan, self.kelurahan, self.tps)
        if counts[0] < 1 or list(counts) != sorted(counts):
            raise ParameterError(f"numbers must be >= 1 and not fall from level to level: {counts}", "size")


@dataclass(frozen=True, eq=False)
class Land:
    """Areas as arrays; indices within a level count from 0.

    Attributes:
        up: parent indices of kab (in provinces), kecamatan (in kab), kelurahan (in kecamatan).
        tps: int64 (kelurahan,) polling stations; lonlat: per level float64 (n, 2), degrees.
        code: per level, text codes; a child's code begins with its parent's.
    """

    up: tuple[IntArray, IntArray, IntArray]
    tps: IntArray
    lonlat: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    code: tuple[list[str], list[str], list[str], list[str]]

    def tps_at(self, level: int) -> IntArray:
        """Return the number of polling stations of each area at a level (0 = province ... 3 = kelurahan)."""
        total = self.tps
        for depth in range(2, level - 1, -1):
            total = np.bincount(self.up[depth], weights=total, minlength=len(self.code[depth])).astype(
                np.int64
            )
        return total


def _split(rng: np.random.Generator, parents: int, children: int, evenness: float) -> IntArray:
    """Return the parent of each child, at least one child per parent;
    larger evenness gives more equal family sizes."""
    extra = rng.multinomial(children - parents, rng.dirichlet(np.full(parents, evenness)))
    return np.repeat(np.arange(parents), extra + 1)


def _codes(up: IntArray, parents: list[str], width: int) -> list[str]:
    first = np.searchsorted(up, np.arange(len(parents)))
    return [f"{parents[p]}{i - first[p] + 1:0{width}d}" for i, p in enumerate(up)]


def make_land(rng: np.random.Generator, size: CountrySize) -> Land:
    """Draw a country. The dispersion of family and area sizes is chosen such that 1,113 independent events
    would fall in about as many kelurahan, kecamatan and kab as on the polling stations of 2024."""
    kab = _split(rng, size.provinces, size.kab, 4.0)
    kec = _split(rng, size.kab, size.kecamatan, 12.0)
    kel = _split(rng, size.kecamatan, size.kelurahan, 6.0)
    weight = rng.lognormal(0, 0.2, size.kab)[kec][kel] * rng.lognormal(0, 0.45, size.kelurahan)
    spare = size.tps - size.kelurahan
    tps = 1 + np.floor(weight * (spare / weight.sum())).astype(np.int64)
    tps[: size.tps - int(tps.sum())] += 1  # remainder after rounding
    place = [np.column_stack([rng.uniform(95, 141, size.provinces), rng.uniform(-10, 5, size.provinces)])]
    for up, spread in ((kab, 0.9), (kec, 0.2), (kel, 0.05)):
        place.append(place[-1][up] + rng.normal(0, spread, (up.size, 2)))
    provinces = [f"{i:02d}" for i in range(11, 11 + size.provinces)]
    kab_codes = _codes(kab, provinces, 2)
    kec_codes = _codes(kec, kab_codes, 2)
    codes = (provinces, kab_codes, kec_codes, _codes(kel, kec_codes, 4))
    return Land((kab, kec, kel), tps, (place[0], place[1], place[2], place[3]), codes)


def area_frame(land: Land) -> pd.DataFrame:
    """Return one row per area: area_code, level, parent_code, area_name, longitude, latitude, n_tps."""
    parts = []
    for depth, level in enumerate(LEVELS):
        codes = land.code[depth]
        parents = [""] * len(codes) if depth == 0 else [land.code[depth - 1][p] for p in land.up[depth - 1]]
        parts.append(
            pd.DataFrame(
                {
                    "area_code": codes,
                    "level": level,
                    "parent_code": parents,
                    "area_name": [f"Simulasi {code}" for code in codes],
                    "longitude": land.lonlat[depth][:, 0].round(5),
                    "latitude": land.lonlat[depth][:, 1].round(5),
                    "n_tps": land.tps_at(depth),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
