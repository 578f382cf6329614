"""Choropleth of rates: darker = higher; zero is pale, no data is hatched, a complete count has a dark outline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ...facts.context import Context
from ...language import numbers
from ...model import Panel
from .. import house_style as style
from .inset import open_box, split
from .labels import Label, place_labels
from .rates import Rate, class_of, class_words, limits
from .shapes import Outline, corners, drawn
from .sheet import SIZE, WIDTH, Entry, Sheet, legend, scale_bar, sheet_with_legend
from .symbols import TALLEST

MARGIN = 6.0  # points
HATCH = "//////"
NAMED = 4
SIGN = 9.0  # points: width of a legend symbol
BORDER, WHOLE_BORDER = 0.25, 0.7  # points


def choropleth(
    ctx: Context, rates: Sequence[Rate], shown: Sequence[Outline], centres: Mapping[str, tuple[float, float]],
    texts: tuple[str, str, str],
) -> Panel:  # fmt: skip
    """Draw areas with a rate in the classes of `limits`, all others hatched. `centres`: longitude, latitude by
    code.

    `texts`: title, line below it, description for people who cannot see the map.
    """
    title, below, alt = texts
    codes, longitudes, latitudes = (list(part) for part in zip(*corners(shown), strict=True))
    chosen = split(ctx, codes, (longitudes, latitudes), TALLEST, MARGIN)
    with style.applied():
        sheet, key = sheet_with_legend(chosen.main, _entries(ctx, rates, shown))
        _fill(sheet, [outline for outline in shown if not chosen.is_apart(outline.code)], rates)
        _names(ctx, sheet, [rate for rate in rates if not chosen.is_apart(rate.code)], centres)
        if chosen.box:
            _fill(open_box(sheet, chosen), [o for o in shown if chosen.is_apart(o.code)], rates)
        legend(sheet, key)
        scale_bar(sheet, ctx.lang, ctx.say("maps.north"))
        style.title(sheet.figure, title, below)
        return Panel(style.to_svg(sheet.figure), alt)


def _fill(sheet: Sheet, shown: Sequence[Outline], rates: Sequence[Rate]) -> None:
    """Draw one patch for all areas of a colour; if only some are counted in full, those get a dark outline."""
    faces, paths = _faces(rates), drawn(sheet.frame, shown, sheet.base)
    for face in (None, *dict.fromkeys(faces[code] for code in sorted(faces))):
        _areas(sheet.axes, [path for code, path in paths.items() if faces.get(code) == face], face)
    if is_mixed(rates):
        whole = {rate.code for rate in rates if rate.is_whole}
        _outline(sheet.axes, [path for code, path in paths.items() if code in whole])


def is_mixed(rates: Sequence[Rate]) -> bool:
    """Return whether some areas were counted in full and others were not."""
    return len({rate.is_whole for rate in rates}) == 2


def highest(rates: Sequence[Rate]) -> list[Rate]:
    """Return the rates above zero, highest first."""
    return sorted((rate for rate in rates if rate.count), key=lambda rate: (-rate.rate, rate.code))


def written(rate: Rate, lang: str) -> str:
    """Return `≥ 12,3` where the count is a lower bound."""
    text = numbers.decimal(rate.rate, lang, 1 if rate.rate >= 0.95 else 2)
    return text if rate.is_whole else f"≥ {text}"


def _faces(rates: Sequence[Rate]) -> dict[str, str]:
    """Return the colour by code."""
    steps = limits([rate.rate for rate in rates])
    ramp = style.RAMP[: len(steps) + 1] if len(steps) == 3 else style.RAMP[-len(steps) - 1 :]
    return {r.code: ramp[class_of(r.rate, steps)] if r.count else style.EMPTY for r in rates}


def _areas(axes: Any, paths: Sequence[Path], face: str | None) -> None:
    if paths:
        look: dict[str, Any] = (
            {"facecolor": style.PAPER, "edgecolor": style.LAND, "hatch": HATCH}
            if face is None
            else {"facecolor": face, "edgecolor": style.PAPER if face != style.EMPTY else style.LAND}
        )
        axes.add_patch(PathPatch(Path.make_compound_path(*paths), linewidth=BORDER, clip_on=False, **look))


def _outline(axes: Any, paths: Sequence[Path]) -> None:
    if paths:
        merged = Path.make_compound_path(*paths)
        axes.add_patch(
            PathPatch(merged, facecolor="none", edgecolor=style.INK, linewidth=WHOLE_BORDER, clip_on=False)
        )


def _names(
    ctx: Context, sheet: Any, rates: Sequence[Rate], centres: Mapping[str, tuple[float, float]]
) -> None:
    wanted = []
    for rate in highest(rates)[:NAMED]:
        if rate.code in centres:
            x, y = sheet.frame.xy(*centres[rate.code])
            words = f"{numbers.short_area(rate.name)} {written(rate, ctx.lang)}"
            wanted.append(Label(words, float(x), float(y) + sheet.base, 1.0, sheet.text_width(words), SIZE))
    field = (sheet.frame.left, sheet.base, WIDTH, sheet.base + sheet.frame.height)
    sheet.write(place_labels(wanted, [], [], field))


def _entries(ctx: Context, rates: Sequence[Rate], shown: Sequence[Outline]) -> list[Entry]:
    """Return the legend: classes with the number of their areas, zero, no data, and the dark outline."""
    steps = limits([rate.rate for rate in rates])
    faces = _faces(rates)
    known = {outline.code for outline in shown}
    found: list[Entry] = []
    positive = [rate for rate in rates if rate.count]
    for place, words in enumerate(class_words(steps, ctx.lang)):
        members = [rate for rate in positive if class_of(rate.rate, steps) == place]
        if members:
            found.append(
                _entry(f"{words} ({numbers.integer(len(members), ctx.lang)})", faces[members[0].code])
            )
    if zeros := sum(not rate.count for rate in rates):
        found.append(_entry(ctx.say("maps.zero", n=zeros), style.EMPTY))
    if unknown := len(known - {rate.code for rate in rates}):
        found.append(_entry(ctx.say("maps.no_data", n=unknown), None))
    if is_mixed(rates):
        found.append(_entry(ctx.say("maps.whole"), style.PAPER, is_whole=True))
    return found


def _entry(words: str, face: str | None, is_whole: bool = False) -> Entry:
    return SIGN, _swatch(face, is_whole), words


def _swatch(face: str | None, is_whole: bool) -> Callable[[Any, float, float], None]:
    def draw(axes: Any, x: float, y: float) -> None:
        left, right = x - SIGN / 2, x + SIGN / 2
        box = Path([(left, y - 3), (right, y - 3), (right, y + 3), (left, y + 3), (left, y - 3)], closed=True)
        _areas(axes, [box], face)
        if is_whole:
            _outline(axes, [box])

    return draw
