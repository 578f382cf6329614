"""Intervals of the relative rate whose two ends rest on two
assumptions, and the probability of exceeding twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, IntArray, in_open_unit, positive
from pipelines.stats.partly_observed.mixture import GammaMixture
from pipelines.stats.partly_observed.observed import Observed
from pipelines.stats.partly_observed.posterior import MANY_AREAS, FamilyPosterior, cut_of, nb_log_pmf

# pi ~ Beta(PHI sigma, PHI (1 - sigma)), integrated over these steps.
PHI = 2.0
EDGES = np.array([0, 0.002, 0.02, 0.06, 0.14, 0.25, 0.4, 0.55, 0.7, 0.83, 0.93, 0.985, 1.0])
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
# From this located share on, pi is set to 1.
WHOLE = 0.995
DROP_MANY, DROP_FEW = 1e-5, 1e-12


@dataclass(frozen=True)
class Estimates:
    """Relative rates of the areas of a family, arrays of shape (n,), multiples of the scope's official rate.

    Attributes:
        low: lower limit, assuming that everything not located happened elsewhere.
        median: from the middle of the bounds, integrated over the located share; nan for silent areas.
        high: upper limit from the upper bound, integrated over the located share; never above what the
            unlocated remainder allows.
        p_least: P(rate > threshold) under the assumption of the lower limit.
    """

    low: FloatArray
    median: FloatArray
    high: FloatArray
    p_least: FloatArray


def estimate(
    seen: Observed, fitted: FamilyPosterior, *, level: float = 0.95, threshold: float = 2.0
) -> Estimates:
    """Estimate every area of a family.

    Args:
        seen: the data. fitted: posterior of (k, g) of the same family.
        level: probability inside the interval; threshold: multiple of the official rate for ``p_least``.

    Returns:
        `Estimates`. A silent area has no median; its p_least uses the lower assumption (no incident, fully
        reported).

    Example:
        >>> from pipelines.stats.partly_observed.observed import observe
        >>> from pipelines.stats.partly_observed.posterior import fit_family
        >>> seen = observe([5, 1, 0, 2], [5, 1, 0, 2], [1, 1, 1, 1], total=8, complete=True)
        >>> estimate(seen, fit_family(seen)).median.round(3).tolist()
        [1.807, 0.565, 0.219, 0.876]
    """
    tail = (1 - in_open_unit(level, "level")) / 2
    positive(threshold, "threshold")
    key = np.column_stack([seen.low, seen.high, seen.expected, seen.complete])
    _, first, place = np.unique(key, axis=0, return_index=True, return_inverse=True)
    place = np.ravel(place)
    lowest = mixture(seen, fitted, first, seen.low, full=True)
    low = lowest.quantile(tail)
    p_least = lowest.survival(threshold)
    high, median = np.empty(first.size), np.full(first.size, np.nan)
    silent = seen.silent[first]
    if (~silent).any():
        claimed = first[~silent]
        high[~silent] = mixture(seen, fitted, claimed, seen.high).quantile(1 - tail)
        median[~silent] = mixture(seen, fitted, claimed, seen.middle).quantile(0.5)
    if silent.any():
        high[silent] = prior_mixture(seen, fitted).quantile(1 - tail)[0]
    with np.errstate(divide="ignore"):
        ceiling = special.gammaincinv(seen.low[first] + seen.remaining + 1, 1 - tail) / seen.expected[first]
    capped = np.minimum(high, np.maximum(ceiling, low))
    high = np.where(seen.complete[first], high, capped)
    # Where the unlocated remainder limits the upper end, it limits the median as well.
    median = np.minimum(median, high)
    return Estimates(low[place], median[place], high[place], p_least[place])


def mixture(
    seen: Observed, fitted: FamilyPosterior, areas: IntArray, count: FloatArray, *, full: bool = False
) -> GammaMixture:
    """Return the posterior of the rates of these areas given ``count`` (of all areas): r | k, g, pi is a gamma.

    ``full`` sets pi to 1 for all; otherwise pi of incomplete areas is integrated out.
    """
    shape, mean, weight = fitted.components(cut_of(seen.low.size))
    n, expected, complete = count[areas], seen.expected[areas], seen.complete[areas]
    nodes = [(1.0, 1.0)]
    if not full and not seen.all_complete and seen.share < WHOLE:
        steps = np.diff(special.betainc(PHI * seen.share, PHI * (1 - seen.share), EDGES))
        nodes = [(pi, p) for pi, p in zip(MIDDLES, steps / steps.sum(), strict=True) if p > 1e-6]
    logs, rates = [], []
    for pi, p in nodes:
        reached = expected * np.where(complete, 1.0, pi)
        logs.append(nb_log_pmf(n, mean[:, None] * reached, shape[:, None]) + np.log(p))
        rates.append((shape / mean)[:, None] + reached)
    likelihood = np.array(logs)
    # Within a grid cell the nodes of pi are weighted by likelihood; the cells keep their posterior weight.
    inner = np.exp(likelihood - special.logsumexp(likelihood, axis=0, keepdims=True)) * weight[:, None]
    flat = (-1, areas.size)
    shapes = np.broadcast_to(shape[:, None] + n, (len(nodes), shape.size, areas.size))
    return GammaMixture.of(
        inner.reshape(flat), shapes.reshape(flat), np.array(rates).reshape(flat), _drop(seen)
    )


def prior_mixture(seen: Observed, fitted: FamilyPosterior) -> GammaMixture:
    """Return the distribution of the rate of an area without any information, as one cell."""
    shape, mean, weight = fitted.components(cut_of(seen.low.size))
    return GammaMixture.of(weight[:, None], shape[:, None], (shape / mean)[:, None], _drop(seen))


def _drop(seen: Observed) -> float:
    return DROP_MANY if seen.low.size > MANY_AREAS else DROP_FEW
