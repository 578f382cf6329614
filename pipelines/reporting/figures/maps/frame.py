"""The projection of a map: equidistant cylindrical, true to scale along the parallel through its middle; north is up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

KM_PER_DEGREE = math.pi * 6371.0088 / 180  # mean radius of the Earth (IUGG)
SMALLEST_KM = 2.0  # minimum width of a field, so that two neighbours do not fill a page


@dataclass(frozen=True)
class Frame:
    """A field of `width` x `height` points (1/72 inch) around a centre in
    degrees; `latitude` is the true parallel."""

    longitude: float
    latitude: float
    km_per_point: float
    width: float
    height: float
    left: float = 0.0  # left edge of the field

    def xy(
        self, longitude: ArrayLike, latitude: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Convert degrees to points right of and above the lower left corner; arrays keep their shape.

        x = R (lambda - lambda0) cos(phi0), y = R (phi - phi0): Snyder 1987, Map Projections, p. 91.
        """
        per_degree = KM_PER_DEGREE / self.km_per_point
        east = (np.asarray(longitude, dtype=float) - self.longitude) * math.cos(math.radians(self.latitude))
        north = np.asarray(latitude, dtype=float) - self.latitude
        return self.left + self.width / 2 + east * per_degree, self.height / 2 + north * per_degree

    @property
    def scale_km(self) -> int:
        """Length of the scale bar in km: the longest of 1, 2, 5, 10, ... km within a quarter of the width."""
        return round_down(self.km_per_point * self.width / 4)

    @property
    def scale_points(self) -> float:
        """The same length on paper, in points."""
        return self.scale_km / self.km_per_point


def fit(
    longitudes: Sequence[float],
    latitudes: Sequence[float],
    width: float,
    tallest: float,
    margin: float,
    left: float = 0.0,
) -> Frame:
    """Return the frame that shows all places (degrees) as large as `width` and `tallest` allow (points).

    `margin`: points left free on every side. Raises ValueError without places.
    """
    west, east = min(longitudes), max(longitudes)
    south, north = min(latitudes), max(latitudes)
    middle = (west + east) / 2, (south + north) / 2
    wide = max((east - west) * KM_PER_DEGREE * math.cos(math.radians(middle[1])), SMALLEST_KM)
    high = max((north - south) * KM_PER_DEGREE, SMALLEST_KM)
    scale = max(wide / (width - 2 * margin), high / (tallest - 2 * margin))
    return Frame(*middle, scale, width, high / scale + 2 * margin, left)


def round_down(value: float) -> int:
    """Return the largest of 1, 2, 5, 10, 20, 50, ... that is not above `value` (at least 1)."""
    power = 10 ** math.floor(math.log10(max(value, 1)))
    return int(max(step * power for step in (1, 2, 5) if step * power <= max(value, 1)))
