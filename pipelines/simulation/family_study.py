"""Test intervals, claims and verbal statements about partly located families on simulated families with known
truth.

A row of the study is one way of drawing families, with several settings. The shares below are measured for
every setting; a reader must expect the whole range over the settings, since nobody knows which one applies in
reality.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.simulation.partly_located import Country, draw
from pipelines.stats.checks import BoolArray, FloatArray
from pipelines.stats.empirical_bayes import gamma_poisson_eb
from pipelines.stats.errors import ParameterError
from pipelines.stats.outlier_nb import benjamini_hochberg, nb_midp_test
from pipelines.stats.partly_observed.claims import LEVEL, TWICE, excess_p, smallest_ratio
from pipelines.stats.partly_observed.classes import WATCH_PROBABILITY
from pipelines.stats.partly_observed.estimates import estimate
from pipelines.stats.partly_observed.observed import observe
from pipelines.stats.partly_observed.posterior import fit_family
from pipelines.stats.partly_observed.ranks import family_ranks

# Measures of every family: sums of a numerator and of a denominator.
MEASURES = (
    "coverage",  # truth inside the 95 % interval, areas with a claim or fully known
    "coverage_silent",  # truth below the upper end, silent areas
    "truth_below",
    "truth_above",
    "false_supported",  # false share of the supported areas, per family
    "found_8",  # share supported among areas with at least eight times the official rate
    "listed_4",  # share supported or on the watch list among areas with at least four times the rate
    "false_watch",  # areas on the watch list whose rate is not above twice the official one
    "coverage_k",
    "coverage_rank",  # true rank inside the 90 % interval, complete families
    "old_coverage",  # the same two for the previous method: counts taken as exact, in TPS
    "old_false_supported",
    "old_found_8",
    "seconds",  # CPU seconds per family
)


@dataclass(frozen=True)
class Row:
    """One row of the study.

    Attributes:
        name: unique, short; settings: ways of drawing; replicates: families per setting, in the full and the
            quick study; low, high: range for the coverage of every setting, up to two standard errors.
        must_fail: the row documents a known limitation: its worst setting must fail, or the documentation is
            wrong.
        fails_by: which measure must fail.
    """

    name: str
    settings: tuple[Country, ...]
    replicates: int
    quick: int = 0
    low: float = 0.93
    high: float = 1.0
    must_fail: bool = False
    fails_by: str = "coverage"

    def batches(self, *, quick: bool = False) -> list[int]:
        """Return the number of families per batch; a batch is one setting."""
        n = self.quick if quick else self.replicates
        return [n for _ in self.settings] if n else []

    def simulate_batch(self, rng: np.random.Generator, batch: int, n: int) -> FloatArray:
        """Return the measures of n families of one setting: float64 (n, 2 *
        len(MEASURES)), numerators then denominators."""
        return np.array([measure(rng, self.settings[batch]) for _ in range(n)]).reshape(n, -1)


@dataclass(frozen=True)
class RowResult:
    """Verdict on a row: smallest and largest value of every measure over
    the settings (nan: nothing to measure)."""

    name: str
    settings: int
    families: int
    ranges: Mapping[str, tuple[float, float]]
    worst: float
    passed: bool
    must_fail: bool


def measure(rng: np.random.Generator, country: Country) -> FloatArray:
    """Draw one family, estimate it, and count errors."""
    family = draw(rng, country)
    is_complete = country.reporting == "complete"
    began = time.process_time()
    total = family.total / family.per_incident
    seen = observe(family.low, family.high, family.weight, total=total, complete=is_complete)
    fitted = fit_family(seen)
    found = estimate(seen, fitted)
    q = benjamini_hochberg(excess_p(seen.low, seen.expected))
    seconds = time.process_time() - began
    truth = family.rate
    supported = q <= LEVEL
    watch = ~supported & ~seen.silent & (found.p_least >= WATCH_PROBABILITY)
    known, silent = ~seen.silent, seen.silent
    below, above = truth < found.low, truth > found.high
    k_low, _, k_high = fitted.shape_quantiles()
    out = {
        "coverage": (np.sum(~below[known] & ~above[known]), known.sum()),
        "coverage_silent": (np.sum(~above[silent]), silent.sum()),
        "truth_below": (below[known].sum(), known.sum()),
        "truth_above": (above[known].sum(), known.sum()),
        "false_supported": (_false(supported, truth), 1),
        "found_8": (supported[truth >= 8].sum(), np.sum(truth >= 8)),
        "listed_4": ((supported | watch)[truth >= 4].sum(), np.sum(truth >= 4)),
        "false_watch": (np.sum(truth[watch] <= TWICE), watch.sum()),
        "coverage_k": (k_low <= country.k <= k_high, country.rates == "gamma"),
        "seconds": (seconds, 1),
    }
    if is_complete:
        ranks = family_ranks(seen, fitted, seed=int(rng.integers(2**31)))
        true_rank = np.empty(truth.size)
        true_rank[np.argsort(-truth, kind="stable")] = np.arange(1, truth.size + 1)
        out["coverage_rank"] = (np.sum((ranks.low <= true_rank) & (true_rank <= ranks.high)), truth.size)
    out |= _method_before(family.located_tps, family.weight, family.total, truth, known, is_complete)
    pairs = [out.get(name, (0, 0)) for name in MEASURES]
    return np.array([[a for a, _ in pairs], [b for _, b in pairs]], dtype=np.float64).ravel()


def _method_before(
    tps: FloatArray, weight: FloatArray, total: float, truth: FloatArray, known: BoolArray, is_complete: bool
) -> dict[str, tuple[float, float]]:
    """Apply the previous method: located TPS as exact counts, empirical
    Bayes and negative-binomial mid-P with BH."""
    expected = weight * max(total, 1.0)
    shrunken = gamma_poisson_eb(tps, expected, mean="one" if is_complete else "estimated")
    inside = (shrunken.low <= truth) & (truth <= shrunken.high)
    flagged = nb_midp_test(tps, expected).q_value <= LEVEL
    return {
        "old_coverage": (float(inside[known].sum()), float(known.sum())),
        "old_false_supported": (_false(flagged, truth), 1.0),
        "old_found_8": (float(flagged[truth >= 8].sum()), float(np.sum(truth >= 8))),
    }


def _false(flagged: BoolArray, truth: FloatArray) -> float:
    """Return the share of flagged areas that are not above twice the official rate; 0 if none is flagged."""
    return float(np.sum(truth[flagged] <= TWICE)) / max(int(flagged.sum()), 1)


def planted(rng: np.random.Generator, n: int) -> FloatArray:
    """Gate: an area at the rate that is detected with 80 % power must be supported about that often.

    n families of 514 areas, 60 % of every area's incidents located; returns (n, 2): found, 1.
    """
    country = Country(514, 600.0, 0.5, 0.6, "alike")
    rows = []
    for _ in range(n):
        family = draw(rng, country)
        expected = family.weight * family.total
        area = int(rng.integers(expected.size))
        supported = max(int(np.sum(benjamini_hochberg(excess_p(family.low, expected)) <= LEVEL)), 1)
        ratio, _ = smallest_ratio(expected[[area]], 0.6, LEVEL * supported / expected.size)
        low = family.low.copy()
        low[area] = rng.binomial(rng.poisson(ratio[0] * expected[area]), 0.6)
        rows.append((benjamini_hochberg(excess_p(low, expected))[area] <= LEVEL, 1.0))
    return np.array(rows, dtype=np.float64).reshape(n, 2)


def judge_row(row: Row, values: Sequence[FloatArray]) -> RowResult:
    """Compare every setting's coverage with the row's range.

    Args:
        values: per setting float64 (families, 2 * len(MEASURES)).

    Raises: ParameterError when a setting has no family.
    """
    if not values or any(len(v) == 0 for v in values):
        raise ParameterError("no family was simulated", row.name)
    pairs = [shares(drawn, len(MEASURES)) for drawn in values]
    ratios, errors = np.array([ratio for ratio, _ in pairs]), np.array([error for _, error in pairs])
    at = MEASURES.index(row.fails_by)
    share, error = ratios[:, at], errors[:, at]
    known = np.isfinite(share)
    if row.must_fail:
        worst = share[known].max() if row.fails_by == "false_supported" else share[known].min()
        passed = bool(worst > row.high if row.fails_by == "false_supported" else worst < row.low)
    else:
        worst = share[known].min()
        inside = (share + 2 * error >= row.low) & (share - 2 * error <= row.high)
        false = MEASURES.index("false_supported")
        honest = np.nan_to_num(ratios[:, false]) <= LEVEL + 2 * errors[:, false]
        passed = bool(inside[known].all() and honest.all())
    families = sum(len(v) for v in values)
    return RowResult(
        row.name, len(values), families, ranges(MEASURES, ratios), float(worst), passed, row.must_fail
    )


def shares(drawn: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Return each measure's ratio of sums (numerators / denominators) and its standard error (a ratio
    estimate).

    Args: drawn: float64 (replicates, 2 * size). Returns two arrays (size,); nan and 0 without a denominator.
    """
    top, bottom = drawn[:, :size], drawn[:, size:]
    total = bottom.sum(axis=0)
    some = total > 0
    ratio, error = np.full(size, np.nan), np.zeros(size)
    ratio[some] = top.sum(axis=0)[some] / total[some]
    residual = top[:, some] - ratio[some] * bottom[:, some]
    n = len(drawn)
    error[some] = np.sqrt((residual**2).sum(axis=0) * n / max(n - 1, 1)) / total[some]
    return ratio, error


def ranges(names: Sequence[str], table: FloatArray) -> Mapping[str, tuple[float, float]]:
    """Return the smallest and largest value of each measure over the settings; nan where nothing was measured."""
    return {
        name: (float(np.nanmin(table[:, at])), float(np.nanmax(table[:, at])))
        if np.isfinite(table[:, at]).any()
        else (np.nan, np.nan)
        for at, name in enumerate(names)
    }
