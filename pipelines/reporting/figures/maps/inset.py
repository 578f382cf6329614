"""An inset box at another scale for islands far from the rest of their province, to keep the rest legible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

from matplotlib.patches import Rectangle

from ...facts.context import Context
from ...language import numbers
from .. import house_style as style
from .frame import Frame, fit
from .sheet import SIZE, WIDTH, Sheet

# Province -> distant regency: the Thousand Islands stretch 60 km north of a city of 30 km.
APART = {"31": "3101"}
STRIP, TALL, MARGIN = (
    62.0,
    120.0,
    6.0,
)  # points: strip reserved for the box, its maximum height, inner margin
Spots = tuple[list[float], list[float]]  # longitudes, latitudes


@dataclass(frozen=True)
class Split:
    """Frames of the map and, if there are distant islands, of their box; `prefix` = code of the islands."""

    main: Frame
    box: Frame | None
    prefix: str
    name: str

    def is_apart(self, code: str) -> bool:
        return self.box is not None and code.startswith(self.prefix)


def split(ctx: Context, codes: list[str], spots: Spots, tallest: float, margin: float) -> Split:
    """Return the frames for these spots (one code each); a single frame where nothing is distant."""
    prefix = APART.get(ctx.area.code, "")
    apart = [bool(prefix) and code.startswith(prefix) for code in codes]
    if not any(apart) or all(apart):
        return Split(fit(*spots, WIDTH, tallest, margin), None, "", "")
    near, far = (_those(spots, apart, wanted) for wanted in (False, True))
    found = ctx.rows("ref.areas", "select name from {table} where area_code = ?", [prefix])
    name = ctx.say("maps.inset", area=numbers.short_area(found[0]["name"] if found else prefix))
    main = fit(*near, WIDTH - STRIP, tallest, margin, STRIP)
    return Split(main, fit(*far, STRIP - 4, TALL, MARGIN), prefix, name)


def open_box(sheet: Sheet, chosen: Split) -> Sheet:
    """Return the box at the upper left corner of the field, as a sheet of its own."""
    box = chosen.box
    if box is None:
        return sheet
    base = max(sheet.base, sheet.base + sheet.frame.height - box.height)
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": style.LAND, "linewidth": 0.5, "clip_on": False}
    sheet.axes.add_patch(Rectangle((0.5, base), box.width, box.height - 1, **look))
    words = fill(chosen.name, 17)
    sheet.axes.text(1, base - 2.5, words, va="top", size=SIZE - 0.6, color=style.MUTED, linespacing=1.05)
    return replace(sheet, frame=box, base=base)


def _those(spots: Spots, apart: list[bool], wanted: bool) -> Spots:
    x, y = ([value for value, far in zip(axis, apart, strict=True) if far is wanted] for axis in spots)
    return x, y
