"""The catalog's model: tables, fields, keys and rules as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .messages import USAGE, Message, UserError

SQL_TYPES: Mapping[str, str] = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamp",
    "boolean": "boolean",
}


class CatalogError(UserError):
    """An invalid declaration; the message names the file and what to change."""

    exit_code = USAGE


@dataclass(frozen=True)
class Field:
    """One column; `constraints` in Frictionless terms: required, unique, enum, pattern, minimum, maximum."""

    name: str
    type: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    unit: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    codes: str = ""
    is_private: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]

    @property
    def is_required(self) -> bool:
        return bool(self.constraints.get("required", False))


@dataclass(frozen=True)
class ForeignKey:
    """`fields` of this table reference `reference_fields` of table `reference` (full name)."""

    fields: tuple[str, ...]
    reference: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A condition on the columns of one row: `expr` in SQL; true or null passes."""

    id: str
    severity: str
    columns: tuple[str, ...]
    expr: str
    message: Mapping[str, str]


@dataclass(frozen=True)
class SourceRef:
    """A raw file below `data/raw/<source>/`."""

    source: str
    file: str

    @property
    def path(self) -> str:
        return f"{self.source}/{self.file}"


@dataclass(frozen=True)
class Table:
    """One table of the warehouse. Loaded tables have `sources`, the others `sql` or `derived`.

    `is_large`: one row per polling station; never passes through pandas, its keys are verified by query instead
    of an index, and its Parquet is partitioned. `is_optional`: empty when no source provides it. `is_view`:
    shows the rows of other tables with names beside codes (`catalog.views`) and is not part of
    `catalog.load()`. `formerly`: previous names; each is kept as a view for one release.
    """

    name: str
    layer: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    grain: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    caveats: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    sql: str = ""
    derived: str = ""
    min_rows: int = 0
    max_quarantine_share: float = 0.02
    is_large: bool = False
    is_optional: bool = False
    is_view: bool = False
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def field_names(self) -> list[str]:
        return [f.name for f in self.fields]

    @property
    def is_loaded(self) -> bool:
        return bool(self.sources)

    @property
    def is_filled_by_steps(self) -> bool:
        """Whether its rows come already typed from the step `validate`, without a raw file of the same shape."""
        return self.is_optional and not (self.sources or self.sql or self.derived)

    @property
    def source_fields(self) -> tuple[Field, ...]:
        """The columns that a raw file must have: all except the columns of origin."""
        return tuple(f for f in self.fields if f.name not in ("source_file", "source_row"))

    def field(self, name: str) -> Field:
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise CatalogError(Message("catalog.no_field", full_name=self.full_name, name=name))
