"""The data of one family: the located incidents of each area, their share, and what the scope's total implies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.stats.checks import BoolArray, FloatArray, as_counts, as_exposure, positive, same_length
from pipelines.stats.errors import CountError, ExposureError

# Floor of the located share, to avoid division by zero in a scope with a total and no claim.
SMALLEST_SHARE = 1e-3


@dataclass(frozen=True)
class Observed:
    """Located incidents of the areas of one scope; arrays of shape (n,), counts in incidents, float64.

    Attributes:
        low, high: bounds of the located incidents; middle: their geometric mean.
        weight: share of the scope's exposure, adds up to 1.
        total: the scope's total in incidents; official: False if it is merely the located part.
        expected: incidents at the scope's rate, weight * total.
        complete: the area is fully known. silent: neither complete nor with any claim.
        share: located share of the incidents in incomplete areas, 0-1.
        remaining: unlocated incidents of the total.
    """

    low: FloatArray
    high: FloatArray
    middle: FloatArray
    weight: FloatArray
    total: float
    official: bool
    expected: FloatArray
    complete: BoolArray
    silent: BoolArray
    share: float
    remaining: float

    @property
    def all_complete(self) -> bool:
        """Whether every area is fully known."""
        return bool(self.complete.all())

    @property
    def reach(self) -> FloatArray:
        """Expected located share of an area's incidents, shape (n,): 1 where complete."""
        return np.where(self.complete, 1.0, self.share)


def observe(
    low: Any, high: Any, exposure: Any, *, total: float | None = None, complete: Any = False
) -> Observed:
    """Check the counts of one family and derive what every later step needs.

    Args:
        low: lower bound of the located incidents, shape (n,), whole numbers >= 0.
        high: upper bound of the located incidents, shape (n,), whole numbers >= low.
        exposure: units at risk, shape (n,), > 0.
        total: the scope's official total in incidents (official TPS / mean TPS per incident); None = unknown;
            the located incidents then replace it. A total below the number located is raised to it.
        complete: which areas are fully known; one value or shape (n,).

    Returns:
        `Observed`.

    Raises:
        ShapeError, CountError, ExposureError, ParameterError: with the element that is wrong.

    Example:
        >>> seen = observe([5, 1, 0, 2], [5, 4, 0, 2], [1, 1, 2, 1], total=20)
        >>> seen.share, seen.silent.tolist(), seen.remaining
        (0.45, [False, False, True, False], 12.0)
    """
    lowest, highest = as_counts(low, "low"), as_counts(high, "high")
    same_length(lowest.size, highest.size, "high")
    if (bad := highest < lowest).any():
        at = int(np.argmax(bad))
        raise CountError(f"{highest[at]:g} is below low, {lowest[at]:g}", f"high[{at}]")
    units = as_exposure(exposure, "exposure", highest)
    if units.sum() <= 0:
        raise ExposureError("adds up to zero", "exposure")
    if total is not None and total != 0:
        positive(total, "total")
    whole = np.broadcast_to(np.asarray(complete, dtype=bool), lowest.shape).copy()
    middle = np.sqrt(lowest * highest)
    located = float(middle.sum())
    in_all = located if total is None else max(float(total), located)
    weight = units / units.sum()
    in_complete = float(middle[whole].sum())
    elsewhere = max(in_all - in_complete, 1e-9)
    share = 1.0
    if not whole.all():
        share = float(np.clip((located - in_complete) / elsewhere, SMALLEST_SHARE, 1.0))
    return Observed(
        low=lowest,
        high=highest,
        middle=middle,
        weight=weight,
        total=in_all,
        official=total is not None,
        expected=weight * in_all,
        complete=whole,
        silent=~whole & (highest == 0),
        share=share,
        remaining=max(in_all - float(lowest.sum()), 0.0),
    )
