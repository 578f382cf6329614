"""Moment-based empirical Bayes of rates, global and local."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, as_counts, as_exposure, in_open_unit
from pipelines.stats.empirical_bayes import gamma_posterior
from pipelines.stats.errors import CountError, ParameterError
from pipelines.stats.spatial.neighbours import as_neighbours


@dataclass(frozen=True)
class MarshallEB:
    """Shrunken rates, events per unit of population.

    Attributes:
        estimate, raw: shape (n,); low, high: interval of the gamma posterior with the moment prior.
        exceedance: posterior probability that the rate is above twice the prior mean.
        prior_mean, prior_variance: of the rates; a number (global) or shape (n,) (local). Variance is >= 0.
        prior_shape, prior_rate: of the gamma with these moments (inf where the variance is 0).
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    exceedance: FloatArray
    raw: FloatArray
    prior_mean: Any
    prior_variance: Any
    prior_shape: Any
    prior_rate: Any

    @property
    def a(self) -> Any:
        """The prior variance, as Marshall 1991 names it."""
        return self.prior_variance

    @property
    def b(self) -> Any:
        """The prior mean, as Marshall 1991 names it."""
        return self.prior_mean


def marshall_eb(
    cases: Any,
    population: Any,
    *,
    family: Literal["poisson", "binomial"] = "poisson",
    level: float = 0.95,
) -> MarshallEB:
    """Shrink rates towards the overall rate by the method of moments.

    Args:
        cases: events per area, shape (n,), whole numbers.
        population: units at risk, shape (n,), >= 0; zero only where no case occurred.
        family: ``"poisson"`` (Marshall) or ``"binomial"`` (Martuzzi & Elliott; cases at most population).
        level: probability inside ``low``-``high``.

    Returns:
        `MarshallEB` with scalar prior moments. For the binomial family the interval is that of a beta, and
        ``prior_shape``, ``prior_rate`` are the two parameters of the beta prior with these moments.
        Neutral results: a negative variance estimate is 0 and each area gets the overall rate, as does an
        area without population (raw 0).

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Marshall 1991, Applied Statistics 40:283, equations 5-9; Martuzzi & Elliott 1996, Statistics in
        Medicine 15:1867 (binomial).

    Example:
        >>> result = marshall_eb([8, 2, 5, 30], [2268, 405, 3240, 3294])
        >>> bool(result.prior_mean < result.estimate[3] < result.raw[3])
        True
    """
    y, n, tail = _checked(cases, population, level)
    if family not in ("poisson", "binomial"):
        raise ParameterError(f"must be 'poisson' or 'binomial', got {family!r}", "family")
    mean = float(y.sum() / n.sum()) if n.sum() > 0 else 0.0
    occupied = n > 0
    raw = np.divide(y, n, out=np.zeros_like(y), where=occupied)
    spread = float(n @ (raw - mean) ** 2 / n.sum()) if n.sum() > 0 else 0.0
    average = float(n[occupied].mean()) if occupied.any() else 1.0
    if family == "binomial":
        if (over := y > n).any():
            at = int(np.argmax(over))
            raise CountError(f"{y[at]:g} cases in a population of {n[at]:g}", f"cases[{at}]")
        return _binomial(y, n, raw, mean, spread, average, tail)
    return _poisson(y, n, raw, mean, max(spread - mean / average, 0.0), tail)


def marshall_eb_local(
    cases: Any,
    population: Any,
    neighbours: Any,
    *,
    centre: Literal["each", "own"] = "each",
    level: float = 0.95,
) -> MarshallEB:
    """Shrink rates towards the rate of the area and its neighbours by the method of moments.

    Args:
        cases, population: as in `marshall_eb`.
        neighbours: list of n lists of 0-based indices, or a sparse matrix (n, n); the area itself is always
            added.
        centre: the local mean for the squared deviations: ``"each"`` neighbour's own (Marshall,
            spdep's default) or the ``"own"`` of the area being estimated (GeoDa).
        level: probability inside ``low``-``high``.

    Returns:
        `MarshallEB` with prior moments of shape (n,). Neutral results: a negative local variance is 0 (the
        area gets the local mean); islands, and neighbourhoods without population, take the prior of the
        whole map.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Marshall 1991, Applied Statistics 40:283, section 4.

    Example:
        >>> ring = [[1, 3], [0, 2], [1, 3], [2, 0]]
        >>> marshall_eb_local([8, 2, 5, 30], [2268, 405, 3240, 3294], ring).estimate.shape
        (4,)
    """
    y, n, tail = _checked(cases, population, level)
    if centre not in ("each", "own"):
        raise ParameterError(f"must be 'each' or 'own', got {centre!r}", "centre")
    links = as_neighbours(neighbours, y.size)
    whole = marshall_eb(y, n)
    raw = whole.raw
    people = n + links.total(n)
    events = y + links.total(y)
    members = (n > 0) + links.total((n > 0).astype(np.float64))
    alone = (links.count == 0) | (people == 0)
    people, members = np.where(alone, 1.0, people), np.where(alone, 1.0, members)
    mean = np.where(alone, whole.prior_mean, events / people)
    if centre == "each":
        squares = n * (raw - mean) ** 2
        spread = squares + links.total(squares)
    else:
        # sum of n_j (x_j - m_i)^2 over the neighbourhood, expanded so that it stays a sparse product
        first, second = n * raw, n * raw**2
        spread = (second + links.total(second)) - 2 * mean * (first + links.total(first)) + mean**2 * people
    variance = np.maximum(spread / people - mean / (people / members), 0.0)
    variance = np.where(alone, whole.prior_variance, variance)
    return _poisson(y, n, raw, mean, variance, tail)


def _checked(cases: Any, population: Any, level: float) -> tuple[FloatArray, FloatArray, float]:
    y = as_counts(cases, "cases")
    return y, as_exposure(population, "population", y), (1 - in_open_unit(level, "level")) / 2


def _poisson(
    y: FloatArray, n: FloatArray, raw: FloatArray, mean: Any, variance: Any, tail: float
) -> MarshallEB:
    """Gamma prior with the given moments; its posterior mean is Marshall's estimate."""
    m, v = np.broadcast_to(mean, y.shape), np.broadcast_to(variance, y.shape)
    spread = (v > 0) & (m > 0)
    shape = np.divide(m**2, v, out=np.full(y.shape, np.inf), where=spread)
    rate = np.divide(m, v, out=np.full(y.shape, np.inf), where=spread)
    columns = {name: np.array(m) for name in ("estimate", "low", "high")} | {"exceedance": np.zeros(y.size)}
    if spread.any():
        part = gamma_posterior((shape + y)[spread], (rate + n)[spread], tail, 2.0 * m[spread])
        for name, values in columns.items():
            values[spread] = part[name]
    scalar = np.ndim(mean) == 0
    return MarshallEB(
        **columns,
        raw=raw,
        prior_mean=mean,
        prior_variance=variance,
        prior_shape=float(shape[0]) if scalar else shape,
        prior_rate=float(rate[0]) if scalar else rate,
    )


def _binomial(
    y: FloatArray,
    n: FloatArray,
    raw: FloatArray,
    mean: float,
    spread: float,
    average: float,
    tail: float,
) -> MarshallEB:
    """Weight each raw rate by the share of its variance that lies between areas; beta interval."""
    noise = mean * (1 - mean)
    between = max(spread - noise / average, 0.0)
    if between == 0.0 or noise <= between * (1 + 1e-9):
        return _poisson(y, n, raw, mean, 0.0, tail)
    top = n * between
    bottom = top - spread + noise
    weight = np.clip(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0), 0.0, 1.0)
    estimate = weight * raw + (1 - weight) * mean
    precision = noise / between - 1
    # quantiles of a beta with a parameter of (almost) zero are undefined; its mass lies at 0 or 1
    alpha = np.maximum(mean * precision + y, 1e-9)
    beta = np.maximum((1 - mean) * precision + n - y, 1e-9)
    return MarshallEB(
        estimate=estimate,
        low=special.betaincinv(alpha, beta, tail),
        high=special.betaincinv(alpha, beta, 1 - tail),
        exceedance=special.betaincc(alpha, beta, min(2 * mean, 1.0)),
        raw=raw,
        prior_mean=mean,
        prior_variance=between,
        prior_shape=mean * precision,
        prior_rate=(1 - mean) * precision,
    )
