"""A drawing measured in points: one axes over the whole figure, with map field, title and legend rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import pyplot as plt

from ...language import numbers
from .. import house_style as style
from .frame import Frame
from .labels import Box, Label, leader

WIDTH = style.WIDTH * 72
HEAD, ROW, GAP = 24.0, 10.5, 8.0  # points: title, one legend row, space between its entries
SIZE = style.SMALL  # points of type
Entry = tuple[float, Callable[[Any, float, float], None], str]  # width of the sign; draws it at (x, y); words
Key = list[list[tuple[Entry, float]]]  # rows of entries with the width of their words


@dataclass(frozen=True)
class Sheet:
    """Figure and axes in points; the field of the map begins at (0, `base`)."""

    figure: Any
    axes: Any
    frame: Frame
    base: float

    def text_width(self, text: str) -> float:
        """Return the width of a line of text in points."""
        mark = self.axes.text(0, 0, text, size=SIZE)
        box = mark.get_window_extent(self.figure.canvas.get_renderer())
        mark.remove()
        return float(box.width) * 72 / float(self.figure.dpi)

    def write(self, placed: Sequence[tuple[Label, Box]]) -> None:
        """Write names on a translucent background that keeps them legible; a line leads to distant symbols."""
        veil = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.4, "alpha": 0.75}
        for label, box in placed:
            middle = (box[1] + box[3]) / 2
            if line := leader(label, box):
                self.axes.plot(*zip(*line, strict=True), color=style.INK, linewidth=0.5, clip_on=False)
            self.axes.text(box[0], middle - 0.3, label.text, va="center", size=SIZE, bbox=veil)


def sheet_with_legend(frame: Frame, entries: Sequence[Entry]) -> tuple[Sheet, Key]:
    """Return a sheet for this field with room for the legend: its words are
    measured before the height is known."""
    draft = _open(frame, 0)
    widths = [draft.text_width(words) for _, _, words in entries]
    plt.close(draft.figure)
    key: Key = [[]]
    left = WIDTH
    for entry, width in zip(entries, widths, strict=True):
        need = entry[0] + 3 + width
        if key[-1] and need > left:
            key.append([])
            left = WIDTH
        key[-1].append((entry, width))
        left -= need + GAP
    return _open(frame, sum(map(_height, key))), key


def _height(row: Sequence[tuple[Entry, float]]) -> float:
    """Return the height of a legend row: that of a line, or of its largest sign."""
    return max(ROW, *(sign + 2 for (sign, _, _), _ in row))


def _open(frame: Frame, below: float) -> Sheet:
    base = below + ROW + 4
    height = base + frame.height + HEAD
    figure = plt.figure(figsize=(WIDTH / 72, height / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    return Sheet(figure, axes, frame, base)


def scale_bar(sheet: Sheet, lang: str, north: str) -> None:
    """Draw a scale bar of round kilometres and a north arrow, at the right end of the row below the field."""
    long, y = sheet.frame.scale_points, sheet.base - ROW / 2
    left = WIDTH - long - 20
    line = {"color": style.INK, "linewidth": 0.9, "solid_capstyle": "butt", "clip_on": False}
    sheet.axes.plot([left, left, left + long, left + long], [y + 1.5, y - 1.5, y - 1.5, y + 1.5], **line)
    words = f"{numbers.integer(sheet.frame.scale_km, lang)} km"
    sheet.axes.text(left - 3, y - 0.4, words, ha="right", va="center", size=SIZE, color=style.MUTED)
    x = WIDTH - 4
    sheet.axes.plot([x, x], [y - 4, y + 1], **line)
    sheet.axes.fill([x - 2, x + 2, x], [y, y, y + 4.5], color=style.INK, linewidth=0, clip_on=False)
    sheet.axes.text(x - 4, y - 0.4, north, ha="right", va="center", size=SIZE, color=style.MUTED)


def legend(sheet: Sheet, key: Key) -> None:
    """Draw the legend row by row below the field."""
    top = sheet.base - ROW
    for row in key:
        x, y = 1.0, top - _height(row) / 2
        top -= _height(row)
        for (sign, draw, words), width in row:
            draw(sheet.axes, x + sign / 2, y)
            sheet.axes.text(x + sign + 3, y - 0.4, words, va="center", size=SIZE, color=style.INK)
            x += sign + 3 + width + GAP
