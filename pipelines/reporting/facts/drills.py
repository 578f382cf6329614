"""Rehearsals declared in catalog/actions/cards.yaml: per ground an order of action and a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines import catalog
from pipelines.catalog.declared import in_every_language, read_yaml

FILE = Path(catalog.__file__).parent / "actions" / "cards.yaml"


@dataclass(frozen=True)
class Drill:
    """`steps`: (duty, words by language) in order; `question`: what to practise, by language."""

    steps: tuple[tuple[str, Mapping[str, str]], ...]
    question: Mapping[str, str]


@cache
def drills() -> Mapping[str, Drill]:
    """Drills by ground."""
    raw: dict[str, Any] = read_yaml(FILE)
    return {
        ground: Drill(
            tuple((duty, in_every_language(words)) for step in one["steps"] for duty, words in step.items()),
            in_every_language(one["question"]),
        )
        for ground, one in raw.items()
    }
