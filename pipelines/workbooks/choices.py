"""Map a cell to one of the declared choices, and suggest alternatives where none matches."""

from __future__ import annotations

import re

from ..catalog import Field
from ..catalog.messages import Given, Message
from ..catalog.vocabulary import LANGUAGES
from .findings import Misread
from .register import Choice, find_choice, is_list
from .text import normal


def read_choice(field: Field, choices: tuple[Choice, ...], text: str) -> str:
    """Return the code, or codes joined by `;`, that a cell means.

    Raises:
        Misread: it matches no choice; the nearest ones are suggested.
    """
    parts = [text]
    if is_list(field) and find_choice(choices, text) is None:
        parts = [p.strip() for p in re.split(r"[;,/&+]|\bdan\b", text) if p.strip()]
    found = []
    for part in parts:
        choice = find_choice(choices, part)
        if choice is None:
            raise Misread(
                Message("workbooks.not_a_choice", value=part),
                Given({lang: "; ".join(c.label(lang) for c in choices[:20]) for lang in LANGUAGES}),
                _like(part, choices),
            )
        found.append(choice.code)
    return ";".join(dict.fromkeys(found))


def _like(text: str, choices: tuple[Choice, ...]) -> list[str]:
    from rapidfuzz import fuzz, process

    wanted = normal(text)
    if wanted.isdigit():  # "2024": every choice of that year
        return [c.label("id") for c in choices if wanted in normal(c.label("id")).split()][:3]
    names = {
        (c.label("id"), place): normal(words)
        for c in choices
        for place, words in enumerate((c.label("id"), *c.synonyms))
    }
    found = process.extract(wanted, names, scorer=fuzz.WRatio, limit=12, score_cutoff=60)
    return list(dict.fromkeys(name for _, _, (name, _) in found))[:3]
