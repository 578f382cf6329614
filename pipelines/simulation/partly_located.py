"""Simulated families of areas whose incidents are only partly located, under several ways of reporting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from pipelines.stats.checks import FloatArray
from pipelines.stats.errors import ParameterError

# Exposure of the six areas of a small province: those of Jakarta in 2024.
SIX = np.array([88.0, 3129.0, 4853.0, 7169.0, 6715.0, 8812.0])
# TPS per incident: 490 of 566 individually known incidents had one TPS, the largest 12.
PSU_SIZES = (np.arange(1, 13), np.array([490, 52, 12, 5, 3, 1.5, 1, 0.5, 0.5, 0.3, 0.1, 0.1]))
# A flood: mean 2.2 with a heavy tail up to 114 TPS.
FLOOD_SIZES = (np.arange(1, 115), np.arange(1.0, 115.0) ** -2.32)
SIZES = {"psu": PSU_SIZES, "flood": FLOOD_SIZES}

Rate = Callable[[np.random.Generator, int, float], FloatArray]


def gamma_rates(rng: np.random.Generator, n: int, k: float) -> FloatArray:
    """Draw relative rates with mean 1 and variance 1 / k, as the model assumes."""
    return rng.gamma(k, 1 / k, n)


def lognormal_rates(rng: np.random.Generator, n: int, k: float) -> FloatArray:
    """Draw relative rates with the same mean and variance, but a heavier tail."""
    sigma = np.sqrt(np.log1p(1 / k))
    return rng.lognormal(-(sigma**2) / 2, sigma, n)


def two_point_rates(rng: np.random.Generator, n: int, k: float) -> FloatArray:
    """Draw rates ten times higher in a few areas; mean 1, and variance as
    near to 1 / k as a factor of ten allows."""
    share = optimize.brentq(lambda s: 81 * s * (1 - s) / (1 + 9 * s) ** 2 - min(1 / k, 1.9), 1e-4, 0.09)
    rate = np.where(rng.random(n) < share, 10.0, 1.0)
    result: FloatArray = rate / (1 + 9 * share)
    return result


RATES: dict[str, Rate] = {"gamma": gamma_rates, "lognormal": lognormal_rates, "two_point": two_point_rates}


@dataclass(frozen=True)
class Country:
    """How a family is drawn.

    Attributes:
        areas: number of areas; incidents: expected incidents of the scope; k: spread of the rates; rates: key
            of RATES.
        share: located share of the incidents; reporting: key of REPORTING; sizes: key of SIZES, or empty: one
            TPS each.
        only_number: share of the areas with a claim that get a total number of TPS without a list.
        burst: share of the areas that get `burst_size` additional incidents with a common cause.
        total_stated: official total as a multiple of the true one.
    """

    areas: int
    incidents: float
    k: float
    share: float = 1.0
    reporting: str = "complete"
    rates: str = "gamma"
    sizes: str = ""
    only_number: float = 0.0
    burst: float = 0.0
    burst_size: int = 8
    total_stated: float = 1.0


@dataclass(frozen=True)
class Draw:
    """One family; arrays of shape (n,).

    Attributes:
        low, high: located incidents; located_tps: located TPS; weight: exposure shares.
        total: official total in TPS; per_incident: mean TPS of the individually known incidents.
        rate: true rate as a multiple of the official rate (in incidents); count: all incidents, located or not.
    """

    low: FloatArray
    high: FloatArray
    located_tps: FloatArray
    weight: FloatArray
    total: float
    per_incident: float
    rate: FloatArray
    count: FloatArray


def draw(rng: np.random.Generator, country: Country) -> Draw:
    """Draw rates, incidents and their sizes, and which of them are located."""
    weight = weights(rng, country.areas)
    rate = RATES[country.rates](rng, country.areas, country.k)
    count = rng.poisson(country.incidents * weight * rate).astype(np.float64)
    if country.burst:
        count[rng.random(country.areas) < country.burst] += country.burst_size
    located = report(rng, count, rate, country.share, country.reporting)
    total, tps, per_incident = _sizes(rng, count, located, country.sizes)
    low, high = located.copy(), located.copy()
    if country.only_number:
        # The sources give one total of TPS for these areas: at least one incident, at most as many as TPS.
        undivided = (located > 0) & (rng.random(country.areas) < country.only_number)
        low[undivided], high[undivided] = 1.0, tps[undivided]
    in_all = max(count.sum(), 1.0)
    return Draw(
        low=low,
        high=high,
        located_tps=tps,
        weight=weight,
        total=total * country.total_stated,
        per_incident=per_incident,
        rate=rate * (country.incidents / in_all),
        count=count,
    )


def weights(rng: np.random.Generator, n: int) -> FloatArray:
    """Return the exposure shares of the areas: lognormal, or those of a small province."""
    exposure = SIX if n == SIX.size else rng.lognormal(0, 0.8, n)
    result: FloatArray = exposure / exposure.sum()
    return result


def report(
    rng: np.random.Generator, count: FloatArray, rate: FloatArray, share: float, how: str
) -> FloatArray:
    """Return how many of each area's incidents are located; about ``share`` of all.

    ``alike``: every incident with the same probability. ``uneven_4``, ``uneven_1``: the probability varies by
    area, beta with this sum of parameters. ``rises``: the more incidents, the better the reporting.
    ``whole_or_silent``: an area is reported in full or not at all, more often in full with more incidents.
    ``falls``: the more incidents, the smaller the reported part. ``covariate``: an unobserved variable lowers
    reporting where the rate is high.
    """
    n = count.astype(np.int64)
    if how == "complete" or not count.sum():
        return count.copy()
    if how == "alike":
        found = rng.binomial(n, share)
    elif how in ("uneven_4", "uneven_1"):
        precision = float(how.rsplit("_", 1)[1])
        found = rng.binomial(n, rng.beta(precision * share, precision * (1 - share), n.size))
    elif how in ("rises", "whole_or_silent"):
        chance = _solve(count, lambda x: 1 - special.expit(-x) ** count, share)
        whole = rng.random(n.size) < chance
        found = np.where(whole, n, 0) if how == "whole_or_silent" else rng.binomial(n, chance)
    elif how == "falls":
        chance = _solve(count, lambda x: 1 / (1 + np.exp(-x) * count), share)
        found = rng.binomial(n, chance)
    elif how == "covariate":
        order = np.argsort(np.argsort(rate)) + 0.5
        unseen = 0.9 * special.ndtri(order / rate.size) + 0.44 * rng.standard_normal(rate.size)
        chance = _solve(count, lambda x: special.expit(x - 2.5 * unseen), share)
        found = rng.binomial(n, chance)
    else:
        raise ParameterError(f"unknown way of reporting {how!r}", "how")
    return np.asarray(found, dtype=np.float64)


def _solve(count: FloatArray, chance: Callable[[float], FloatArray], share: float) -> FloatArray:
    """Return the probabilities from the parametric family that locate this share of the incidents."""
    at = optimize.brentq(lambda x: float(count @ chance(x)) / count.sum() - share, -40, 40)
    return np.clip(chance(float(at)), 0.0, 1.0)


def _sizes(
    rng: np.random.Generator, count: FloatArray, located: FloatArray, kind: str
) -> tuple[float, FloatArray, float]:
    """Return total TPS, located TPS of each area, and the mean TPS of the located incidents."""
    if not kind:
        return float(count.sum()), located.copy(), 1.0
    values, odds = SIZES[kind]
    area = np.repeat(np.arange(count.size), count.astype(np.int64))
    size = rng.choice(values, area.size, p=odds / odds.sum()).astype(np.float64)
    # The first incidents of each area are the located ones; sizes are exchangeable.
    first = np.repeat(np.cumsum(count) - count, count.astype(np.int64))
    is_located = np.arange(area.size) - first < located[area]
    tps = np.bincount(area[is_located], size[is_located], count.size).astype(np.float64)
    known = float(size[is_located].mean()) if is_located.any() else 1.0
    return float(size.sum()), tps, known
