"""Do the same areas stand out again at all? A permutation test of persistence over a whole level."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pipelines.stats.checks import FloatArray, IntArray
from pipelines.stats.errors import ParameterError
from pipelines.stats.persistence.credibility import Residuals, residuals, variance_components


@dataclass(frozen=True)
class PersistenceTest:
    """Result of the permutation test.

    Attributes:
        p_value: one-sided, (1 + permutations at or above) / (1 + permutations); 1 if no test is possible.
        statistic: standardised weighted sum of cross-election products of residuals.
        elections: elections with any expected case; permutations, seed: as requested.
    """

    p_value: float
    statistic: float
    elections: int
    permutations: int
    seed: int


def persistence_permutation_test(
    cases: Any, expected: Any, *, permutations: int = 999, strata: int = 5, seed: int = 20240214
) -> PersistenceTest:
    """Test whether the same areas stand out in several elections.

    Areas are permuted independently within each election, among areas of similar expected count. This preserves
    each election's over-dispersion but breaks any link between elections.

    Args:
        cases: events, shape (n, T), whole numbers; nan = no data.
        expected: expected events, shape (n, T), >= 0.
        permutations: number of permutations; strata: groups of similar mean expected count.
        seed: random seed.

    Returns:
        `PersistenceTest`. Neutral result: with fewer than two elections, or no area in common, p is 1.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Statistic: numerator of the Bühlmann-Straub tau squared under transient variance only, divided by its
        standard deviation so that permuted sizes do not matter; p as in Davison & Hinkley 1997, eq. 4.11.

    Example:
        >>> cases = [[8, 9], [0, 0], [0, 1], [0, 0], [1, 0], [0, 1], [1, 0], [0, 0]]
        >>> persistence_permutation_test(cases, [[1.25, 1.4]] * 8, strata=1).p_value < 0.2
        True
    """
    data = residuals(cases, expected)
    if permutations < 1:
        raise ParameterError(f"must be at least 1, got {permutations}", "permutations")
    if strata < 1:
        raise ParameterError(f"must be at least 1, got {strata}", "strata")
    _, omega = variance_components(data, persistent=False)
    inverse = np.where(data.known, 1 / (data.noise + omega + (~data.known)), 0.0)
    columns = np.flatnonzero(data.known.any(axis=0))
    rows = data.known.any(axis=1)
    product, inverse = (data.r * inverse)[rows][:, columns], inverse[rows][:, columns]
    statistic = _standardised(product, inverse)
    if columns.size < 2 or statistic is None:
        return PersistenceTest(1.0, 0.0, int(columns.size), permutations, seed)
    rng = np.random.default_rng(seed)
    places = [_Places.of(data, rows, int(column), strata) for column in columns]
    reached = 0
    for _ in range(permutations):
        mixed_product, mixed_inverse = product.copy(), inverse.copy()
        for column, place in enumerate(places):
            source = place.shuffled(rng)
            mixed_product[place.rows, column] = product[source, column]
            mixed_inverse[place.rows, column] = inverse[source, column]
        mixed = _standardised(mixed_product, mixed_inverse)
        # the tolerance counts permutations that change nothing as reaching the statistic
        reached += mixed is not None and mixed >= statistic - 1e-9 * abs(statistic)
    p_value = (1 + reached) / (1 + permutations)
    return PersistenceTest(p_value, statistic, int(columns.size), permutations, seed)


@dataclass(frozen=True)
class _Places:
    """Areas with data in one election, sorted by expected count; ``cuts`` bounds the strata."""

    rows: IntArray
    cuts: IntArray

    @classmethod
    def of(cls, data: Residuals, rows: Any, column: int, strata: int) -> _Places:
        known = np.flatnonzero(data.known[rows][:, column])
        noise = data.noise[rows][:, column][known]
        order = np.argsort(noise, kind="stable")
        cuts = np.arange(strata + 1) * known.size // strata
        return cls(known[order].astype(np.int64), cuts.astype(np.int64))

    def shuffled(self, rng: np.random.Generator) -> IntArray:
        parts = [rng.permutation(self.rows[a:b]) for a, b in pairwise(self.cuts)]
        return np.concatenate(parts)


def _standardised(product: FloatArray, inverse: FloatArray) -> float | None:
    top = (product.sum(axis=1) ** 2 - (product**2).sum(axis=1)).sum() / 2
    bottom = (inverse.sum(axis=1) ** 2 - (inverse**2).sum(axis=1)).sum() / 2
    return float(top / np.sqrt(bottom)) if bottom > 1e-12 else None
