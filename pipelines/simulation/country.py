"""A simulated country with elections, incidents and affected polling stations, marked as simulated.

Calibrated to 2024: 1,113 affected TPS that lie in about 560 kelurahan, 430 kecamatan and 229 kab, where
independent events would have hit about 1,106, 1,032 and 455. Incidents (one cause, one day, one kelurahan)
fall at a rate with gamma multipliers per kab and per kecamatan; each hits a logarithmic number of TPS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.simulation.areas import CountrySize, Land, area_frame, make_land
from pipelines.stats.errors import ParameterError
from pipelines.stats.spatial.scan_result import FloatArray, IntArray

# Found by matching the numbers of kelurahan, kecamatan and kab above; see the calibration test.
INCIDENTS = 565
K_KAB = 0.66
K_KEC = 0.38
SIZE_P = 0.70  # logarithmic distribution of TPS per incident: mean 1.94, variance / mean of counts 3.3

GROUNDS = {
    "ineligible_voter": 0.55,
    "voted_twice": 0.15,
    "procedure_other": 0.12,
    "disaster_unrest": 0.08,
    "box_opened": 0.04,
    "unknown": 0.06,
}


@dataclass(frozen=True)
class Hotspots:
    """Effects injected into the simulated country; none by default.

    Attributes:
        persistent_kab: number of kab whose rate is `rate_ratio` times higher in every election.
        clusters: number of clusters per election, each a kecamatan with its `cluster_size - 1` nearest ones.
        rate_ratio: rate multiplier inside.
        persistence: share (0-1) of the log variance of the kab multipliers that persists between elections;
            with 0 every election is drawn independently, so that no area is truly prone.
    """

    persistent_kab: int = 0
    clusters: int = 0
    cluster_size: int = 8
    rate_ratio: float = 8.0
    persistence: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedCountry:
    """Frames of a simulated country; every row has is_simulated = True.

    Attributes:
        areas: area_code, level, parent_code, area_name, longitude, latitude, n_tps.
        elections: election_id, voting_date.
        incidents: incident_id, election_id, area_code (kelurahan), incident_date, ground_code, n_tps.
        affected_tps: incident_id, election_id, area_code, tps_number (three digits, as text).
        truth: election_id, area_code, kind ("persistent" or "cluster"), cluster_number, rate_ratio.
    """

    areas: pd.DataFrame
    elections: pd.DataFrame
    incidents: pd.DataFrame
    affected_tps: pd.DataFrame
    truth: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return all frames by name, in the order of their references."""
        names = ("areas", "elections", "incidents", "affected_tps", "truth")
        return {name: getattr(self, name) for name in names}


def simulate_country(
    *,
    elections: Sequence[str] = ("simulasi-2014", "simulasi-2019", "simulasi-2024"),
    incidents_per_election: float = INCIDENTS,
    hotspots: Hotspots | None = None,
    size: CountrySize | None = None,
    k_kab: float = K_KAB,
    k_kec: float = K_KEC,
    seed: int = 20240214,
) -> SimulatedCountry:
    """Simulate areas, elections and incidents.

    Args:
        elections: ids, each ending in its year; incidents_per_election: expected number; hotspots: what to
        inject; size: numbers of areas; k_kab, k_kec: gamma shapes of the multipliers; seed: of everything.
    Returns: SimulatedCountry; the same arguments give the same frames.
    Raises: ParameterError for an option outside its range.
    """
    hot, size = hotspots or Hotspots(), size or CountrySize()
    _check(elections, incidents_per_election, hot, size, k_kab, k_kec)
    rng = np.random.default_rng(seed)
    land = make_land(rng, size)
    prone = rng.choice(size.kab, hot.persistent_kab, replace=False)
    lasting = rng.gamma(*_gamma(hot.persistence / k_kab), size.kab)
    fresh = (1 + 1 / k_kab) / (1 + hot.persistence / k_kab) - 1
    events, struck, truth = [], [], []
    for election in elections:
        kab = lasting * rng.gamma(*_gamma(fresh), size.kab)
        kec = rng.gamma(*_gamma(1 / k_kec), size.kecamatan)
        kab[prone] *= hot.rate_ratio
        for number in range(hot.clusters):
            inside = _cluster(rng, land, hot.cluster_size)
            kec[inside] *= hot.rate_ratio
            truth += [(election, land.code[2][i], "cluster", number, hot.rate_ratio) for i in inside]
        truth += [(election, land.code[1][i], "persistent", -1, hot.rate_ratio) for i in prone]
        rate = land.tps * kec[land.up[2]] * kab[land.up[1][land.up[2]]] / land.tps.sum()
        found, tps = _incidents(rng, land, election, rng.poisson(incidents_per_election * rate))
        events.append(found)
        struck.append(tps)
    columns = ["election_id", "area_code", "kind", "cluster_number", "rate_ratio"]
    years = [f"{election[-4:]}-02-14" for election in elections]
    frames = (
        area_frame(land),
        pd.DataFrame({"election_id": list(elections), "voting_date": years}),
        pd.concat(events, ignore_index=True),
        pd.concat(struck, ignore_index=True),
        pd.DataFrame(truth, columns=columns),
    )
    return SimulatedCountry(*(frame.assign(is_simulated=True) for frame in frames))


def _gamma(variance: float) -> tuple[float, float]:
    """Return shape and scale of a gamma with mean 1; a variance of 0 is replaced by a very small one."""
    return 1 / max(variance, 1e-9), max(variance, 1e-9)


def _check(
    elections: Sequence[str], incidents: float, hot: Hotspots, size: CountrySize, k_kab: float, k_kec: float
) -> None:
    for i, name in enumerate(elections):
        if not name[-4:].isdigit():
            raise ParameterError(f"an election id ends in its year, got {name!r}", f"elections[{i}]")
    if not elections or len(set(elections)) != len(elections):
        raise ParameterError("needs at least one election, each once", "elections")
    limits = {
        "incidents_per_election": (incidents, 0, np.inf),
        "persistent_kab": (hot.persistent_kab, 0, size.kab),
        "clusters": (hot.clusters, 0, size.kecamatan),
        "cluster_size": (hot.cluster_size, 1, size.kecamatan),
        "rate_ratio": (hot.rate_ratio, 0, np.inf),
        "persistence": (hot.persistence, 0, 1),
        "k_kab": (k_kab, 1e-6, np.inf),
        "k_kec": (k_kec, 1e-6, np.inf),
    }
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise ParameterError(f"must lie between {low:g} and {high:g}, got {value!r}", name)


def _cluster(rng: np.random.Generator, land: Land, members: int) -> IntArray:
    centre = land.lonlat[2][rng.integers(len(land.code[2]))]
    distance: FloatArray = ((land.lonlat[2] - centre) ** 2).sum(axis=1)
    return np.argsort(distance, kind="stable")[:members]


def _incidents(
    rng: np.random.Generator, land: Land, election: str, count: IntArray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    place = np.repeat(np.arange(count.size), count)
    n = place.size
    hit = np.minimum(rng.logseries(SIZE_P, n), land.tps[place])
    names = [f"{election}-{i + 1:05d}" for i in range(n)]
    codes = [land.code[3][p] for p in place]
    day = pd.Timestamp(f"{election[-4:]}-02-14") + pd.to_timedelta(rng.integers(0, 11, n), unit="D")
    incidents = pd.DataFrame(
        {
            "incident_id": names,
            "election_id": election,
            "area_code": codes,
            "incident_date": day.strftime("%Y-%m-%d"),
            "ground_code": rng.choice(list(GROUNDS), n, p=list(GROUNDS.values())),
            "n_tps": hit.astype(np.int64),
        }
    )
    numbers = [
        np.sort(rng.choice(land.tps[p], h, replace=False)) + 1 for p, h in zip(place, hit, strict=True)
    ]
    struck = pd.DataFrame(
        {
            "incident_id": np.repeat(names, hit),
            "election_id": election,
            "area_code": np.repeat(codes, hit),
            "tps_number": [f"{x:03d}" for group in numbers for x in group],
        }
    )
    return incidents, struck
