"""Spatial autocorrelation of rates, standardised by empirical Bayes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from pipelines.stats.checks import BoolArray, FloatArray, as_counts, as_exposure
from pipelines.stats.errors import ParameterError
from pipelines.stats.moment_eb import marshall_eb
from pipelines.stats.spatial.neighbours import as_neighbours


@dataclass(frozen=True)
class MoranRates:
    """Moran's I of standardised rates.

    Attributes:
        statistic: I; expected: -1/(n - 1) for the areas used.
        p_value: one-sided, positive autocorrelation; p_two_sided: for either sign. (1 + b) / (1 +
        permutations). z_score: (I - mean) / standard deviation over permutations (0 when they do not vary).
        z: standardised rate of each area, shape (n,); 0 where not used.
        used: areas with population and at least one populated neighbour, shape (n,).
        permutations, seed: as requested.
    """

    statistic: float
    expected: float
    p_value: float
    p_two_sided: float
    z_score: float
    z: FloatArray
    used: BoolArray
    permutations: int
    seed: int


def moran_rates(
    cases: Any, population: Any, neighbours: Any, permutations: int = 999, seed: int = 20240214
) -> MoranRates:
    """Measure whether neighbouring areas have similar rates, allowing for unequal populations.

    Args:
        cases: events per area, shape (n,), whole numbers.
        population: units at risk, shape (n,), >= 0; zero only where no case occurred.
        neighbours: list of n lists of 0-based indices, or a sparse matrix (n, n); weights are
        row-standardised. permutations: number of random rearrangements; seed: of the random generator.

    Returns:
        `MoranRates`. Islands and areas without population are left out (their z is 0). Neutral result: with
        fewer than three usable areas, or equal rates everywhere, the statistic is 0 and p is 1.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Assunção & Reis 1999, Statistics in Medicine 18:2147, equation 8, with the variance clipped at 0 so
        that no area gets a negative one.

    Example:
        >>> ring = [[(i - 1) % 8, (i + 1) % 8] for i in range(8)]
        >>> moran_rates([9, 8, 9, 1, 0, 1, 0, 2], [100] * 8, ring, permutations=199).statistic > 0.3
        True
    """
    y = as_counts(cases, "cases")
    n = as_exposure(population, "population", y)
    if permutations < 1:
        raise ParameterError(f"must be at least 1, got {permutations}", "permutations")
    links = as_neighbours(neighbours, y.size).matrix()
    used = _usable(links, n > 0)
    overall = marshall_eb(y, n)
    variance = overall.prior_variance + overall.prior_mean / np.where(n > 0, n, 1.0)
    standard = np.sqrt(np.where(variance > 0, variance, 1.0))
    z = np.where(used, (overall.raw - overall.prior_mean) / standard, 0.0)
    inside = z[used] - z[used].mean() if used.any() else z[:0]
    count = int(used.sum())
    if count < 3 or not float(inside @ inside) > 1e-20:
        expected = -1.0 / (count - 1) if count > 1 else 0.0
        return MoranRates(0.0, expected, 1.0, 1.0, 0.0, z, used, permutations, seed)
    weights = _row_standardised(links[used][:, used])
    scale = float(inside @ inside)
    statistic = float(inside @ (weights @ inside)) / scale
    rng = np.random.default_rng(seed)
    shuffled = np.empty(permutations)
    for start in range(0, permutations, 100):
        size = min(100, permutations - start)
        mixed = rng.permuted(np.broadcast_to(inside, (size, count)), axis=1).T
        shuffled[start : start + size] = np.einsum("ij,ij->j", mixed, weights @ mixed) / scale
    above, below = int((shuffled >= statistic - 1e-12).sum()), int((shuffled <= statistic + 1e-12).sum())
    spread = float(shuffled.std())
    return MoranRates(
        statistic=statistic,
        expected=-1.0 / (count - 1),
        p_value=(1 + above) / (1 + permutations),
        p_two_sided=min(2 * (1 + min(above, below)) / (1 + permutations), 1.0),
        z_score=(statistic - float(shuffled.mean())) / spread if spread > 1e-12 else 0.0,
        z=z,
        used=used,
        permutations=permutations,
        seed=seed,
    )


def _usable(links: Any, populated: BoolArray) -> BoolArray:
    """Return the populated areas with at least one populated neighbour."""
    near = np.asarray(links @ populated.astype(np.float64)) > 0
    return populated & near


def _row_standardised(links: Any) -> Any:
    degree = np.asarray(links.sum(axis=1)).ravel()
    return sparse.diags_array(np.divide(1.0, degree, out=np.zeros_like(degree), where=degree > 0)) @ links
