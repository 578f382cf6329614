"""Estimate the size of text on a slide, using a font slightly wider than the one used.

Slides use Arial (or its substitute); DejaVu Sans, which comes with matplotlib, is about a tenth wider. So text
that fits by this measure fits when the file is opened. Lengths in inches, type in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ..model import Cell, Column
from .model import Grid

LINE = 1.2  # line spacing relative to the type size
PAD_X, PAD_Y = 0.07, 0.035  # padding of a cell, per side
SIZES = (14.0, 13.0, 12.0, 11.0)  # type sizes of tables, the largest that fits; nothing is smaller
_SCALE = 100


@cache
def _font(is_bold: bool) -> Any:
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), _SCALE)


@cache
def width(text: str, size: float, is_bold: bool = False) -> float:
    """Return the width of a text on one line."""
    return float(_font(is_bold).getlength(text)) / _SCALE * size / 72


def n_lines(text: str, room: float, size: float, is_bold: bool = False) -> int:
    """Return the lines of a text in a box of that width; a word longer than the box takes as many as it needs."""
    lines, used, blank = 1, 0.0, width(" ", size, is_bold)
    for word in text.split():
        long = width(word, size, is_bold)
        if used and used + blank + long > room:
            lines, used = lines + 1, 0.0
        while long > room:
            lines, long = lines + 1, long - room
        used += long + (blank if used else 0.0)
    return lines


def height(text: str, room: float, size: float, is_bold: bool = False) -> float:
    """Return the height of a text in a box of that width."""
    return n_lines(text, room, size, is_bold) * size * LINE / 72


def widths(columns: Sequence[Column], total: float) -> list[float]:
    """Return the widths of columns by their weights."""
    sum_of = sum(column.width for column in columns)
    return [total * column.width / sum_of for column in columns]


def row_heights(grid: Grid, total: float, size: float) -> list[float]:
    """Return the height of the heading and of every row."""
    rooms = [one - 2 * PAD_X for one in widths(grid.columns, total)]
    heading = max(height(c.title, room, size, True) for c, room in zip(grid.columns, rooms, strict=True))
    rows = [
        max(
            height(cell.text, room, size, cell.tone == "strong")
            for cell, room in zip(row, rooms, strict=True)
        )
        for row in grid.rows
    ]
    return [one + 2 * PAD_Y for one in (heading, *rows)]


def best_size(grid: Grid, total: float, room: float) -> float | None:
    """Return the largest type in which the whole table fits; None if it does not fit."""
    return next((size for size in SIZES if sum(row_heights(grid, total, size)) <= room), None)


def pages(grid: Grid, total: float, room: float, most: int) -> tuple[list[Grid], int]:
    """Return the table on up to `most` slides, evenly filled, and the number of rows that did not fit.

    The rows left out are the last ones; no row is split.
    """
    if best_size(grid, total, room) is not None:
        return [grid], 0
    heights = row_heights(grid, total, SIZES[-1])
    free = room - heights[0]
    for n in range(2, most + 1):
        if parts := _even(heights[1:], n, free):
            return [replace(grid, rows=grid.rows[a:b]) for a, b in parts], 0
    found: list[Grid] = []
    at = 0
    for _ in range(most):
        used, end = 0.0, at
        while end < len(grid.rows) and used + heights[1 + end] <= free:
            used, end = used + heights[1 + end], end + 1
        if end == at:
            break
        found.append(replace(grid, rows=grid.rows[at:end]))
        at = end
    return found, len(grid.rows) - at


def _even(heights: Sequence[float], n: int, free: float) -> list[tuple[int, int]]:
    """Split rows into `n` parts of about the same height; empty if a part would be too high."""
    goal, start, used = sum(heights) / n, 0, 0.0
    parts: list[tuple[int, int]] = []
    for at, one in enumerate(heights):
        if used and len(parts) < n - 1 and used + one / 2 > goal:
            parts.append((start, at))
            start, used = at, 0.0
        used += one
        if used > free:
            return []
    return [*parts, (start, len(heights))]


def cells(*texts: str) -> tuple[Cell, ...]:
    """Return plain cells."""
    return tuple(Cell(text) for text in texts)
