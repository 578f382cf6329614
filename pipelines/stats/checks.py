"""Shared input checks; errors name the invalid element, e.g. ``population[3]``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.stats.errors import CountError, ExposureError, ParameterError, ShapeError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def as_floats(values: Any, name: str) -> FloatArray:
    """Convert a list, array or Series to float64 of shape (n,); missing values of any kind become nan."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ShapeError("expected a one-dimensional array", name)
    result: FloatArray
    try:
        if not isinstance(values, np.ndarray) or values.dtype == object:
            values = pd.Series(values if hasattr(values, "__len__") else list(values))
        if getattr(values.dtype, "kind", "O") == "c":
            raise TypeError("complex")
        if isinstance(values, pd.Series):
            result = values.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            result = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise CountError(f"not numeric ({error})", name) from error
    if result.ndim != 1:
        raise ShapeError(f"expected a one-dimensional array, got shape {result.shape}", name)
    if result.size == 0:
        raise ShapeError("is empty", name)
    return result


def as_counts(values: Any, name: str, *, allow_missing: bool = False) -> FloatArray:
    """Check counts (non-negative whole numbers); shape (n,), float64 (nan only if ``allow_missing``)."""
    counts = as_floats(values, name)
    missing = np.isnan(counts)
    if missing.any() and not allow_missing:
        raise CountError("is missing (NA is not zero)", _at(name, missing))
    known = np.where(missing, 0.0, counts)
    for bad, why in (
        (~np.isfinite(known), "is not finite"),
        (known < 0, "is negative"),
        (known != np.floor(known), "is not a whole number"),
    ):
        if bad.any():
            raise CountError(f"{counts[np.argmax(bad)]:g} {why}", _at(name, bad))
    return counts


def as_exposure(
    values: Any, name: str, counts: FloatArray, *, allow_missing: bool = False, allow_zero: bool = True
) -> FloatArray:
    """Check a non-negative exposure of the same length as ``counts``; zero only where no case occurred."""
    try:
        exposure = as_floats(values, name)
    except CountError as error:
        raise ExposureError("not numeric", name) from error
    same_length(counts.size, exposure.size, name)
    missing = np.isnan(exposure)
    if missing.any() and not allow_missing:
        raise ExposureError("is missing", _at(name, missing))
    known = np.where(missing, 1.0, exposure)
    if (bad := ~np.isfinite(known)).any():
        raise ExposureError("is not finite", _at(name, bad))
    if (bad := known < 0).any():
        raise ExposureError(f"{exposure[np.argmax(bad)]:g} is negative", _at(name, bad))
    zero = known == 0
    if (bad := zero & (np.nan_to_num(counts) > 0)).any():
        raise ExposureError("is zero although cases occurred there", _at(name, bad))
    if zero.any() and not allow_zero:
        raise ExposureError("is zero", _at(name, zero))
    return exposure


def same_length(expected: int, actual: int, name: str) -> None:
    """Raise ShapeError unless both lengths agree."""
    if expected != actual:
        raise ShapeError(f"has {actual} elements, expected {expected}", name)


def in_open_unit(value: float, name: str) -> float:
    """Check a probability strictly between 0 and 1."""
    if not 0.0 < float(value) < 1.0:
        raise ParameterError(f"must lie strictly between 0 and 1, got {value!r}", name)
    return float(value)


def positive(value: float, name: str) -> float:
    """Check a finite number above zero."""
    if not (np.isfinite(value) and value > 0):
        raise ParameterError(f"must be a finite number above zero, got {value!r}", name)
    return float(value)


def _at(name: str, bad: BoolArray) -> str:
    return f"{name}[{int(np.argmax(bad))}]"
