"""Find the area a person means: a code, a full name or a short name; ambiguous input is never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.catalog.messages import Message
from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..errors import ReportError
from ..language import numbers
from ..language.short_names import SHORT_NAMES
from .queries import Area

NEAR = 3  # areas suggested where the input matches none for certain
_KINDS = re.compile(
    r"^(provinsi|prov|kabupaten|kab|kota administrasi|kota adm|kota|regency of|city of)\b\.?\s*"
)


def find(areas: Mapping[str, Area], text: str) -> Area:
    """Return the area that a code or a name means.

    Args:
        areas: areas by code.
        text: `3171`, `Kab. Bima`, `Makassar`, `sulsel`. A bare name that a regency and a city share is
            ambiguous.

    Raises:
        ReportError: no area, or more than one; it names the nearest.
    """
    if found := areas.get(text.strip()):
        return found
    wanted = plain(text)
    named = [area for area in areas.values() if area.level in REPORT_LEVELS]
    exact = [area for area in named if plain(area.name) == wanted]
    bare = (
        [area for area in named if bare_name(area.name) == bare_name(text)]
        if wanted == bare_name(text)
        else []
    )
    short = [areas[code] for code, names in SHORT_NAMES.items() if wanted in names and code in areas]
    for candidates in (exact, bare, short):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise ReportError(
                Message("report.several_areas", text=numbers.clean(text), hints=_listed(candidates))
            )
    raise ReportError(
        Message("report.no_area", code=numbers.clean(text), hints=_listed(nearest(named, text)))
    )


def plain(name: str) -> str:
    """Return a name in lower case with single blanks and a uniform spelling of `kabupaten` and the like."""
    text = re.sub(r"[^a-z0-9 ]+", " ", name.lower())
    text = re.sub(r"\bkabupaten\b", "kab", re.sub(r"\b(adm|administrasi)\b", "", text))
    return " ".join(text.split())


def bare_name(name: str) -> str:
    """Return a name without the kind of area before it."""
    return _KINDS.sub("", plain(name)).strip()


def nearest(areas: list[Area], text: str) -> list[Area]:
    """Return areas whose code or name is most similar to a text, as suggestions."""
    from rapidfuzz import fuzz, process

    choices = {area.code: f"{area.code} {bare_name(area.name)}" for area in areas}
    found = process.extract(f"{bare_name(text)}", choices, scorer=fuzz.WRatio, limit=NEAR)
    by_code = {area.code: area for area in areas}
    return [by_code[code] for _, _, code in found]


def _listed(areas: list[Area]) -> str:
    return ", ".join(f"{area.code} {numbers.clean(area.name)}" for area in areas)
