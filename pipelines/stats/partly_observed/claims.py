"""Claims that hold for any dispersion between areas: exact p, q, and the total at which a claim would tip."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import (
    BoolArray,
    FloatArray,
    as_counts,
    as_exposure,
    as_floats,
    in_open_unit,
    positive,
    same_length,
)
from pipelines.stats.errors import ParameterError

TWICE = 2.0
LEVEL = 0.05
POWER = 0.8


def excess_p(low: Any, expected: Any, times: float = TWICE) -> FloatArray:
    """Exact p of "the rate is at most ``times`` the official rate": P(Poisson(times E) >= low).

    Missing incidents and silence can only raise it, so it is valid for any reporting pattern and any dispersion
    between areas, provided that incidents of an area are independent given its rate and that the total is not
    too low.

    Args:
        low: lower bound of the located incidents, shape (n,); expected: incidents at the official rate, shape
            (n,), >= 0.

    Returns:
        p, shape (n,); 1 where nothing is located.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Example:
        >>> f"{excess_p([11], [1.03])[0]:.6e}"
        '1.089391e-05'
    """
    least = as_counts(low, "low")
    mean = positive(times, "times") * as_exposure(expected, "expected", least)
    return np.where(least > 0, special.gammainc(np.maximum(least, 1.0), mean), 1.0)


def smallest_ratio(
    expected: Any, share: float, alpha: float, times: float = TWICE, power: float = POWER
) -> tuple[FloatArray, FloatArray]:
    """Return the smallest relative rate that the claim detects with this power, and the count it needs.

    Args:
        expected: incidents at the official rate, shape (n,), > 0.
        share: located share; alpha: level of one area, e.g. 0.05 max(supported, 1) / n.

    Returns:
        (ratio, count), each shape (n,): count is the smallest y with P(Poisson(times E) >= y) <= alpha, ratio
        the rate at which y located incidents are reached with probability ``power``.

    Raises:
        CountError, ParameterError: with the element that is wrong.

    Example:
        >>> ratio, count = smallest_ratio([1.0], 0.62, 0.05 / 514)
        >>> float(ratio.round(1)[0]), float(count[0])
        (20.2, 10.0)
    """
    at = as_floats(expected, "expected")
    if (bad := ~(np.isfinite(at) & (at > 0))).any():
        raise ParameterError("must be a finite number above zero", f"expected[{int(np.argmax(bad))}]")
    in_open_unit(alpha, "alpha")
    in_open_unit(power, "power")
    mean = positive(times, "times") * at
    few, enough = np.zeros(at.size), np.ones(at.size)
    while (over := special.gammainc(enough, mean) > alpha).any():
        few, enough = np.where(over, enough, few), np.where(over, enough * 2, enough)
    while (enough - few > 1).any():
        middle = np.floor((few + enough) / 2)
        found = special.gammainc(np.maximum(middle, 1.0), mean) <= alpha
        few, enough = (
            np.where(found | (middle < 1), few, middle),
            np.where(found & (middle >= 1), middle, enough),
        )
        few = np.where(middle < 1, enough - 1, few)
    return special.gammaincinv(enough, power) / (at * positive(share, "share")), enough


def tipping_total(
    low: Any,
    weight: Any,
    n_supported: int,
    tps_per_incident: float,
    times: float = TWICE,
    level: float = LEVEL,
) -> FloatArray:
    """Return the largest official total (TPS) at which each area would still be supported.

    Args:
        low: lower bound of the located incidents, shape (n,); weight: exposure shares of all areas of the
            family, shape (n,).
        n_supported: number of areas supported in the family (counted as at least 1); tps_per_incident: mean TPS
            per incident.

    Returns:
        TPS, shape (n,); 0 where nothing is located.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.
    """
    least = as_counts(low, "low")
    share = as_exposure(weight, "weight", least)
    in_open_unit(level, "level")
    alpha = level * max(n_supported, 1) / least.size
    mean = np.where(least > 0, special.gammaincinv(np.maximum(least, 1.0), alpha), 0.0)
    scale = positive(tps_per_incident, "tps_per_incident") / positive(times, "times")
    return np.divide(scale * mean, share, out=np.zeros(least.size), where=share > 0)


def reached_within(q_low: Any, q_high: Any, level: float = LEVEL) -> BoolArray:
    """Return the areas that would be supported only if every TPS of an
    undivided number were an incident, mask (n,)."""
    lower, upper = as_floats(q_low, "q_low"), as_floats(q_high, "q_high")
    same_length(lower.size, upper.size, "q_high")
    return (lower > level) & (upper <= level)
