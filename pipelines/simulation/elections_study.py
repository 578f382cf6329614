"""Test the joint test and the multi-election propensity on simulated areas with known true rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.simulation.family_study import RowResult, ranges, shares
from pipelines.simulation.partly_located import report, weights
from pipelines.stats.checks import FloatArray
from pipelines.stats.errors import ParameterError
from pipelines.stats.outlier_nb import nb_midp_test
from pipelines.stats.partly_observed.claims import LEVEL, TWICE, excess_p
from pipelines.stats.partly_observed.joint import joint_test
from pipelines.stats.partly_observed.propensity import fit_propensity
from pipelines.stats.persistence.replicability import adafilter

ELECTIONS = 3
MEASURES = (
    "false_confirmed",  # false share of the confirmed areas, per country
    "found_8_twice",  # share confirmed among areas at 8 times the official rate or more in two elections
    "coverage_propensity",
    "old_any_confirmed",  # countries in which the previous method falsely confirmed an area
    "old_found_8_twice",
)


@dataclass(frozen=True)
class Prone:
    """Areas with a lasting rate a ~ Gamma(1, tau²) and elections that vary around it by omega.

    Attributes:
        areas: number of areas; incidents: expected per election; tau, omega: standard deviations; share:
            located share;
        reporting: ``complete``, ``same_everywhere`` (each area has one reporting rate, uniform, in all
            elections), ``rises`` or ``mention`` (an area whole or silent), see `partly_located.report`.
    """

    areas: int
    incidents: float
    tau: float
    omega: float
    reporting: str
    share: float = 0.6


@dataclass(frozen=True)
class ElectionsRow:
    """One row of the study over elections; see `family_study.Row`."""

    name: str
    settings: tuple[Prone, ...]
    replicates: int
    quick: int = 0
    low: float = 0.91

    def batches(self, *, quick: bool = False) -> list[int]:
        """Return the number of countries per batch; a batch is one setting."""
        n = self.quick if quick else self.replicates
        return [n for _ in self.settings] if n else []

    def simulate_batch(self, rng: np.random.Generator, batch: int, n: int) -> FloatArray:
        """Return the measures of n countries of one setting: float64 (n, 2 * len(MEASURES))."""
        return np.array([measure(rng, self.settings[batch]) for _ in range(n)]).reshape(n, -1)


def measure(rng: np.random.Generator, prone: Prone) -> FloatArray:
    """Draw one country over several elections, run the test, and count errors."""
    n = prone.areas
    weight = weights(rng, n)
    lasting = rng.gamma(1 / prone.tau**2, prone.tau**2, n) if prone.tau else np.ones(n)
    seen_rate = rng.random(n)
    low, expected, p, old_p, truth = (np.empty((n, ELECTIONS)) for _ in range(5))
    share, scale = np.empty(ELECTIONS), np.empty(ELECTIONS)
    for t in range(ELECTIONS):
        rate = lasting * rng.gamma(1 / prone.omega, prone.omega, n)
        count = rng.poisson(prone.incidents * weight * rate).astype(np.float64)
        total = max(count.sum(), 1.0)
        if prone.reporting == "same_everywhere":
            located = rng.binomial(count.astype(np.int64), seen_rate).astype(np.float64)
        else:
            way = "whole_or_silent" if prone.reporting == "mention" else prone.reporting
            located = report(rng, count, rate, prone.share, way)
        low[:, t], expected[:, t] = located, weight * total
        scale[t] = prone.incidents / total
        truth[:, t] = rate * scale[t]
        share[t] = max(located.sum() / total, 1e-3)
        p[:, t] = excess_p(located, expected[:, t])
        before = nb_midp_test(located, expected[:, t]).p_value
        old_p[:, t] = before if prone.reporting == "complete" else np.where(located > 0, before, np.nan)
    confirmed = np.nan_to_num(joint_test(p).q_value, nan=1.0) <= LEVEL
    old = adafilter(old_p, 2, LEVEL).decision
    above, high = (truth > TWICE).sum(axis=1) >= 2, (truth >= 8).sum(axis=1) >= 2
    found = fit_propensity(low, low, expected, share)
    lasting = lasting / float(weight @ lasting)
    inside = (found.low <= lasting) & (lasting <= found.high)
    pairs = {
        "false_confirmed": (np.sum(confirmed & ~above) / max(int(confirmed.sum()), 1), 1),
        "found_8_twice": (np.sum(confirmed & high), high.sum()),
        "coverage_propensity": (inside.sum(), n),
        "old_any_confirmed": (bool((old & ~above).any()), 1),
        "old_found_8_twice": (np.sum(old & high), high.sum()),
    }
    return np.array(
        [[a for a, _ in pairs.values()], [b for _, b in pairs.values()]], dtype=np.float64
    ).ravel()


def judge_elections(row: ElectionsRow, values: Sequence[FloatArray]) -> RowResult:
    """Judge a row: at most 5 % false confirmations, and propensity intervals that cover at least ``row.low``.

    Raises: ParameterError when a setting has no country.
    """
    if not values or any(len(v) == 0 for v in values):
        raise ParameterError("no country was simulated", row.name)
    ratios, errors = [], []
    for drawn in values:
        ratio, error = shares(drawn, len(MEASURES))
        ratios.append(ratio)
        errors.append(error)
    table, error = np.array(ratios), np.array(errors)
    false, cover = MEASURES.index("false_confirmed"), MEASURES.index("coverage_propensity")
    honest = bool((table[:, false] <= LEVEL + 2 * error[:, false]).all())
    covered = bool((table[:, cover] + 2 * error[:, cover] >= row.low).all())
    worst = float(table[:, cover].min())
    count = sum(len(v) for v in values)
    return RowResult(row.name, len(values), count, ranges(MEASURES, table), worst, honest and covered, False)
