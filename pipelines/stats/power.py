"""The resolution of a level: the smallest rate ratio that the test would probably detect."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, as_exposure, in_open_unit, positive
from pipelines.stats.errors import ParameterError
from pipelines.stats.outlier_nb import midp_upper


def detectable_rate_ratio(
    exposure: Any, base_rate: float, shape: float, *, alpha: float = 0.05, power: float = 0.8
) -> FloatArray:
    """Return the smallest rate ratio of one area that the negative-binomial mid-P test detects with the given
    power.

    Args:
        exposure: units at risk of the area, shape (n,), >= 0.
        base_rate: overall events per unit of exposure, >= 0.
        shape: NB shape k of the dispersion between areas (inf = Poisson).
        alpha: level of the test of this one area; divide by the number of areas for Bonferroni.
        power: target probability of p <= alpha.

    Returns:
        Rate ratio, shape (n,), >= 1; inf where nothing is expected. The area's own count is Poisson with mean
        ratio * exposure * base_rate: its excess is fixed, and the dispersion is that of the other areas.

    Raises:
        ExposureError, ParameterError, ShapeError: with the element that is wrong.

    Source:
        Critical count c from `nb_midp_test`; then P(Poisson(mu) >= c) = power, i.e. mu is the ``power``
        quantile of Gamma(c, 1).

    Example:
        >>> detectable_rate_ratio([10.0, 100.0], 0.1, shape=2.0).round(1).tolist()
        [5.5, 3.0]
    """
    m = as_exposure(exposure, "exposure", np.zeros(np.size(exposure)))
    if not (np.isfinite(base_rate) and base_rate >= 0):
        raise ParameterError(f"must be a finite number >= 0, got {base_rate!r}", "base_rate")
    if not np.isinf(shape):
        positive(shape, "shape")
    in_open_unit(alpha, "alpha")
    in_open_unit(power, "power")
    mean = m * base_rate
    result = np.full(m.shape, np.inf)
    known = mean > 0
    critical = _critical_count(mean[known], shape, alpha)
    result[known] = np.maximum(special.gammaincinv(critical, power) / mean[known], 1.0)
    return result


def _critical_count(mean: FloatArray, shape: float, alpha: float) -> FloatArray:
    """Return the smallest count >= 1 whose mid-P is at most alpha, by bisection (mid-P falls with the count)."""
    low, high = np.zeros_like(mean), np.ones_like(mean)
    while (over := midp_upper(high, mean, shape) > alpha).any():
        low, high = np.where(over, high, low), np.where(over, high * 2, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        found = midp_upper(middle, mean, shape) <= alpha
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return high
