"""Answer the queries that every page asks about its own area from one pass over the table.

Planning a query takes longer than running it, so hundreds of pages would spend most of their time on planning.
A query of the form `select ... where area_code = ? ...` (or `parent_code`, `map_code`), or about everything
within an area, is run once without its area condition; the rows are then split by area. The order within an
area is that of the whole, so such queries must order their rows completely.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

WITHIN = "(area_code = ? or (starts_with(area_code, ?) and not contains(area_code, '-')))"
_OF_ONE = re.compile(r"\bwhere\s+((?:\w+\.)?((?:area|parent|map)_code) = \?)")
AFTER = 3  # queries for single areas before the whole is read
_ADDS_UP = re.compile(r"\b(limit|count|group by|distinct|sum|max|min|qualify|union|with)\b")
_BRACKETS, _OR = re.compile(r"\([^()]*\)"), re.compile(r"\bor\b")
Rows = list[tuple[Any, ...]]
Description = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class _Form:
    """The condition on the area, its replacement for all areas, its column, and how many values it takes."""

    condition: str
    instead: str
    column: str
    n_values: int


@dataclass
class _Whole:
    """All rows of a query: by area code, and by its first two digits in the original order."""

    description: Description
    by_code: dict[str, Rows]
    by_province: dict[str, Rows]
    at: int


@dataclass
class Bulk:
    """Queries of one connection that were asked often enough to be read as a whole."""

    con: duckdb.DuckDBPyConnection
    _asked: Counter[str] = field(default_factory=Counter)
    _wholes: dict[str, _Whole | None] = field(default_factory=dict)

    def answer(self, sql: str, parameters: Sequence[Any]) -> tuple[Description, Rows] | None:
        """Return description and rows; None where the query has another form or was rarely asked."""
        form = _form(sql, parameters)
        if form is None:
            return None
        self._asked[sql] += 1
        if self._asked[sql] <= AFTER:
            return None
        if sql not in self._wholes:
            self._wholes[sql] = self._read(sql, form)
        whole = self._wholes[sql]
        if whole is None:
            return None
        code = str(parameters[0])
        if form.condition != WITHIN:
            return whole.description, whole.by_code.get(code, [])
        rows, at = whole.by_province.get(code[:2], []), whole.at
        return whole.description, [
            row for row in rows if row[at] == code or (row[at].startswith(code) and "-" not in row[at])
        ]

    def _read(self, sql: str, form: _Form) -> _Whole | None:
        cursor = self.con.execute(sql.replace(form.condition, form.instead, 1))
        description = tuple(cursor.description or ())
        names = [column[0] for column in description]
        if names.count(form.column) != 1:
            return None
        at = names.index(form.column)
        by_code: defaultdict[str, Rows] = defaultdict(list)
        by_province: defaultdict[str, Rows] = defaultdict(list)
        for row in cursor.fetchall():
            by_code[row[at]].append(row)
            if form.condition == WITHIN:
                by_province[row[at][:2]].append(row)
        return _Whole(description, dict(by_code), dict(by_province), at)


def _form(sql: str, parameters: Sequence[Any]) -> _Form | None:
    """Return the condition on the area at the top level of a query, if the query only selects rows by it."""
    if _ADDS_UP.search(sql):
        return None
    if WITHIN in sql:
        form = _Form(WITHIN, "area_code is not null", "area_code", 2)
    elif found := _OF_ONE.search(sql):
        form = _Form(found[1], found[1].replace("= ?", "is not null"), found[2], 1)
    else:
        return None
    head, rest = sql.split(form.condition, 1)
    is_at_top = head.rstrip().endswith("where") and head.count("(") == head.count(")")
    is_alone = sql.count("?") == form.n_values == len(parameters) and len({str(p) for p in parameters}) == 1
    return form if is_at_top and is_alone and not _OR.search(_outside(rest)) else None


def _outside(text: str) -> str:
    """Return the text outside all brackets: an `or` there would reach beyond the area."""
    while (shorter := _BRACKETS.sub("", text)) != text:
        text = shorter
    return text
