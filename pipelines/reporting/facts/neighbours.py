"""Navigation links of a page: up to the areas that contain it, down to its parts that have a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..files import file_name
from ..language import numbers
from .queries import NATION, Area
from .reads import digest

Made = Mapping[str, Sequence[str]]  # area code -> languages of its pages


@dataclass(frozen=True)
class Link:
    """A link target; an area without a page has an empty `file`. `lang` is the language of that page."""

    text: str
    file: str
    lang: str
    code: str = ""


@dataclass(frozen=True)
class Neighbours:
    """`above`: from the nation down to the area's parent; `below`: its parts, by code.

    `further`: areas linked on the nation's page although they are not its parts: regencies.
    """

    above: tuple[Link, ...] = ()
    below: tuple[Link, ...] = ()
    further: tuple[Link, ...] = ()

    def pages(self) -> dict[str, Link]:
        """Return every existing page, by area code."""
        return {one.code: one for one in (*self.above, *self.below, *self.further) if one.file}


def line_of(areas: Mapping[str, Area], code: str) -> list[str]:
    """Return the codes of the areas above, nearest first."""
    found: list[str] = []
    while (area := areas.get(code)) and not area.is_nation and len(found) < 9:
        code = area.parent_code or NATION
        found.append(code)
    return found


def parts_of(areas: Mapping[str, Area], code: str) -> list[str]:
    """Return the codes of the areas directly below."""
    return sorted(part for part, area in areas.items() if _is_part(area, code))


def _is_part(area: Area, code: str) -> bool:
    return (area.parent_code or NATION) == code and not area.is_nation


def link(area: Area, lang: str, made: Made) -> Link:
    """Return the page of an area in the language, else in one that exists."""
    langs = made.get(area.code, ())
    chosen = lang if lang in langs else next(iter(langs), "")
    return Link(
        numbers.short_area(area.name), file_name(area, chosen, "html") if chosen else "", chosen, area.code
    )


def made_parts(areas: Mapping[str, Area], made: Made) -> dict[str, list[str]]:
    """Return, for every area, the codes of the areas directly below that get a page, in order."""
    found: dict[str, list[str]] = {}
    for part in sorted(made):
        if part in areas and not (area := areas[part]).is_nation:
            found.setdefault(area.parent_code or NATION, []).append(part)
    return found


def neighbours(
    areas: Mapping[str, Area], code: str, lang: str, made: Made, parts: Mapping[str, Sequence[str]]
) -> Neighbours:
    """Return the pages around one area; `parts`: from `made_parts`."""
    above = [link(areas[up], lang, made) for up in reversed(line_of(areas, code)) if up in areas]
    below = [link(areas[part], lang, made) for part in parts.get(code, ())]
    further = (
        [link(areas[other], lang, made) for other in sorted(made) if _is_regency(areas, other)]
        if code == NATION
        else []
    )
    return Neighbours(tuple(above), tuple(one for one in below if one.file), tuple(further))


def _is_regency(areas: Mapping[str, Area], code: str) -> bool:
    return code in areas and areas[code].level == "regency"


def fingerprint(around: Neighbours, langs: Sequence[str], index: str) -> str:
    """Return a fingerprint of all links from a page within the site."""
    return digest(repr((around, tuple(langs), index)))
