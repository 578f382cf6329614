"""Non-overlapping names beside symbols: each takes the first free position around its symbol, or is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]  # left, bottom, right, top
# Positions of a name relative to its symbol; right first, as readers expect.
AWAY = (
    0.0,
    8.0,
    16.0,
    24.0,
    34.0,
    46.0,
)  # points from the rim of the symbol: near first, then with a leader line
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True)
class Label:
    """A name of a given width and height (points), to be placed beside a symbol of radius `radius` at (x, y)."""

    text: str
    x: float
    y: float
    radius: float
    width: float
    height: float


def place_labels(
    wanted: Sequence[Label], symbols: Sequence[Box], small: Sequence[Box], field: Box
) -> list[tuple[Label, Box]]:
    """Return the labels that fit into the field, in order of importance, each with its box.

    No name covers another name, its leader line or a symbol. Among the positions nearest to its symbol it takes
    the one that covers the fewest `small` signs; if there is none, it is left out.
    """
    placed: list[tuple[Label, Box]] = []
    for label in wanted:
        lines = [line for other, box in placed if (line := _line_box(other, box))]
        taken = [*symbols, *lines, *(box for _, box in placed)]
        for away in AWAY:
            boxes = [box for side in SIDES if _inside(box := _beside(label, side, away), field)]
            free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
            free = [box for box in free if not any(_crosses(label, box, other) for _, other in placed)]
            if free:
                best = min(free, key=lambda box: sum(_overlap(box, other) for other in small))
                placed.append((label, best))
                break
    return placed


def leader(label: Label, box: Box) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the leader line from the rim of the symbol to the nearest edge of a distant name."""
    x = min(max(label.x, box[0]), box[2])
    y = min(max(label.y, box[1]), box[3])
    long = math.hypot(x - label.x, y - label.y)
    if long < label.radius + AWAY[1] / 2:
        return None
    share = label.radius / long
    return (label.x + share * (x - label.x), label.y + share * (y - label.y)), (x, y)


def _line_box(label: Label, box: Box) -> Box | None:
    """Return the rectangle around a label's leader line."""
    line = leader(label, box)
    if line is None:
        return None
    (a, b), (c, d) = line
    return min(a, c) - 0.5, min(b, d) - 0.5, max(a, c) + 0.5, max(b, d) + 0.5


def _crosses(label: Label, box: Box, other: Box) -> bool:
    """Return whether the line to `box` may cross other words."""
    line = _line_box(label, box)
    return line is not None and _overlap(line, other)


def _beside(label: Label, side: tuple[int, int], away: float) -> Box:
    """Return the box of the words: vertically centred on the right and
    left, horizontally centred above and below."""
    across, up = side
    reach = (label.radius + 1.6 + away) * (0.75 if across and up else 1.0)
    shift = 0.0 if across > 0 else label.width if across < 0 else label.width / 2
    left = label.x + across * reach - shift
    middle = label.y + up * (reach + label.height / 2)
    return left, middle - label.height / 2, left + label.width, middle + label.height / 2


def _inside(box: Box, field: Box) -> bool:
    return box[0] >= field[0] and box[1] >= field[1] and box[2] <= field[2] and box[3] <= field[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
