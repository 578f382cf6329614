"""Proportional symbols at centre points: area = count; outline =
complete or partial; shape and fill = evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ...facts.context import Context
from ...language import numbers
from ...model import Panel
from .. import house_style as style
from . import marks
from .inset import open_box, split
from .key import entries
from .labels import Label, place_labels
from .places import Place, Point
from .shapes import Outline, corners, drawn
from .sheet import SIZE, WIDTH, Sheet, legend, scale_bar, sheet_with_legend

TALLEST, MARGIN = 215.0, 14.0  # points
NAMED = {"national": 7, "province": 6, "regency": 6}


@dataclass(frozen=True)
class Land:
    """Shows the shape of the land: outlines if boundaries are loaded, else the centres of areas of a level."""

    level: str
    points: tuple[Point, ...]
    outlines: tuple[Outline, ...]

    @property
    def codes(self) -> list[str]:
        return [*(code for code, _, _ in self.points), *(outline.code for outline in self.outlines)]

    def only(self, codes: Sequence[str]) -> Land:
        """Return the part of the land covered by these areas."""
        wanted = set(codes)
        points = tuple(point for point in self.points if point[0] in wanted)
        return Land(self.level, points, tuple(outline for outline in self.outlines if outline.code in wanted))


def symbols(ctx: Context, places: Sequence[Place], land: Land, texts: tuple[str, str, str]) -> Panel:
    """Draw the map of these places; `texts`: title, line below it,
    description for people who cannot see the map."""
    title, below, alt = texts
    chosen = split(ctx, *_spots(places, land), TALLEST, MARGIN)
    with style.applied():
        sheet, key = sheet_with_legend(chosen.main, entries(ctx, places, land.level if land.points else ""))
        parts = [(sheet, False)] + ([(open_box(sheet, chosen), True)] if chosen.box else [])
        largest = max(place.value or 0 for place in places)
        for part, is_apart in parts:
            mine = [place for place in places if chosen.is_apart(place.code) is is_apart]
            _land(part, land.only([code for code in land.codes if chosen.is_apart(code) is is_apart]))
            marks.crosses(part.axes, *_at(part, (place for place in mine if place.value is None)))
            _signs(part, mine, largest)
            if not is_apart:
                _names(ctx, part, mine, largest)
        legend(sheet, key)
        scale_bar(sheet, ctx.lang, ctx.say("maps.north"))
        style.title(sheet.figure, title, below)
        return Panel(style.to_svg(sheet.figure), alt)


def _spots(places: Sequence[Place], land: Land) -> tuple[list[str], tuple[list[float], list[float]]]:
    """Return everything a frame must contain: codes, longitudes and latitudes."""
    spots = [(place.code, place.longitude, place.latitude) for place in places]
    spots += [*land.points, *corners(land.outlines)]
    codes, longitudes, latitudes = (list(part) for part in zip(*spots, strict=True))
    return codes, (longitudes, latitudes)


def _land(sheet: Sheet, land: Land) -> None:
    if land.points:
        _, longitudes, latitudes = zip(*land.points, strict=True)
        x, y = sheet.frame.xy(longitudes, latitudes)
        marks.dots(sheet.axes, x, y + sheet.base)
    if land.outlines:
        path = Path.make_compound_path(*drawn(sheet.frame, land.outlines, sheet.base).values())
        sheet.axes.add_patch(
            PathPatch(path, facecolor="none", edgecolor=style.LAND, linewidth=0.5, clip_on=False)
        )


def _at(sheet: Sheet, places: Iterable[Place]) -> tuple[Any, Any]:
    chosen = list(places)
    x, y = sheet.frame.xy([p.longitude for p in chosen], [p.latitude for p in chosen])
    return x, y + sheet.base


def _signs(sheet: Sheet, places: Sequence[Place], largest: int) -> None:
    """Draw large signs first, so that small ones stay visible."""
    kinds: dict[tuple[int, str, bool], list[Place]] = {}
    for place in ranked(places):
        key = (place.value or 0, place.evidence or "none", place.is_whole)
        kinds.setdefault(key, []).append(place)
    for (value, evidence, is_whole), members in kinds.items():
        x, y = _at(sheet, members)
        if value:
            marks.sign(sheet.axes, x, y, marks.radius(value, largest), evidence, is_whole)
        else:
            marks.rings(sheet.axes, x, y)


def ranked(places: Iterable[Place]) -> list[Place]:
    """Return places with data, highest count first."""
    return sorted((p for p in places if p.value is not None), key=lambda p: (-(p.value or 0), p.code))


def _names(ctx: Context, sheet: Sheet, places: Sequence[Place], largest: int) -> None:
    """Name the places with the highest counts."""
    known = [place for place in ranked(places) if place.value]
    spots = list(
        zip(known, *_at(sheet, known), (marks.radius(p.value or 0, largest) for p in known), strict=True)
    )
    wanted = []
    for place, x, y, reach in spots[: NAMED.get(ctx.area.level, 5)]:
        words = f"{numbers.short_area(place.name)} {written(ctx, place)}"
        wanted.append(Label(words, x, y, reach, sheet.text_width(words), SIZE))
    taken = [(x - r, y - r, x + r, y + r) for _, x, y, r in spots]
    others = [(x - 2, y - 2, x + 2, y + 2) for x, y in zip(*_at(sheet, places), strict=True)]
    field = (sheet.frame.left, sheet.base, WIDTH, sheet.base + sheet.frame.height)
    sheet.write(place_labels(wanted, taken, others, field))


def written(ctx: Context, place: Place) -> str:
    """Return `≥ 94` where the count is a lower bound, else `14`."""
    amount = numbers.integer(place.value or 0, ctx.lang)
    return amount if place.is_whole else f"≥ {amount}"
