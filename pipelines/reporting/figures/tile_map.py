"""Tile map of equal hexagons as plain SVG, so that small cities count as much as large land areas.

Colours show how much, hatching "not known", a ring "none", a thick edge what the legend says. Text is real
text, so that it can be read aloud, searched and copied; matplotlib is not needed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from .palette import ALERT, INK, MUTED, PALE, PAPER, RAMP, WINDOW

Fill = Literal["unknown", "none", "1", "2", "3", "4"]
# From rare to frequent; the last two have white letters.
SHADES: dict[str, str] = {"1": PALE, "2": RAMP[0], "3": RAMP[1], "4": RAMP[2]}
SIDE = 30.0  # radius of a hexagon in user units (points at full width)
LETTERS = 10.5  # default type size in user units
GROUP_LETTERS = 25.0
ROOM = 46.0  # maximum width in user units of a line of letters, and height of all lines together
MOST_LINES = 3
AVERAGE = 0.49  # average width of a letter relative to its size
WIDEST = 0.6  # the same in the widest font a reader's machine may use
BOLD = 0.58  # the same for bold type
MANY = 100  # from this many tiles on, each is a few pixels wide
GAP = 1.5  # widest gap between islands, in rows or columns; wider ones are drawn narrower
USUAL = (PAPER, 1.0)  # edge of a tile with an event: colour and width
CORNERS = tuple((math.sin(math.radians(60 * k)), -math.cos(math.radians(60 * k))) for k in range(6))


@dataclass(frozen=True)
class Tile:
    """One area: axial coordinates as in `ref.tiles`, name, fill, and the figure written on it."""

    code: str
    q: int
    r: int
    name: str
    fill: Fill
    value: str = ""
    is_marked: bool = False
    group: str = ""
    href: str = ""
    said: str = ""  # the whole statement, for tooltips and screen readers


def tile_map(
    tiles: Sequence[Tile], label: str, *, with_names: bool, hatch: str = "hatch", letters: float = 0.0
) -> str:
    """Return the drawing; empty without tiles.

    Args:
        tiles: areas, each in its own cell.
        label: what the map shows, for people who cannot see it.
        with_names: write names and figures into the tiles and draw islands closer together; else write only
            group names, over the middle of each group.
        hatch: id of the pattern, unique within a page.
        letters: type size in user units, for a map that is printed small.
    """
    if not tiles:
        return ""
    centres = _centres(tiles, with_names)
    left, top, width, height = _frame(centres)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}"'
        f' role="{"group" if any(tile.href for tile in tiles) else "img"}" aria-label="{escape(label)}">',
        f'<defs><pattern id="{hatch}" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{PAPER}"/>'
        f'<path d="M0 0V6" stroke="{WINDOW}" stroke-width="2.6"/></pattern></defs>',
    ]
    parts.append(f'<g stroke="{USUAL[0]}" stroke-width="{USUAL[1]:g}">')
    is_small = len(tiles) > MANY
    # With many tiles, a group states their common look once; the entry page's script needs it on each tile.
    is_grouped = is_small and not any(tile.href for tile in tiles)
    looks = {tile.code: _look(tile, hatch) for tile in tiles}
    # Marked tiles last, so that their edges lie on top of their neighbours.
    ordered = sorted(tiles, key=lambda one: (one.is_marked, looks[one.code] if is_grouped else ()))
    for look, alike in itertools.groupby(ordered, key=lambda one: looks[one.code]):
        told = look.told()
        name = f"{hatch}{10 * look.side:.0f}"  # the hexagon shared by all these tiles
        if is_grouped and f'id="{name}"' not in parts[1]:
            parts[1] = parts[1].replace(
                "</defs>", f'<path id="{name}"{_path(0, look.side, look.side, True)}/></defs>'
            )

        def shape(x: float, y: float, look: _Look = look, name: str = name, told: str = told) -> str:
            if is_grouped:
                return f'use href="#{name}" x="{x:.0f}" y="{y - look.side:.0f}"'
            return f"path{_path(x, y, look.side, is_small)}{told}"

        written = "".join(
            _hexagon(one, shape(*centres[one.code]), centres[one.code], with_names, letters or LETTERS)
            for one in alike
        )
        parts.append(f"<g{told}>{written}</g>" if is_grouped else written)
    parts.append("</g>")
    if not with_names:
        parts += _borders(tiles, centres)
        parts += _group_names(tiles, centres, letters or GROUP_LETTERS)
    parts.append("</svg>")
    return "".join(parts)


def extent(tiles: Sequence[Tile], with_names: bool) -> tuple[float, float]:
    """Return width and height, in user units, of the drawing that `tile_map` would produce."""
    _, _, width, height = _frame(_centres(tiles, with_names))
    return float(f"{width:.0f}"), float(f"{height:.0f}")


def _centres(tiles: Sequence[Tile], with_names: bool) -> dict[str, tuple[float, float]]:
    centres = {tile.code: _centre(tile) for tile in tiles}
    return _closer(centres) if with_names else centres


def _frame(centres: Mapping[str, tuple[float, float]]) -> tuple[float, float, float, float]:
    """Return left, top, width and height around all tiles."""
    half = SIDE * math.sqrt(3) / 2
    left = min(x for x, _ in centres.values()) - half - 2
    right = max(x for x, _ in centres.values()) + half + 2
    top = min(y for _, y in centres.values()) - SIDE - 2
    bottom = max(y for _, y in centres.values()) + SIDE + 2
    return left, top, right - left, bottom - top


def _centre(tile: Tile) -> tuple[float, float]:
    return SIDE * math.sqrt(3) * (tile.q + tile.r / 2), SIDE * 1.5 * tile.r


def _closer(centres: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Move islands closer together, so that letters can be larger; directions are preserved."""
    steps = (SIDE * math.sqrt(3), SIDE * 1.5)
    moved = []
    for axis, step in enumerate(steps):
        places = sorted({round(centre[axis], 1) for centre in centres.values()})
        new, total = {places[0]: places[0]}, 0.0
        for before, after in itertools.pairwise(places):
            total += max(after - before - (1 + GAP) * step, 0.0)
            new[after] = after - total
        moved.append(new)
    return {code: (moved[0][round(x, 1)], moved[1][round(y, 1)]) for code, (x, y) in centres.items()}


class _Look(NamedTuple):
    """Fill, outline and size of a tile."""

    fill: str
    edge: str
    width: float
    side: float

    def told(self) -> str:
        """Return the look as attributes; the commonest outline is stated once, on the surrounding group."""
        usual = (self.edge, self.width) == USUAL
        return f' fill="{self.fill}"' + (
            "" if usual else f' stroke="{self.edge}" stroke-width="{self.width:g}"'
        )


def _look(tile: Tile, hatch: str) -> _Look:
    fill = f"url(#{hatch})" if tile.fill == "unknown" else SHADES.get(tile.fill, PAPER)
    if tile.is_marked:
        return _Look(fill, ALERT, 3.0, SIDE - 2.4)
    if tile.fill == "unknown":
        return _Look(fill, WINDOW, 0.8, SIDE - 1.6)
    return _Look(fill, MUTED, 1.2, SIDE - 1.6) if tile.fill == "none" else _Look(fill, *USUAL, SIDE - 0.6)


def _path(x: float, y: float, side: float, is_small: bool) -> str:
    """Return a hexagon as a path attribute with relative steps: half as long as with absolute corners.

    A small one is drawn in whole units, a third of a pixel.
    """
    half, wide, tall = (
        f"{v:.0f}" if is_small else f"{v:.3g}" for v in (side / 2, side * math.sqrt(3) / 2, side)
    )
    place = f"{x:.0f} {y - side:.0f}" if is_small else f"{x:.1f} {y - side:.1f}"
    return f' d="M{place}l{wide} {half}v{tall}l-{wide} {half}-{wide}-{half}v-{tall}z"'


def _hexagon(tile: Tile, shape: str, centre: tuple[float, float], with_names: bool, letters: float) -> str:
    """Return one tile; `shape`: its hexagon as an element with attributes."""
    x, y = centre
    # A link names its own target; the entry page's script writes the tooltips.
    title = "" if tile.href else f"<title>{escape(tile.said or tile.name)}</title>"
    drawn = f"<{shape}>{title}</{shape.partition(' ')[0]}>"
    if with_names:
        drawn += _letters(tile, x, y, letters)
    area = escape(tile.code)
    if not tile.href:
        return f'<g data-area="{area}">{drawn}</g>'
    # Excluded from tab order: the list beside the map has the same links.
    said = escape(tile.said or tile.name)
    return f'<a href="{escape(tile.href)}" aria-label="{said}" data-area="{area}" tabindex="-1">{drawn}</a>'


def _letters(tile: Tile, x: float, y: float, size: float) -> str:
    ink = PAPER if tile.fill == "4" else INK
    line = size * 1.05
    most = min(int(ROOM / line) - bool(tile.value), MOST_LINES)
    lines = _lines(tile.name, int(ROOM / (size * AVERAGE)), max(most, 1))
    start = y - (len(lines) + bool(tile.value) - 1) * line / 2 + size * 0.35
    written = ""
    for row, text in enumerate(lines):
        # Hatching behind thin letters would make them hard to read.
        is_hatched = tile.fill == "unknown"
        halo = (
            f' paint-order="stroke" stroke="{PAPER}" stroke-width="2.5"' if is_hatched else ' stroke="none"'
        )
        # In a wide font the letters would overflow the tile: white on white paper, or into the next name.
        is_tight = len(text) * size * WIDEST > ROOM
        fitted = f' textLength="{ROOM:g}" lengthAdjust="spacingAndGlyphs"' if is_tight else ""
        written += (
            f'<text x="{x:.1f}" y="{start + row * line:.1f}" text-anchor="middle" font-size="{size:.4g}"'
            f' fill="{ink}"{halo}{fitted}>{escape(text)}</text>'
        )
    if tile.value:
        written += (
            f'<text x="{x:.1f}" y="{start + len(lines) * line + 1:.1f}" text-anchor="middle"'
            f' font-size="{size * 1.15:.4g}" font-weight="700" fill="{ink}" stroke="none">{escape(tile.value)}</text>'
        )
    return written


def _lines(name: str, per_line: int, most: int) -> list[str]:
    """Break a name into a few lines; what does not fit is abbreviated with a full stop."""
    lines: list[str] = []
    for word in name.split() or [""]:
        if lines and len(lines[-1]) + 1 + len(word) <= per_line:
            lines[-1] += " " + word
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [line if len(line) <= per_line + 1 else line[:per_line].rstrip() + "." for line in lines]


def _borders(tiles: Sequence[Tile], centres: dict[str, tuple[float, float]]) -> list[str]:
    """Return the edges between tiles of different groups, and around each group."""
    at = {(tile.q, tile.r): tile.group for tile in tiles}
    # Edge k of a hexagon runs from corner k to corner k + 1; this is the cell on its other side.
    beyond = ((1, -1), (1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1))
    lines = []
    for tile in tiles:
        x, y = centres[tile.code]
        for k, (q, r) in enumerate(beyond):
            other = at.get((tile.q + q, tile.r + r))
            if other == tile.group or (other is not None and other < tile.group):
                continue
            (ax, ay), (bx, by) = CORNERS[k], CORNERS[(k + 1) % 6]
            lines.append(f"M{x + SIDE * ax:.1f} {y + SIDE * ay:.1f}L{x + SIDE * bx:.1f} {y + SIDE * by:.1f}")
    return [f'<path d="{"".join(lines)}" fill="none" stroke="{MUTED}" stroke-width="2.4"/>'] if lines else []


def _group_names(tiles: Sequence[Tile], centres: dict[str, tuple[float, float]], size: float) -> list[str]:
    """Place each group's name at the tile near its middle where it overlaps other names least.

    Small groups choose first.
    """
    members: dict[str, list[tuple[float, float]]] = {}
    for tile in tiles:
        members.setdefault(tile.group, []).append(centres[tile.code])
    members.pop("", None)
    taken: list[tuple[float, float, float]] = []
    written = []
    for group, points in sorted(members.items(), key=lambda item: (len(item[1]), item[0])):
        middle = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
        points.sort(key=lambda p: ((p[0] - middle[0]) ** 2 + (p[1] - middle[1]) ** 2, p))
        half = len(group) * size * BOLD / 2
        covered = {p: sum(_covered((*p, half), other, size) for other in taken) for p in points}
        x, y = min(points, key=covered.__getitem__)
        taken.append((x, y, half))
        written.append(
            f'<text x="{x:.1f}" y="{y + size * 0.33:.1f}" text-anchor="middle" font-size="{size:.4g}"'
            f' font-weight="700" fill="{INK}" paint-order="stroke" stroke="{PAPER}"'
            f' stroke-width="{size * 0.22:.3g}">{escape(group)}</text>'
        )
    return written


def _covered(one: tuple[float, float, float], other: tuple[float, float, float], size: float) -> float:
    """Return the overlap of two names, each given by its centre and half its width; 0 if they are apart."""
    across = one[2] + other[2] + size * 0.3 - abs(one[0] - other[0])
    down = size * 1.1 - abs(one[1] - other[1])
    return max(across, 0.0) * max(down, 0.0)
