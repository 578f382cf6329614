"""Common style of all figures: sizes, colours that also differ in lightness, and deterministic SVG."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from . import palette
from .compact_svg import compact

ALERT, EMPTY, INK, LAND = palette.ALERT, palette.EMPTY, palette.INK, palette.LAND
MUTED, PAPER, PARTLY, RAMP = palette.MUTED, palette.PAPER, palette.PARTLY, palette.RAMP
RULE, WHOLE, WINDOW = palette.RULE, palette.WHOLE, palette.WINDOW

WIDTH = 3.35  # inches: full size on a 360 px phone, two side by side on A4
NARROW = 2.3  # three side by side on A4
# Points; no type in a figure is smaller than SMALL, which is 9 px on a phone and 6.6 pt on paper.
TITLE, TEXT, SMALL = 8.0, 7.0, 6.6

RC: Any = {
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.family": "DejaVu Sans", "font.size": TEXT, "axes.titlesize": 8.6, "axes.titleweight": "bold",
    "axes.edgecolor": RULE, "axes.labelcolor": MUTED, "text.color": INK, "xtick.color": MUTED, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
    "xtick.major.size": 0, "ytick.major.size": 0, "axes.axisbelow": True, "axes.grid": True, "axes.grid.axis": "x",
    "grid.color": RULE, "grid.linewidth": 0.6, "hatch.linewidth": 0.7, "hatch.color": "edge",
    "svg.fonttype": "none", "svg.hashsalt": "titik-rawan", "figure.facecolor": "none", "axes.facecolor": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Margins:
    """Inches around the axes: above for title and unit, below for the axis, right for half a tick label."""

    head: float = 0.35
    foot: float = 0.22
    right: float = 0.1


def applied() -> AbstractContextManager[None]:
    """Apply the style within a `with` block."""
    return plt.rc_context(RC)


def canvas(
    n_rows: int, row_height: float, left: float, width: float = WIDTH, margins: Margins = Margins()
) -> tuple[Any, Any]:
    """Return figure and axes for `n_rows` horizontal rows; lengths in inches, `left` for the row labels."""
    height = margins.head + margins.foot + max(n_rows, 1) * row_height
    figure = plt.figure(figsize=(width, height))
    across = (width - left - margins.right) / width
    box = (left / width, margins.foot / height, across, (height - margins.head - margins.foot) / height)
    return figure, figure.add_axes(box)


def title(figure: Figure, text: str, below: str = "") -> None:
    """Write a title at the left edge, over the labels; `below` in small type, e.g. the unit."""
    figure.text(
        0.005, 1 - 0.04 / figure.get_figheight(), text, ha="left", va="top", weight="bold", size=TITLE
    )
    figure.text(0.005, 1 - 0.18 / figure.get_figheight(), below, ha="left", va="top", color=MUTED, size=SMALL)


def to_svg(figure: Figure) -> str:
    """Return the figure as a compact, deterministic SVG."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    plt.close(figure)
    return compact(buffer.getvalue())
