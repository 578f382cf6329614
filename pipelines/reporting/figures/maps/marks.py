"""The signs of the symbol map, shared by the map and its legend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .. import house_style as style

LARGEST = 10.5  # points: radius of the largest symbol
LEAST_TOP = 12  # minimum count that gets the largest symbol, so that a map of ones and twos is not overdrawn
RING = 1.9  # radius of the sign for a complete count of zero
# Marker, face, edge: fill and shape differ, so that classes are distinguishable in greyscale.
MARKS = {
    "confirmed_several": ("D", style.ALERT, style.INK),
    "supported_once": ("o", style.WHOLE, style.INK),
    "number_open": ("s", style.PARTLY, style.WHOLE),
    "watch_list": ("o", style.PARTLY, style.WHOLE),
    **dict.fromkeys(("no_statement", "not_comparable", "silent", "none"), ("o", style.EMPTY, style.MUTED)),
}
WHOLE_LINE, PART_LINE = 1.5, 0.6  # points: outline of a complete count and of a lower bound
CROSS = ((-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (1.0, -1.0))


def radius(value: int, largest: int) -> float:
    """Return the radius in points of the circle whose area is proportional to `value`."""
    return LARGEST * math.sqrt(value / max(largest, LEAST_TOP))


def sign(axes: Any, x: Any, y: Any, reach: float, evidence: str, is_whole: bool) -> None:
    """Draw the same symbol at every (x, y); `reach` = radius in points of the circle of the same area."""
    marker, face, edge = MARKS[evidence]
    # A square has the area of a circle if its side is the radius times the square root of pi.
    size = math.sqrt(math.pi) * reach if marker == "D" else 2 * reach
    _draw(axes, x, y, marker, size, face, edge, WHOLE_LINE if is_whole else PART_LINE)


def rings(axes: Any, x: Any, y: Any) -> None:
    """Draw a small hollow circle at every (x, y): a complete count of zero."""
    _draw(axes, x, y, "o", 2 * RING, style.PAPER, style.WHOLE, 0.9)


def _draw(axes: Any, x: Any, y: Any, marker: str, size: float, face: str, edge: str, line: float) -> None:
    axes.plot(x, y, marker, markersize=size, markerfacecolor=face, markeredgecolor=edge, markeredgewidth=line,
              linestyle="none", clip_on=False)  # fmt: skip


def crosses(axes: Any, x: Any, y: Any) -> None:
    """Draw a small cross at every (x, y): no data is neither zero nor blank."""
    strokes(axes, x, y, CROSS, 0.6, style.MUTED)


def dots(axes: Any, x: Any, y: Any) -> None:
    """Draw a faint dot at every (x, y): together they show the land."""
    strokes(axes, x, y, ((0.0, 0.0), (0.1, 0.0)), 1.3, style.LAND)


def strokes(axes: Any, x: Any, y: Any, stroke: Any, width: float, colour: str) -> None:
    """Draw the same short strokes (pairs of ends) at every place, as one path: a page holds hundreds of them."""
    places = np.column_stack([np.atleast_1d(x), np.atleast_1d(y)])
    if not len(places):
        return
    ends = (places[:, None, :] + np.array(stroke)[None, :, :]).reshape(-1, 2)
    codes = [Path.MOVETO, Path.LINETO] * (len(ends) // 2)
    patch = PathPatch(
        Path(ends, codes), facecolor="none", edgecolor=colour, linewidth=width, capstyle="round"
    )
    patch.set_clip_on(False)
    axes.add_patch(patch)
