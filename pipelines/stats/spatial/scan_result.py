"""Code shared by the tree scan and the circular scan: input checks, the likelihood ratio, the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numba as nb
import numpy as np
import numpy.typing as npt

from pipelines.stats.errors import CountError, ExposureError, ParameterError, ShapeError

Null = Literal["poisson", "negative_binomial"]
NULLS: tuple[str, ...] = ("poisson", "negative_binomial")
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Log-likelihood ratios closer than this are equal: a zone reached from two centres sums its expected counts in
# different orders.
TIE = 1e-9
# A zone with one case is not a cluster; SaTScan and TreeScan use the same minimum.
MIN_CASES = 2
# 32-bit counters would overflow from here on.
MAX_CASES = 2**31


@dataclass(frozen=True)
class ScanCluster:
    """One candidate cluster.

    Attributes:
        members: indices into the input of the areas (circle) or leaves (tree) inside, ascending.
        cases: observed count inside.
        expected: expected count inside under the null, scaled to the total number of cases.
        llr: log-likelihood ratio.
        p_value: (1 + replicates whose maximum reaches llr) / (replicates + 1).
        relative_risk: (c / e) / ((C - c) / (C - e)); infinite when no case lies outside.
        node: index of the tree node, or None for a circle.
        centre: index of the area in whose centre the circle stands, or None for a tree node.
        radius: distance to the farthest member (unit of the coordinates, km on the globe), or None.
    """

    members: tuple[int, ...]
    cases: int
    expected: float
    llr: float
    p_value: float
    relative_risk: float
    node: int | None = None
    centre: int | None = None
    radius: float | None = None


@dataclass(frozen=True, eq=False)
class ScanResult:
    """Clusters, most likely first, and the Monte-Carlo distribution behind their p-values.

    Attributes:
        clusters: see the scan function for the rule on secondary clusters; empty when no zone has
            more cases than expected (no case at all, one area, all areas equal).
        null: "poisson" or "negative_binomial".
        shape: gamma shapes used by the null, one per input element (inf = no extra variance).
        null_llr: float64 (replicates,), largest ratio of each simulated data set, in replicate order.
        total_cases: number of cases C.
        seed: seed of the replicates.
    """

    clusters: tuple[ScanCluster, ...]
    null: str
    shape: FloatArray
    null_llr: FloatArray
    total_cases: int
    seed: int

    @property
    def p_value(self) -> float:
        """P-value of the whole scan: that of the most likely cluster, 1.0 if there is none."""
        return self.clusters[0].p_value if self.clusters else 1.0

    @property
    def disjoint(self) -> tuple[ScanCluster, ...]:
        """Clusters that share no member with a more likely one."""
        return keep_disjoint(self.clusters)


def keep_disjoint(clusters: Sequence[ScanCluster]) -> tuple[ScanCluster, ...]:
    """Keep, in list order, each cluster that shares no member with those already kept."""
    taken: set[int] = set()
    kept = []
    for cluster in clusters:
        if taken.isdisjoint(cluster.members):
            kept.append(cluster)
            taken.update(cluster.members)
    return tuple(kept)


@nb.njit(cache=True)
def log_ratio(c: float, e: float, total: float) -> float:
    """Return the Poisson log-likelihood ratio c ln(c/e) + (C-c) ln((C-c)/(C-e)), 0 unless c > e (Kulldorff
    1997).

    Args:
        c: cases inside; e: expected inside (> 0 when c > 0); total: C, cases and expected in all.
    """
    if c <= e or e <= 0.0:
        return 0.0
    value = c * math.log(c / e)
    rest = total - c
    if rest > 0.0:
        value += rest * math.log(rest / (total - e))
    return value if value > 0.0 else 0.0


def relative_risk(cases: int, expected: float, total: int) -> float:
    """Return the rate inside over the rate outside; infinite when every case lies inside."""
    outside = total - cases
    return (cases / expected) / (outside / (total - expected)) if outside else math.inf


def monte_carlo_p(llr: float, null_llr: FloatArray) -> float:
    """Return (1 + number of replicates at or above llr) / (replicates + 1); ties count against the cluster."""
    reached = int(np.count_nonzero(null_llr >= llr - TIE * max(1.0, abs(llr))))
    return (1 + reached) / (null_llr.size + 1)


def _vector(values: Any, name: str, error: type[CountError] | type[ExposureError]) -> FloatArray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as exc:
        raise error(f"not a list of numbers ({exc})", name) from exc
    if array.ndim != 1 or array.size == 0:
        raise ShapeError(f"expected one dimension and at least one element, got shape {array.shape}", name)
    return array


def check_counts(values: Any, name: str) -> IntArray:
    """Return counts as int64 (n,).

    Raises CountError for the first NA, negative or fractional one, and when they add up to `MAX_CASES` or more:
    the scans place cases one by one and count in 32 bits, which larger numbers would silently overflow.
    """
    array = _vector(values, name, CountError)
    bad = ~np.isfinite(array) | (array < 0) | (array != np.floor(array))
    if bad.any():
        at = int(np.argmax(bad))
        raise CountError(f"a count must be a whole number >= 0, got {array[at]!r}", f"{name}[{at}]")
    if array.sum() >= MAX_CASES:
        raise CountError(f"adds up to {array.sum():.0f}; a scan takes fewer than {MAX_CASES}", name)
    return array.astype(np.int64)


def check_exposure(values: Any, name: str, cases: IntArray) -> FloatArray:
    """Return exposures as float64 (n,), same length as cases.

    Raises ExposureError for the first NA or negative one, for a zero where cases occurred, and when all are
    zero; ShapeError when lengths differ. A zero without cases is allowed and ignored.
    """
    array = _vector(values, name, ExposureError)
    if array.size != cases.size:
        raise ShapeError(f"has {array.size} elements, cases has {cases.size}", name)
    bad = ~np.isfinite(array) | (array < 0)
    if bad.any():
        at = int(np.argmax(bad))
        raise ExposureError(f"must be a finite number >= 0, got {array[at]!r}", f"{name}[{at}]")
    empty = (array == 0) & (cases > 0)
    if empty.any():
        at = int(np.argmax(empty))
        raise ExposureError(f"is zero where {cases[at]} cases occurred", f"{name}[{at}]")
    if not array.any():
        raise ExposureError("is zero everywhere", name)
    return array


def check_options(null: str, replicates: int, seed: int, max_share: float | None, min_cases: int) -> None:
    """Raise ParameterError for the first option outside its range."""
    if null not in NULLS:
        raise ParameterError(f"must be one of {', '.join(NULLS)}, got {null!r}", "null")
    if replicates != int(replicates) or replicates < 0:
        raise ParameterError(f"must be a whole number >= 0, got {replicates!r}", "replicates")
    if seed != int(seed) or not 0 <= seed < 2**63:
        raise ParameterError(f"must be a whole number in [0, 2**63), got {seed!r}", "seed")
    if max_share is not None and not 0 < max_share <= 1:
        raise ParameterError(f"must lie in (0, 1], got {max_share!r}", "max_share")
    if min_cases != int(min_cases) or min_cases < 1:
        raise ParameterError(f"must be a whole number >= 1, got {min_cases!r}", "min_cases")
