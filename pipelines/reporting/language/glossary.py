"""Terms explained on a page: at their first occurrence, and in a list accessible by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pipelines import catalog


@dataclass(frozen=True)
class Term:
    """A technical term; `short` fits into a tooltip, `text` is a sentence."""

    name: str
    short: str
    text: str


@cache
def terms(lang: str) -> tuple[Term, ...]:
    """Return all terms, in the order of the glossary."""
    return tuple(Term(name, **said[lang]) for name, said in catalog.glossary().items())


def used(texts: Iterable[str], lang: str) -> tuple[Term, ...]:
    """Return the terms that occur as words in these texts."""
    words = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    lower = {word.lower() for word in words}
    return tuple(t for t in terms(lang) if t.name in words or (t.name.islower() and t.name in lower))
