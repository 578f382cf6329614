"""Order of precedence among claims about one fact, declared in precedence.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .declared import HERE, code_lists, read_yaml
from .messages import Message
from .model import CatalogError


@dataclass(frozen=True)
class Precedence:
    """The orders of precedence.yaml, where their meaning is explained."""

    actors: Mapping[str, tuple[str, ...]]
    court_actors: tuple[str, ...]
    dates: tuple[str, ...]
    steps: Mapping[str, tuple[str, ...]]


def read_precedence(path: Path) -> Precedence:
    """Read and check a file.

    Raises:
        CatalogError: a word is not in its code list, or a status has no order.
    """
    raw, lists = read_yaml(path), code_lists()
    found = Precedence(
        {status: tuple(order) for status, order in raw["actors"].items()},
        tuple(raw["court_actors"]),
        tuple(raw["dates"]),
        {subject: tuple(names) for subject, names in raw["steps"].items()},
    )
    used = {
        "basis": {*found.court_actors, *(a for order in found.actors.values() for a in order)},
        "status": set(found.actors),
        "date_kind": set(found.dates),
        "conflict_reason": {name for names in found.steps.values() for name in names},
    }
    for code_list, words in used.items():
        if unknown := sorted(words - lists[code_list].keys()):
            raise CatalogError(
                Message(
                    "catalog.precedence_unknown", name=path.name, words=", ".join(unknown), codes=code_list
                )
            )
    if missing := sorted(lists["status"].keys() - set(found.actors)):
        raise CatalogError(Message("catalog.precedence_missing", name=path.name, words=", ".join(missing)))
    return found


@cache
def precedence() -> Precedence:
    """Return the declaration of this package."""
    return read_precedence(HERE / "precedence.yaml")
