"""What each gate of the study simulates: one value (or numerator and denominator) per data set.

Every function takes a random generator and a number of data sets n, and returns float64 (n, 2): columns
numerator and denominator. The quantity of the gate is sum(numerator) / sum(denominator).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.simulation.country import INCIDENTS, K_KAB
from pipelines.simulation.study_data import (
    K_KAB_TPS,
    TPS_AFFECTED,
    expected,
    ground,
    kab_counts,
    kec_counts,
    raised,
    relative_rates,
)
from pipelines.stats.empirical_bayes import binomial_eb, gamma_poisson_eb
from pipelines.stats.outlier_nb import nb_midp_test
from pipelines.stats.persistence.replicability import adafilter
from pipelines.stats.spatial.circular_scan import circular_scan
from pipelines.stats.spatial.scan_result import FloatArray, IntArray, ScanResult
from pipelines.stats.spatial.tree_scan import tree_scan

Simulate = Callable[[np.random.Generator, int], FloatArray]
ALPHA = 0.05
REPLICATES = 199
ELECTIONS = 5


def _each(n: int, one: Callable[[], tuple[float, float]]) -> FloatArray:
    return np.array([one() for _ in range(n)], dtype=np.float64).reshape(n, 2)


def _rejects(result: ScanResult) -> tuple[float, float]:
    return float(result.p_value <= ALPHA), 1.0


def _tree(rng: np.random.Generator, counts: IntArray, null: Any) -> ScanResult:
    here = ground()
    zeros = np.zeros(here.above)
    return tree_scan(
        np.concatenate([zeros, counts]),
        np.concatenate([zeros, here.kec_share]),
        here.tree_parent,
        null=null,
        replicates=REPLICATES,
        seed=int(rng.integers(2**62)),
    )


def _kab_circle(rng: np.random.Generator, counts: IntArray, null: Any) -> ScanResult:
    here = ground()
    return circular_scan(
        counts,
        here.kab_share,
        here.kab_place,
        0.1,
        "great_circle",
        null,
        REPLICATES,
        int(rng.integers(2**62)),
    )


def tree_size(null: Any) -> Simulate:
    """Does the tree scan over province, kab and kecamatan reject when there is no cluster?"""
    return lambda rng, n: _each(n, lambda: _rejects(_tree(rng, kec_counts(rng), null)))


def kab_circle_size(null: Any) -> Simulate:
    """Does the circular scan over kab reject when counts of affected TPS have no cluster?"""

    def one(rng: np.random.Generator) -> tuple[float, float]:
        return _rejects(_kab_circle(rng, kab_counts(rng, K_KAB_TPS, TPS_AFFECTED)[0], null))

    return lambda rng, n: _each(n, lambda: one(rng))


def kec_circle_size(rng: np.random.Generator, n: int) -> FloatArray:
    """Does the circular scan over kecamatan, grouped by kab, reject when there is no cluster?"""
    here = ground()

    def one() -> tuple[float, float]:
        return _rejects(
            circular_scan(
                kec_counts(rng),
                here.kec_share,
                here.kec_place,
                0.02,
                "great_circle",
                "negative_binomial",
                99,
                int(rng.integers(2**62)),
                300,
                group=here.kab_of_kec,
            )
        )

    return _each(n, one)


def bh_fdr(outliers: int) -> Simulate:
    """False share of what Benjamini-Hochberg flags among kab, with the
    given number of true outliers (ratio 10)."""

    def one(rng: np.random.Generator) -> tuple[float, float]:
        share = ground().kab_share
        places = rng.choice(share.size, outliers, replace=False)
        counts, _ = kab_counts(rng, ratio=raised(share.size, places, 10.0))
        flagged = nb_midp_test(counts, expected(counts, share)).q_value <= ALPHA
        false = int(flagged.sum() - flagged[places].sum())
        return false / max(int(flagged.sum()), 1), 1.0

    return lambda rng, n: _each(n, lambda: one(rng))


def _p_matrix(rng: np.random.Generator, hot: FloatArray) -> FloatArray:
    """Return NB mid-P values (kab, elections); `hot` (kab, elections) multiplies the rates."""
    share = ground().kab_share
    columns = []
    for t in range(hot.shape[1]):
        counts, _ = kab_counts(rng, ratio=hot[:, t])
        columns.append(nb_midp_test(counts, expected(counts, share)).p_value)
    return np.column_stack(columns)


def adafilter_fdr(rng: np.random.Generator, n: int) -> FloatArray:
    """False share of confirmed persistent kab: 15 are hot in three elections, 30 in one only (true nulls)."""

    def one() -> tuple[float, float]:
        areas = ground().kab_share.size
        places = rng.permutation(areas)
        hot = np.ones((areas, ELECTIONS))
        hot[places[:15], :3] = 15.0
        hot[places[15:45], rng.integers(0, ELECTIONS, 30)] = 15.0
        found = adafilter(_p_matrix(rng, hot), 2, ALPHA).rejected
        return float(np.isin(found, places[15:]).sum()) / max(len(found), 1), 1.0

    return _each(n, one)


def permuted_confirmed(rng: np.random.Generator, n: int) -> FloatArray:
    """Confirmed persistent kab after areas were shuffled in each election (negative control), without those
    that the shuffle gave two truly hot elections."""

    def one() -> tuple[float, float]:
        areas = ground().kab_share.size
        hot = np.ones((areas, ELECTIONS))
        hot[rng.choice(areas, 5, replace=False)] = 15.0
        places = rng.permuted(np.tile(np.arange(areas)[:, None], ELECTIONS), axis=0)
        p = np.take_along_axis(_p_matrix(rng, hot), places, axis=0)
        met = (np.take_along_axis(hot, places, axis=0) > 1).sum(axis=1)
        return float(np.sum(met[adafilter(p, 2, ALPHA).rejected] < 2)), 1.0

    return _each(n, one)


def unpermuted_confirmed(rng: np.random.Generator, n: int) -> FloatArray:
    """Share of five truly persistent kab (ratio 15) that are confirmed: the
    control must be able to detect them."""

    def one() -> tuple[float, float]:
        areas = ground().kab_share.size
        hot = np.ones((areas, ELECTIONS))
        places = rng.choice(areas, 5, replace=False)
        hot[places] = 15.0
        found = adafilter(_p_matrix(rng, hot), 2, ALPHA).rejected
        return float(np.isin(places, found).sum()), 5.0

    return _each(n, one)


def poisson_coverage(rng: np.random.Generator, n: int) -> FloatArray:
    """Share of kab whose true relative rate lies in the 95 % interval of the gamma-Poisson estimate."""

    def one() -> tuple[float, float]:
        counts, rate = kab_counts(rng)
        eb = gamma_poisson_eb(counts, expected(counts, ground().kab_share))
        truth = rate / np.sum(ground().kab_share * rate)  # relative to the country, like the estimate
        return float(np.mean((eb.low <= truth) & (truth <= eb.high))), 1.0

    return _each(n, one)


def exceedance_ratio(rng: np.random.Generator, n: int) -> FloatArray:
    """Sum of P(rate > 2) over kab divided by the number whose true rate exceeds 2."""

    def one() -> tuple[float, float]:
        counts, rate = kab_counts(rng)
        eb = gamma_poisson_eb(counts, expected(counts, ground().kab_share))
        truth = rate / np.sum(ground().kab_share * rate)
        return float(np.sum(eb.exceedance)), float(np.sum(truth > 2.0))

    return _each(n, one)


def binomial_coverage(rng: np.random.Generator, n: int) -> FloatArray:
    """Share of kab whose true share of late units lies in the 95 % interval of the beta-binomial estimate."""

    def one() -> tuple[float, float]:
        trials = np.bincount(ground().kab_of_kec)
        truth = rng.beta(0.6, 4.0, trials.size)
        eb = binomial_eb(rng.binomial(trials, truth), trials)
        return float(np.mean((eb.low <= truth) & (truth <= eb.high))), 1.0

    return _each(n, one)


def outlier_power(ratio: float) -> Simulate:
    """Power of the NB mid-P test at 0.05 for a kab of average exposure and spread, rate times `ratio`."""

    def one(rng: np.random.Generator) -> tuple[float, float]:
        share = ground().kab_share
        places = rng.choice(share.size, 10, replace=False)
        counts, _ = kab_counts(rng)
        counts[places] = rng.poisson(counts.sum() * share[places] * ratio)
        p = nb_midp_test(counts, expected(counts, share)).p_value
        return float(np.sum(p[places] <= ALPHA)), 10.0

    return lambda rng, n: _each(n, lambda: one(rng))


def tree_power(ratio: float) -> Simulate:
    """Power of the tree scan for a kab whose kecamatan all have `ratio` times the average rate."""

    def one(rng: np.random.Generator) -> tuple[float, float]:
        here = ground()
        inside = here.kab_of_kec == rng.integers(here.kab_share.size)
        counts = kec_counts(rng)
        counts[inside] = rng.poisson(counts.sum() * here.kec_share[inside] * ratio)
        return _rejects(_tree(rng, counts, "negative_binomial"))

    return lambda rng, n: _each(n, lambda: one(rng))


def circle_power(ratio: float) -> Simulate:
    """Power of the circular scan for eight neighbouring kab with `ratio` times the average rate."""

    def one(rng: np.random.Generator) -> tuple[float, float]:
        here = ground()
        middle = here.kab_place[rng.integers(here.kab_share.size)]
        inside = np.argsort(((here.kab_place - middle) ** 2).sum(axis=1))[:8]
        factor = raised(here.kab_share.size, inside, ratio) * relative_rates(rng, here.kab_share.size, K_KAB)
        counts = rng.poisson(INCIDENTS * here.kab_share * factor)
        return _rejects(_kab_circle(rng, counts, "negative_binomial"))

    return lambda rng, n: _each(n, lambda: one(rng))
