"""The declared steps (catalog/actions): which ones apply to the grounds and outcomes found in an area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines import catalog
from pipelines.catalog.declared import in_every_language, read_yaml, words_of
from pipelines.catalog.vocabulary import LANGUAGES

FILE = Path(catalog.__file__).parent / "actions" / "steps.yaml"


@dataclass(frozen=True)
class Step:
    """One step: the provision it serves, who does it, the day relative to voting day, and the words per
    language.

    `measure`: what shows that it is done. `laws`: related subjects of ref.law_in_force.
    """

    provision: str
    duty: str
    day: int
    text: Mapping[str, str]
    measure: Mapping[str, str]
    laws: tuple[str, ...] = ()


@cache
def read() -> Mapping[str, Any]:
    """Return the declarations as written."""
    return dict(read_yaml(FILE))


@cache
def duty(code: str, lang: str) -> str:
    """Return who is responsible for a step."""
    return str(in_every_language(read()["duties"][code])[lang])


def _step(raw: Mapping[str, Any]) -> Step:
    text = in_every_language({k: raw[k] for k in LANGUAGES if k in raw})
    measure = words_of(raw, "measure", {}, "")
    return Step(raw["provision"], raw["duty"], int(raw["day"]), text, measure, tuple(raw.get("laws", ())))


@cache
def for_code(code: str, kind: str) -> tuple[Step, ...]:
    """Return the steps of a ground (`kind` = grounds) or an outcome (`kind` = outcomes), in file order."""
    return tuple(_step(raw) for raw in read()["steps"] if code in raw.get(kind, ()))


@cache
def basics() -> tuple[Step, ...]:
    """Return the steps for every area, including those without evidence."""
    return tuple(_step(raw) for raw in read()["basics"])


@cache
def unstated() -> tuple[Step, ...]:
    """Return the steps for re-votes whose ground no source states."""
    return tuple(_step(raw) for raw in read()["unstated"])


def codes(kind: str) -> Iterable[str]:
    """Return all codes named by any step."""
    return {code for raw in read()["steps"] for code in raw.get(kind, ())}
