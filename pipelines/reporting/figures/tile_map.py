"""A map of equal hexagons as plain SVG: one per area, so that small cities count as much as wide land.

Colours say how much, a hatch says that nothing is known, a ring says none, a thick edge marks what the key names. Text is
text, so that it can be read aloud, searched and copied; nothing here needs matplotlib.
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
# From seldom to often; the last two carry white letters.
SHADES: dict[str, str] = {"1": PALE, "2": RAMP[0], "3": RAMP[1], "4": RAMP[2]}
SIDE = 30.0  # radius of a hexagon in user units (points at full width)
LETTERS = 10.5  # size of the type in user units, unless more is asked for
GROUP_LETTERS = 25.0
ROOM = 46.0  # width in user units that a line of letters may take, and height of all lines together
MOST_LINES = 3
AVERAGE = 0.49  # width of a letter by its size
WIDEST = 0.6  # the same in the widest font that a reader's machine may have
BOLD = 0.58  # the same of a bold one
MANY = 100  # tiles, from which on each is a few pixels wide
GAP = 1.5  # widest empty strip between islands, in rows or columns; wider ones are drawn narrower
USUAL = (PAPER, 1.0)  # edge of a tile in which something happened: colour and width
CORNERS = tuple((math.sin(math.radians(60 * k)), -math.cos(math.radians(60 * k))) for k in range(6))


@dataclass(frozen=True)
class Tile:
    """One area: axial coordinates as in `ref.tiles`, what it is called, how it is filled, the figure written on it."""

    code: str
    q: int
    r: int
    name: str
    fill: Fill
    value: str = ""
    is_marked: bool = False
    group: str = ""
    href: str = ""
    said: str = ""  # the whole statement, for the tooltip and for those who listen


def tile_map(
    tiles: Sequence[Tile], label: str, *, with_names: bool, hatch: str = "hatch", letters: float = 0.0
) -> str:
    """The drawing; empty for no tiles.

    Args:
        tiles: areas, no two in one cell.
        label: what the map shows, for those who cannot see it.
        with_names: write names and figures into the tiles and draw islands closer together; else write only what
            groups are called, over their middle.
        hatch: id of the pattern, different for every map of a page.
        letters: size of the type in user units, for a map that is printed small.
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
    # Where tiles are many, a group says once how its tiles look; the entry page's script needs each tile to say it.
    is_grouped = is_small and not any(tile.href for tile in tiles)
    looks = {tile.code: _look(tile, hatch) for tile in tiles}
    # Marked tiles last: their edge lies over those of their neighbours.
    ordered = sorted(tiles, key=lambda one: (one.is_marked, looks[one.code] if is_grouped else ()))
    for look, alike in itertools.groupby(ordered, key=lambda one: looks[one.code]):
        told = look.told()
        name = f"{hatch}{10 * look.side:.0f}"  # of the hexagon that all these tiles use
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
    """Width and height, in user units, of the drawing that `tile_map` would make."""
    _, _, width, height = _frame(_centres(tiles, with_names))
    return float(f"{width:.0f}"), float(f"{height:.0f}")


def _centres(tiles: Sequence[Tile], with_names: bool) -> dict[str, tuple[float, float]]:
    centres = {tile.code: _centre(tile) for tile in tiles}
    return _closer(centres) if with_names else centres


def _frame(centres: Mapping[str, tuple[float, float]]) -> tuple[float, float, float, float]:
    """Left, top, width and height around all tiles."""
    half = SIDE * math.sqrt(3) / 2
    left = min(x for x, _ in centres.values()) - half - 2
    right = max(x for x, _ in centres.values()) + half + 2
    top = min(y for _, y in centres.values()) - SIDE - 2
    bottom = max(y for _, y in centres.values()) + SIDE + 2
    return left, top, right - left, bottom - top


def _centre(tile: Tile) -> tuple[float, float]:
    return SIDE * math.sqrt(3) * (tile.q + tile.r / 2), SIDE * 1.5 * tile.r


def _closer(centres: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The same map with islands moved together, so that letters can be larger; directions stay."""
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
    """How a tile is filled, the line around it, and its size."""

    fill: str
    edge: str
    width: float
    side: float

    def told(self) -> str:
        """As attributes; the line that most tiles have is said once, by the group around all of them."""
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
    """A hexagon as an attribute, from its top corner in steps: half as long as with every corner's place.

    A small one is drawn in whole units, a third of a pixel.
    """
    half, wide, tall = (
        f"{v:.0f}" if is_small else f"{v:.3g}" for v in (side / 2, side * math.sqrt(3) / 2, side)
    )
    place = f"{x:.0f} {y - side:.0f}" if is_small else f"{x:.1f} {y - side:.1f}"
    return f' d="M{place}l{wide} {half}v{tall}l-{wide} {half}-{wide}-{half}v-{tall}z"'


def _hexagon(tile: Tile, shape: str, centre: tuple[float, float], with_names: bool, letters: float) -> str:
    """One tile; `shape`: its hexagon as an element with attributes."""
    x, y = centre
    # A link says itself what it leads to; the entry page's script writes the tooltips.
    title = "" if tile.href else f"<title>{escape(tile.said or tile.name)}</title>"
    drawn = f"<{shape}>{title}</{shape.partition(' ')[0]}>"
    if with_names:
        drawn += _letters(tile, x, y, letters)
    area = escape(tile.code)
    if not tile.href:
        return f'<g data-area="{area}">{drawn}</g>'
    # Not a stop of the tab key: the list beside the map holds the same links.
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
        # A hatch behind thin letters would make them hard to read.
        is_hatched = tile.fill == "unknown"
        halo = (
            f' paint-order="stroke" stroke="{PAPER}" stroke-width="2.5"' if is_hatched else ' stroke="none"'
        )
        # Letters of a wide font would leave the tile: white ones on white paper, or into the next name.
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
    """A name on few lines of a hexagon; what does not fit ends with a full stop."""
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
    """Edges between tiles of different groups, and around each group."""
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
    """What each group is called, at the tile nearest to its middle where it covers the least of other names.

    Groups of few tiles choose first.
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
    """How much of each other two names cover, each given by its middle and half its width; 0 where they stand apart."""
    across = one[2] + other[2] + size * 0.3 - abs(one[0] - other[0])
    down = size * 1.1 - abs(one[1] - other[1])
    return max(across, 0.0) * max(down, 0.0)
