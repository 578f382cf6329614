"""Heat table: areas in rows, rules in columns, a rate in every cell;
cells that cannot be evaluated are hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from ..language import numbers
from ..model import Panel
from . import house_style as style

LEFT = 1.17
ROW = 0.17
LETTER = 0.049  # width of a letter of a slanted heading, in inches
# Upper ends of the classes per 1,000 and their tints, light to dark also in greyscale; zero has its own tint.
CLASSES = (
    (0.0, "#f3f7fa"), (5.0, "#dbe9f3"), (10.0, "#b9d5e8"), (25.0, "#8fbad8"), (50.0, "#5f98c2"), (100.0, "#34749f"),
    (1000.0, "#164a6e"),
)  # fmt: skip
DARK_FROM = 25.0  # above this the number is white


@dataclass(frozen=True)
class HeatCell:
    """Rate per 1,000 evaluable forms (None = none) and whether a test supports that it stands out."""

    rate: float | None
    is_supported: bool = False


@dataclass(frozen=True)
class HeatRow:
    """One area: name, one cell per column, whether it is the report's own area."""

    name: str
    cells: tuple[HeatCell, ...]
    is_own: bool = False


def heat(rows: Sequence[HeatRow], columns: Sequence[str], title: str, below: str, lang: str) -> Panel:
    """Draw rows in the given order under slanted headings; a heavy frame marks cells supported by a test."""
    head = 0.32 + LETTER * max(map(len, columns)) * 0.88
    height = head + len(rows) * ROW + 0.06
    width = style.WIDTH
    step = min((width - LEFT - 0.42) / len(columns), 0.36)
    with style.applied():
        figure = plt.figure(figsize=(width, height))
        box = (LEFT / width, 0.06 / height, step * len(columns) / width, (height - head - 0.06) / height)
        axes = figure.add_axes(box)
        axes.grid(False)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(len(rows), 0)
        _tints(axes, rows)
        cells = [(x, y, cell) for y, row in enumerate(rows) for x, cell in enumerate(row.cells)]
        for x, y, cell in sorted(cells, key=lambda found: (found[2].rate or 0.0) > DARK_FROM):
            _cell(axes, x, y, cell, lang)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        names = [shorten(row.name, 20, placeholder="…") for row in rows]
        axes.set_yticks([y + 0.5 for y in range(len(rows))], names, size=style.SMALL)
        for label, row in zip(axes.get_yticklabels(), rows, strict=True):
            label.set_fontweight("bold" if row.is_own else "normal")
        for x, name in enumerate(columns):
            axes.text(
                x + 0.35,
                -0.12,
                name,
                rotation=64,
                rotation_mode="anchor",
                ha="left",
                va="bottom",
                size=style.SMALL,
            )
        style.title(figure, title, below)
        return Panel(style.to_svg(figure), f"{title}, {below}. {describe(rows, columns, lang)}")


def _tints(axes: Any, rows: Sequence[HeatRow]) -> None:
    """Draw all cells of one tint as one shape: hundreds of separate rectangles would dominate the page size."""
    found: dict[str, list[Path]] = {}
    for y, row in enumerate(rows):
        for x, cell in enumerate(row.cells):
            corners = Rectangle((x, y), 1, 1)
            shape = corners.get_path().transformed(corners.get_patch_transform())
            found.setdefault(tint(cell.rate), []).append(shape)
    for colour in sorted(found):
        look: dict[str, Any] = {"linewidth": 0.5, "edgecolor": style.PAPER}
        if colour == style.EMPTY:
            look = {"linewidth": 0.0, "hatch": "/////", "edgecolor": style.WINDOW}
        axes.add_patch(
            PathPatch(Path.make_compound_path(*found[colour]), facecolor=colour, clip_on=False, **look)
        )


def _cell(axes: Any, x: int, y: int, cell: HeatCell, lang: str) -> None:
    if cell.rate is None:
        return
    color = style.PAPER if cell.rate > DARK_FROM else style.INK
    weight = "bold" if cell.is_supported else "normal"
    axes.text(x + 0.5, y + 0.52, written(cell.rate, lang), ha="center", va="center", size=style.SMALL, color=color,
              weight=weight)  # fmt: skip
    if cell.is_supported:
        axes.add_patch(
            Rectangle((x + 0.06, y + 0.09), 0.88, 0.82, fill=False, edgecolor=style.ALERT, linewidth=1.1)
        )


def tint(rate: float | None) -> str:
    """Return the colour for a rate per 1,000; for None the colour behind the hatching."""
    if rate is None:
        return style.EMPTY
    return next((colour for end, colour in CLASSES if rate <= end), CLASSES[-1][1])


def written(rate: float, lang: str) -> str:
    """Return a rate per 1,000: whole from 10 on, one decimal below; a bare 0 only if there is none at all."""
    if rate == 0:
        return "0"
    if rate < 0.05:
        return f"<{numbers.decimal(0.1, lang)}"
    return numbers.integer(round(rate), lang) if rate >= 9.95 else numbers.decimal(rate, lang)


def describe(rows: Sequence[HeatRow], columns: Sequence[str], lang: str) -> str:
    """Return the highest value of each column in words; the others are in the tables."""
    parts = []
    for x, column in enumerate(columns):
        known = [
            (row.cells[x].rate, row.name) for row in rows if row.cells[x].rate is not None and not row.is_own
        ]
        if known:
            rate, name = max(known, key=lambda pair: pair[0] or 0.0)
            parts.append(f"{column}: {name} {written(rate or 0.0, lang)}")
        else:
            parts.append(f"{column}: –")
    return "; ".join(parts) + "."
