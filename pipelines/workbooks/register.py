"""What a workbook may refer to: areas, elections, grounds and provisions, from the files of the register."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..catalog import Field, Table, code_lists
from ..catalog.workbooks import workbooks
from .places import Area, Places
from .text import normal
from .values import ONES

_LABELS = {"ref.elections": "name", "ref.grounds": "label", "ref.provisions": "label"}


@dataclass(frozen=True)
class Choice:
    """A code, its label in every language, and synonyms."""

    code: str
    labels: Mapping[str, str]
    synonyms: tuple[str, ...] = ()

    def label(self, lang: str) -> str:
        return self.labels.get(lang) or self.labels.get("en") or self.code


@dataclass(frozen=True)
class Register:
    """Lookup of areas, and the rows of referenced tables by full name."""

    places: Places
    lists: Mapping[str, tuple[Choice, ...]]

    def choices(self, table: Table, field: Field) -> tuple[Choice, ...]:
        """Return the choices of a column; empty if it is free text."""
        words = workbooks().values
        if field.codes:
            codes = code_lists()[field.codes]
            synonyms = words.get(field.codes, {})
            extra = [c for c in synonyms if c not in codes]
            return tuple(
                Choice(c, codes.get(c) or {"id": synonyms[c][0], "en": c}, synonyms.get(c, ()))
                for c in (*codes, *extra)
            )
        for key in table.foreign_keys:
            if key.fields == (field.name,) and key.reference in self.lists:
                synonyms = words.get(field.name, {})
                return tuple(
                    Choice(c.code, c.labels, synonyms.get(c.code, ())) for c in self.lists[key.reference]
                )
        return ()


_TIMES = re.compile(r"\b([1-9]) ?(?:x|kali)\b")


def phrase(text: str) -> str:
    """Return words in the form in which choices are compared: normalised,
    without `choice_noise`, "2x" as "dua kali"."""
    plain = _TIMES.sub(lambda found: f"{ONES[int(found[1])]} kali", normal(text))
    words = [word for word in plain.split() if word not in workbooks().choice_noise]
    return " ".join(words) or plain


def find_choice(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """Return the choice that a cell means: its code, its label in any
    language, or a declared synonym; else None."""
    for choice in choices:
        if text == choice.code:
            return choice
    wanted = phrase(text)
    for choice in choices:
        if wanted in (phrase(choice.code), *map(phrase, choice.labels.values())):
            return choice
    for choice in choices:
        if wanted in map(phrase, choice.synonyms):
            return choice
    # "Pemungutan suara ulang (PSU)": with or without the part in brackets
    for choice in choices:
        if wanted and wanted in (phrase(label.split("(")[0]) for label in choice.labels.values()):
            return choice
    return None


def mentioned(choices: tuple[Choice, ...], text: str) -> list[Choice]:
    """Return the choices that a text names by code, label or synonym, except those inside a longer match."""
    inside = f" {phrase(text)} "
    found: dict[str, str] = {}
    for choice in choices:
        for words in map(phrase, (choice.code, *choice.labels.values(), *choice.synonyms)):
            if words and f" {words} " in inside and len(words) > len(found.get(choice.code, "")):
                found[choice.code] = words
    longest = [w for w in found.values() if not any(f" {w} " in f" {o} " and w != o for o in found.values())]
    return [choice for choice in choices if found.get(choice.code) in longest]


def is_list(field: Field) -> bool:
    """Return whether a cell may hold several codes."""
    return ";" in str(field.constraints.get("pattern", "")) and bool(field.codes)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def read_register(folder: Path) -> Register:
    """Read the register in data/raw/register; needs areas.csv,
    elections.csv, grounds.csv, provisions.csv in `folder`."""
    areas = [
        Area(r["area_code"], r["level"], r["name"], r["parent_code"]) for r in _rows(folder / "areas.csv")
    ]
    files = {"ref.elections": "elections", "ref.grounds": "grounds", "ref.provisions": "provisions"}
    lists = {}
    for table, name in files.items():
        rows = _rows(folder / f"{name}.csv") if (folder / f"{name}.csv").exists() else []
        beginning = f"{_LABELS[table]}_"
        lists[table] = tuple(
            Choice(
                next(iter(row.values())),
                {k.removeprefix(beginning): v for k, v in row.items() if k.startswith(beginning)},
            )
            for row in rows
        )
    return Register(Places(areas), lists)
