"""Raw rates with an exact interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pipelines.stats.checks import FloatArray, as_counts, as_exposure, in_open_unit, positive
from pipelines.stats.errors import ParameterError


def poisson_midp_interval(count: Any, exposure: Any, conf: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Exact mid-P interval of a Poisson rate, per unit of exposure.

    The limits solve P(Y > y) + P(Y = y)/2 = alpha/2 and = 1 - alpha/2 in the mean of Y.

    Args:
        count: events, shape (n,), whole numbers.
        exposure: units at risk (e.g. TPS), shape (n,), > 0.
        conf: confidence level, 0-1.

    Returns:
        ``(low, high)``, each shape (n,), float64, events per unit of exposure; ``low`` is 0 where count is 0.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Cohen & Yang 1994, Statistics in Medicine 13:2241 (mid-P confidence limits for the Poisson mean).

    Example:
        >>> low, high = poisson_midp_interval([0, 3], [1.0, 1.0])
        >>> [round(float(v), 3) for v in (high[0], low[1], high[1])]
        [2.996, 0.763, 8.164]
    """
    y = as_counts(count, "count")
    m = as_exposure(exposure, "exposure", y, allow_zero=False)
    alpha = 1.0 - in_open_unit(conf, "conf")
    # Counts repeat (most areas have 0, 1 or 2 events), so each distinct count is solved once.
    distinct, place = np.unique(y, return_inverse=True)
    low = np.where(distinct > 0, _solve(distinct, alpha / 2), 0.0)
    high = _solve(distinct, 1 - alpha / 2)
    return low[place] / m, high[place] / m


def rate_table(frame: pd.DataFrame, count: str, exposure: str, per: float = 1000.0) -> pd.DataFrame:
    """Add ``rate``, ``rate_low`` and ``rate_high`` (95 % mid-P) to a copy of the frame.

    Args:
        frame: one row per area.
        count: name of the column of events.
        exposure: name of the column of units at risk.
        per: the unit of the rate, e.g. 1000 for "per 1,000 TPS".

    Returns:
        A new frame with three more float64 columns, events per ``per`` units; NA where count or exposure is NA
        or the exposure is zero.

    Raises:
        ParameterError: a column does not exist, or ``per`` is not above zero.
        CountError, ExposureError: negative or fractional count, negative exposure, events without exposure.

    Source:
        As `poisson_midp_interval`.

    Example:
        >>> table = rate_table(pd.DataFrame({"n": [4, 1], "tps": [3129, None]}), "n", "tps")
        >>> table["rate"].round(3).tolist()
        [1.278, nan]
    """
    for name in (count, exposure):
        if name not in frame.columns:
            raise ParameterError(f"no such column; the frame has {list(frame.columns)}", name)
    positive(per, "per")
    result = frame.copy()
    columns = {name: np.full(len(frame), np.nan) for name in ("rate", "rate_low", "rate_high")}
    if len(frame):
        y = as_counts(frame[count], count, allow_missing=True)
        m = as_exposure(frame[exposure], exposure, y, allow_missing=True)
        known = ~np.isnan(y) & ~np.isnan(m) & (m > 0)
        if known.any():
            low, high = poisson_midp_interval(y[known], m[known])
            columns["rate"][known] = y[known] / m[known] * per
            columns["rate_low"][known] = low * per
            columns["rate_high"][known] = high * per
    return result.assign(**columns)


def _solve(y: FloatArray, target: float) -> FloatArray:
    """Return the mean at which P(Y > y) + P(Y = y)/2 equals ``target``; Newton within Garwood's limits."""
    low = np.where(y > 0, special.gammaincinv(np.maximum(y, 0.5), target), 0.0)
    high = special.gammaincinv(y + 1, target)
    mean: FloatArray = (low + high) / 2
    for _ in range(60):
        log_at = special.xlogy(y, mean) - mean - special.gammaln(y + 1)
        at = np.exp(log_at)
        tail = special.gammainc(y + 1, mean) + at / 2
        high = np.where(tail > target, mean, high)
        low = np.where(tail > target, low, mean)
        before = np.exp(special.xlogy(y - 1, mean) - mean - special.gammaln(np.maximum(y, 1))) * (y > 0)
        slope = (at + before) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            step = mean - (tail - target) / slope
        inside = (step > low) & (step < high)
        new: FloatArray = np.where(inside, step, (low + high) / 2)
        if np.all(np.abs(new - mean) <= 1e-13 * np.maximum(new, 1e-300)):
            return new
        mean = new
    return mean
