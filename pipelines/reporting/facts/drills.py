"""Rehearsals as the catalog declares them (catalog/actions/cards.yaml): per ground an order of action and a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines import catalog
from pipelines.catalog.declared import in_every_language

FILE = Path(catalog.__file__).parent / "actions" / "cards.yaml"


@dataclass(frozen=True)
class Drill:
    """`steps`: (duty, words by language) in order; `question`: what is practised, by language."""

    steps: tuple[tuple[str, Mapping[str, str]], ...]
    question: Mapping[str, str]


@cache
def drills() -> Mapping[str, Drill]:
    """Drills by ground."""
    raw: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        ground: Drill(
            tuple((duty, in_every_language(words)) for step in one["steps"] for duty, words in step.items()),
            in_every_language(one["question"]),
        )
        for ground, one in raw.items()
    }
