"""Simulated counts for the study, on the map of the simulated country."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipelines.simulation.areas import CountrySize, make_land
from pipelines.simulation.country import INCIDENTS, K_KAB, K_KEC
from pipelines.stats.spatial.scan_result import FloatArray, IntArray

# Gamma shape of affected TPS between kab, as observed in 2024 (variance / mean 9.1); incidents have 0.53.
K_KAB_TPS = 0.27
TPS_AFFECTED = 1113


@dataclass(frozen=True, eq=False)
class Ground:
    """The map of the study, the same for every simulation.

    Attributes:
        tree_parent: int64 (nodes,), provinces then kab then kecamatan, -1 for provinces.
        kab_of_kec: int64 (kecamatan,); kab_share, kec_share: float64, share of the polling stations;
        kab_place, kec_place: float64 (n, 2), degrees; kab_tps: int64 (kab,).
    """

    tree_parent: IntArray
    kab_of_kec: IntArray
    kab_share: FloatArray
    kec_share: FloatArray
    kab_place: FloatArray
    kec_place: FloatArray
    kab_tps: IntArray

    @property
    def above(self) -> int:
        """Number of nodes before the first kecamatan."""
        return self.tree_parent.size - self.kec_share.size


@cache
def ground() -> Ground:
    """Draw the map once; its own fixed seed keeps it independent of the study's seeds."""
    land = make_land(np.random.default_rng(2024), CountrySize())
    kab_of_province, kec_of_kab, _ = land.up
    provinces = len(land.code[0])
    kab_tps, kec_tps = land.tps_at(1), land.tps_at(2)
    parent = np.concatenate([np.full(provinces, -1), kab_of_province, provinces + kec_of_kab])
    return Ground(
        tree_parent=parent,
        kab_of_kec=kec_of_kab,
        kab_share=kab_tps / kab_tps.sum(),
        kec_share=kec_tps / kec_tps.sum(),
        kab_place=land.lonlat[1],
        kec_place=land.lonlat[2],
        kab_tps=kab_tps,
    )


def relative_rates(rng: np.random.Generator, n: int, shape: float) -> FloatArray:
    """Draw relative rates of n areas: gamma with mean 1 and variance 1 / shape."""
    return rng.gamma(shape, 1 / shape, n)


def kab_counts(
    rng: np.random.Generator, shape: float = K_KAB, events: float = INCIDENTS, ratio: FloatArray | None = None
) -> tuple[IntArray, FloatArray]:
    """Draw counts per kab without a cluster, times `ratio` (kab,) if given;
    returns them and the true relative rates."""
    here = ground()
    rate = relative_rates(rng, here.kab_share.size, shape) * (1.0 if ratio is None else ratio)
    return rng.poisson(events * here.kab_share * rate), rate


def kec_counts(rng: np.random.Generator, ratio: FloatArray | None = None) -> IntArray:
    """Draw incidents per kecamatan with multipliers per kab and kecamatan, times `ratio` (kecamatan,)."""
    here = ground()
    kab = relative_rates(rng, here.kab_share.size, K_KAB)[here.kab_of_kec]
    rate = kab * relative_rates(rng, here.kec_share.size, K_KEC)
    return rng.poisson(INCIDENTS * here.kec_share * rate * (1.0 if ratio is None else ratio))


def expected(counts: IntArray, share: FloatArray) -> FloatArray:
    """Return expected counts: the total count distributed by exposure."""
    return share * max(int(counts.sum()), 1)


def raised(n: int, places: IntArray, ratio: float) -> FloatArray:
    """Return factors (n,): ratio at the given places, 1 elsewhere."""
    out = np.ones(n)
    out[places] = ratio
    return out
