"""Persistent and transient variance of relative risks over elections, at one level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.stats.checks import BoolArray, FloatArray, IntArray
from pipelines.stats.errors import CountError, ExposureError, ShapeError

ITERATIONS = 6


@dataclass(frozen=True)
class Credibility:
    """Bühlmann-Straub fit of one level; n areas, T elections.

    Attributes:
        theta: persistent relative risk, shape (n,), 1 = same as its parent; variance: its posterior variance.
        credibility: Z of each area, 0-1, shape (n,).
        smoothed: relative risk of the area in each election (persistent + transient), shape (n, T); 1 where
            the area has no data.
        elections: number of elections with data and a positive expected count, shape (n,).
        persistent_variance: tau squared; transient_variance: omega per election, shape (T,).
    """

    theta: FloatArray
    variance: FloatArray
    credibility: FloatArray
    smoothed: FloatArray
    elections: IntArray
    persistent_variance: float
    transient_variance: FloatArray


@dataclass(frozen=True)
class Residuals:
    """r = y / E - 1 with its sampling variance 1 / E; both 0 where ``known`` is False. Shape (n, T)."""

    r: FloatArray
    noise: FloatArray
    known: BoolArray


def fit_credibility(cases: Any, expected: Any) -> Credibility:
    """Estimate variance components by moments and shrink each area towards its parent.

    Args:
        cases: events, shape (n, T), whole numbers; nan = no data (not zero).
        expected: expected events given the parent, shape (n, T), >= 0; nan only where cases is nan.

    Returns:
        `Credibility`. Neutral results: with fewer than two elections, or no persistent variance, theta is 1
        and credibility 0; an election with nothing expected carries no information.

    Raises:
        CountError, ExposureError, ShapeError: with the element that is wrong, e.g. ``cases[3, 0]``.

    Source:
        Bühlmann & Straub 1970, Bulletin of the Swiss Association of Actuaries 70:111; Jewell 1975
        (hierarchy).

    Example:
        >>> fit = fit_credibility([[9, 8], [0, 1], [1, 0]], [[3, 3], [3, 3], [4, 3]])
        >>> bool(fit.theta[0] > 1 > fit.theta[1])
        True
    """
    data = residuals(cases, expected)
    tau, omega = variance_components(data)
    weight = np.where(data.known, 1 / (data.noise + omega + (~data.known)), 0.0)
    # Without noise or transient variance, a weight could only be infinite with nothing expected, which is
    # excluded above.
    total = weight.sum(axis=1)
    mean = np.divide((weight * data.r).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    z = tau * total / (1 + tau * total)
    persistent = z * mean
    transient = omega * weight * (data.r - persistent[:, None])
    return Credibility(
        theta=1 + persistent,
        variance=tau * (1 - z),
        credibility=z,
        smoothed=np.maximum(1 + persistent[:, None] + transient, 0.0),
        elections=data.known.sum(axis=1).astype(np.int64),
        persistent_variance=tau,
        transient_variance=omega,
    )


def variance_components(data: Residuals, *, persistent: bool = True) -> tuple[float, FloatArray]:
    """Return the moment estimates (tau squared, omega per election), iterated and clipped at 0.

    With ``persistent=False`` tau squared is fixed at 0 (the null of the permutation test).
    """
    tau, omega = 0.0, np.zeros(data.r.shape[1])
    for _ in range(ITERATIONS):
        inverse = np.where(data.known, 1 / (data.noise + omega + tau + (~data.known)), 0.0)
        if persistent:
            tau = max(_ratio(_pairs(data.r * inverse), _pairs(inverse)), 0.0)
        squares = np.where(data.known, data.r**2 - data.noise - tau, 0.0)
        top, bottom = (squares * inverse**2).sum(axis=0), (inverse**2).sum(axis=0)
        omega = np.maximum(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0), 0.0)
    return tau, omega


def residuals(cases: Any, expected: Any) -> Residuals:
    """Check the matrices and compute the residuals."""
    y, e = _matrix(cases, "cases"), _matrix(expected, "expected")
    if y.shape != e.shape:
        raise ShapeError(f"has shape {e.shape}, expected {y.shape}", "expected")
    seen = ~np.isnan(y)
    for bad, error, name, why in (
        (
            seen & ~(np.isfinite(y) & (y >= 0) & (y == np.floor(y))),
            CountError,
            "cases",
            "is not a whole number",
        ),
        (seen & ~(np.isfinite(e) & (e >= 0)), ExposureError, "expected", "is not a finite number >= 0"),
        (seen & (e == 0) & (y > 0), ExposureError, "expected", "is zero although cases occurred there"),
    ):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise error(why, f"{name}[{row}, {column}]")
    known = seen & (e > 0)
    safe = np.where(known, e, 1.0)
    return Residuals(r=np.where(known, y / safe - 1, 0.0), noise=np.where(known, 1 / safe, 0.0), known=known)


def _pairs(values: FloatArray) -> float:
    """Return the sum over areas and pairs s < t of values_s * values_t."""
    return float((values.sum(axis=1) ** 2 - (values**2).sum(axis=1)).sum() / 2)


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else 0.0


def _matrix(values: Any, name: str) -> FloatArray:
    try:
        result = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"expected numbers in rows of equal length ({error})", name) from error
    if result.ndim != 2 or result.size == 0:
        raise ShapeError(
            f"expected shape (n, T) with at least one area and election, got {result.shape}", name
        )
    return result
