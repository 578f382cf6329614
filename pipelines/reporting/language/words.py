"""Headings, labels and cells from the catalog: column titles, code labels, numbers and dates in one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines import catalog

from ..model import Align, Cell, Column
from . import numbers

DASH = "–"


@dataclass(frozen=True)
class Words:
    """The catalog's names in `lang`."""

    lang: str

    def table(self, full_name: str) -> str:
        """Return the title of a table."""
        return catalog.table(full_name).title[self.lang]

    def field(self, full_name: str, name: str) -> str:
        """Return the title of a column."""
        return catalog.table(full_name).field(name).title[self.lang]

    def label(self, code_list: str, code: Any) -> str:
        """Return the label of a code; unknown codes are returned unchanged."""
        return numbers.clean(catalog.label(code_list, str(code), self.lang))

    def labels(self, code_list: str, codes: Any, separator: str = ";") -> str:
        """Return the labels of a list of codes in one text: `psu;recount` -> `PSU; penghitungan ulang`."""
        return "; ".join(self.label(code_list, code) for code in str(codes).split(separator) if code)

    def short_labels(self, code_list: str, codes: Any, separator: str = ";") -> str:
        """Like `labels`, with the short forms (`short_id`, `short_en`) if the list has them."""
        known = catalog.code_lists()[code_list]
        found = (
            known.get(code, {}).get(f"short_{self.lang}") or self.label(code_list, code)
            for code in str(codes).split(separator)
            if code
        )
        return "; ".join(found)

    def column(self, full_name: str, name: str, width: float = 1.0) -> Column:
        """Return the heading of a column: title, meaning, numbers right-aligned."""
        field = catalog.table(full_name).field(name)
        align: Align = "end" if field.type in ("integer", "number") else "start"
        return Column(field.title[self.lang], align, width, field.description[self.lang])

    def columns(self, full_name: str, widths: Mapping[str, float]) -> tuple[Column, ...]:
        """Return the headings of several columns, `{name: width}` in order."""
        return tuple(self.column(full_name, name, width) for name, width in widths.items())

    def cell(self, full_name: str, name: str, value: Any, digits: int = 1, codes: str = "") -> Cell:
        """Return a warehouse value as displayed; a missing value becomes a muted dash, never a zero.

        `codes` names a code list if the column has none.
        """
        field = catalog.table(full_name).field(name)
        if value is None or value == "":
            return Cell(DASH, None, tone="muted")
        code_list = codes or field.codes or (name if name in catalog.code_lists() else "")
        if code_list:
            return Cell(self.labels(code_list, value), value)
        if isinstance(value, bool):
            return Cell(self.label("yes_no", "yes" if value else "no"), value)
        if isinstance(value, dt.date):
            return Cell(numbers.short_date(value, self.lang), value)
        if isinstance(value, int):
            return Cell(numbers.integer(value, self.lang), value)
        if isinstance(value, float):
            return Cell(numbers.decimal(value, self.lang, digits), value)
        return Cell(numbers.clean(value), value)

    def cells(self, full_name: str, names: Iterable[str], row: Mapping[str, Any]) -> tuple[Cell, ...]:
        """Return the cells of one row, in the order of `names`."""
        return tuple(self.cell(full_name, name, row[name]) for name in names)
