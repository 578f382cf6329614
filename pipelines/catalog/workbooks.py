"""Workbooks of offices as declared in workbooks.yaml: kinds, requested columns, and synonyms used by offices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .declared import HERE, in_every_language, read_yaml, table
from .messages import Message
from .model import CatalogError, Field, Table

NAME = "workbooks.yaml"


@dataclass(frozen=True)
class Kind:
    """One kind of workbook.

    Attributes:
        table: the table its rows go into. asked: the columns a person fills in, in table order.
        id_column: column generated from the position of the row; empty: none.
        defaults: meaning of an empty cell, as a code. example: cells of the example row.
    """

    name: str
    table: Table
    title: Mapping[str, str]
    asked: tuple[Field, ...]
    id_column: str
    defaults: Mapping[str, str]
    example: Mapping[str, str]


@dataclass(frozen=True)
class Declaration:
    """The contents of workbooks.yaml; word lists are kept as written, not normalised."""

    kinds: Mapping[str, Kind]
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    area_words: Mapping[str, tuple[str, ...]]
    regency_types: Mapping[str, tuple[str, ...]]
    area_names: Mapping[str, str]
    not_data: tuple[str, ...]
    example_mark: str
    header_words: Mapping[str, str]
    either: Mapping[str, str]
    from_title: tuple[str, ...]
    implied: Mapping[str, Mapping[str, str]]
    by_level: Mapping[str, Mapping[str, str]]
    empty_marks: frozenset[str]
    choice_noise: frozenset[str]


def _kind(name: str, raw: Mapping[str, Any]) -> Kind:
    declared = table(str(raw["table"]))
    hidden = tuple(raw.get("not_asked", ()))
    named = {*hidden, *raw.get("defaults", {}), *raw.get("example", {})}
    if unknown := sorted(named - set(declared.field_names)):
        raise CatalogError(Message("catalog.no_field", full_name=declared.full_name, name=unknown[0]))
    titles = {k.removeprefix("title_"): str(v) for k, v in raw.items() if k.startswith("title_")}
    return Kind(
        name,
        declared,
        in_every_language(titles),
        tuple(f for f in declared.source_fields if f.name not in hidden),
        str(raw.get("id_column", "")),
        {str(k): str(v) for k, v in raw.get("defaults", {}).items()},
        {str(k): str(v) for k, v in raw.get("example", {}).items()},
    )


def _lists(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(key): tuple(map(str, words)) for key, words in raw.items()}


def _codes(raw: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {str(name): {str(c): str(by) for c, by in codes.items()} for name, codes in raw.items()}


@cache
def workbooks() -> Declaration:
    """Return the declaration of this package, read once.

    Raises:
        CatalogError: it names a table or column that does not exist.
    """
    raw = read_yaml(HERE / NAME)
    return Declaration(
        {str(name): _kind(str(name), one) for name, one in raw["kinds"].items()},
        _lists(raw["columns"]),
        {str(name): _lists(codes) for name, codes in raw["values"].items()},
        _lists(raw["area_words"]),
        _lists(raw["regency_types"]),
        {str(short): str(name) for short, name in raw["area_names"].items()},
        tuple(map(str, raw["not_data"])),
        str(raw["example_mark"]),
        {str(short): str(word) for short, word in raw["header_words"].items()},
        {str(first): str(other) for first, other in raw["either"].items()},
        tuple(map(str, raw["from_title"])),
        _codes(raw["implied"]),
        _codes(raw["by_level"]),
        frozenset(map(str, raw["empty_marks"])),
        frozenset(map(str, raw["choice_noise"])),
    )
