"""Over-dispersion of events between areas: variance/mean, negative-binomial shape and occupancy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.stats.checks import as_counts, as_exposure
from pipelines.stats.fit_nb import fit_negative_binomial, group_cells


@dataclass(frozen=True)
class Dispersion:
    """Dispersion of counts over the areas of one level.

    Attributes:
        n_areas: areas with exposure; n_cases; exposure: totals; rate: events per unit of exposure.
        variance_ratio: Pearson's variance/mean, 1 for independent events.
        shape: NB shape k by maximum likelihood (inf = no over-dispersion).
        occupied: areas with at least one event; occupied_expected: the same if events were independent.
        loglik_gain: log-likelihood of NB minus Poisson, >= 0.
    """

    n_areas: int
    n_cases: int
    exposure: float
    rate: float
    variance_ratio: float
    shape: float
    occupied: int
    occupied_expected: float
    loglik_gain: float


def dispersion(cases: Any, exposure: Any, *, is_fitted: bool = True) -> Dispersion:
    """Measure over-dispersion of counts relative to exposure, at one level.

    Args:
        cases: events per area, shape (n,), whole numbers.
        exposure: units at risk, shape (n,), >= 0; zero only where no case occurred.
        is_fitted: whether to fit the negative binomial; otherwise shape and loglik_gain are nan.

    Returns:
        `Dispersion`. Neutral result: with no case, or fewer than two areas, variance_ratio is 1 and shape
        inf.

    Raises:
        CountError, ExposureError, ShapeError: with the element that is wrong.

    Source:
        Pearson's X2/(n - 1) as in McCullagh & Nelder 1989, section 6.2.4; NB likelihood as
        `fit_negative_binomial`.

    Example:
        >>> dispersion([9, 0, 0, 1, 0, 0], [10, 10, 10, 10, 10, 10]).occupied
        2
    """
    y = as_counts(cases, "cases")
    m = as_exposure(exposure, "exposure", y)
    known = m > 0
    y, m = y[known], m[known]
    rate = float(y.sum() / m.sum()) if y.size else 0.0
    expected = m * rate
    if y.size < 2 or rate == 0:
        ratio, shape, gain = 1.0, float("inf"), 0.0
    else:
        ratio = float(np.sum((y - expected) ** 2 / expected) / (y.size - 1))
        shape, gain = float("nan"), float("nan")
        if is_fitted:
            fit = fit_negative_binomial(group_cells(y, expected))
            shape, gain = fit.shape, fit.loglik - fit.loglik_poisson
    return Dispersion(
        n_areas=int(y.size),
        n_cases=int(y.sum()),
        exposure=float(m.sum()),
        rate=rate,
        variance_ratio=ratio,
        shape=shape,
        occupied=int(np.count_nonzero(y)),
        occupied_expected=float(np.sum(-np.expm1(-expected))),
        loglik_gain=gain,
    )
