"""The legend of the symbol map, with only the signs used on this map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ...facts.certainty import CLASSES, label
from ...facts.context import Context
from ...language import numbers
from . import marks
from .frame import round_down
from .places import Place
from .sheet import Entry

TYPICAL = 3.0  # points: radius of the sign that represents a class


def entries(ctx: Context, places: Sequence[Place], land_level: str) -> list[Entry]:
    """Return the entries: sizes; evidence classes; complete and partial
    counts; zero; no data with its number; dots."""
    known = [place for place in places if place.value]
    largest = max(place.value or 0 for place in known)
    zeros = sum(place.value == 0 for place in places)
    unknown = sum(place.value is None for place in places)
    found = [
        _entry(f"{numbers.integer(value, ctx.lang)} TPS", marks.radius(value, largest), "none", False)
        for value in sizes(largest)
    ]
    classes = {place.evidence or "none" for place in known}
    for code in CLASSES:
        if code in classes:
            found.append(_entry(label(ctx, code), TYPICAL, code, False))
    if "none" in classes:
        found.append(_entry(ctx.say("maps.none"), TYPICAL, "none", False))
    for is_whole, phrase in ((True, "maps.whole"), (False, "maps.part")):
        if any(place.is_whole is is_whole for place in known):
            found.append(_entry(ctx.say(phrase), TYPICAL, "none", is_whole))
    if zeros:
        found.append((2 * marks.RING, _spot(marks.rings), ctx.say("maps.zero", n=zeros)))
    if unknown:
        found.append((3.0, _spot(marks.crosses), ctx.say("maps.no_data", n=unknown)))
    if land_level:
        words = ctx.say("maps.land", level=ctx.words.label("level", land_level))
        found.append((2.0, _spot(marks.dots), words))
    return found


def sizes(largest: int) -> list[int]:
    """Return up to three round counts for the legend, at most `largest`: 5, 20, 100."""
    found = (round_down(largest), round_down(largest / 4.5), round_down(largest / 18))
    return sorted({value for value in found if value <= largest})


def _spot(draw: Callable[[Any, Any, Any], None]) -> Callable[[Any, float, float], None]:
    return lambda axes, x, y: draw(axes, [x], [y])


def _entry(words: str, reach: float, evidence: str, is_whole: bool) -> Entry:
    return 2 * reach + 1, _spot(partial(marks.sign, reach=reach, evidence=evidence, is_whole=is_whole)), words
