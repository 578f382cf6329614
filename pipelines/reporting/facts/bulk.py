"""Questions that page after page asks of its own area, answered from one pass over the table.

Planning a query takes longer than running it, so hundreds of pages would spend most of their time on that. A question of
the form `select ... where area_code = ? ...` (or `parent_code`, `map_code`), or about everything within an area, is asked
once without its area; the rows are then parted by area. Order within an area is that of the whole, so such questions
must order their rows fully.
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
AFTER = 3  # areas asked for one by one before the whole is read
_ADDS_UP = re.compile(r"\b(limit|count|group by|distinct|sum|max|min|qualify|union|with)\b")
_BRACKETS, _OR = re.compile(r"\([^()]*\)"), re.compile(r"\bor\b")
Rows = list[tuple[Any, ...]]
Description = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class _Form:
    """The condition on the area, what asks for every area instead, its column, how many values it takes."""

    condition: str
    instead: str
    column: str
    n_values: int


@dataclass
class _Whole:
    """All rows of a question: by the code asked for, and by its first two digits in the order in which they came."""

    description: Description
    by_code: dict[str, Rows]
    by_province: dict[str, Rows]
    at: int


@dataclass
class Bulk:
    """The questions of one connection that were asked often enough to be read as a whole."""

    con: duckdb.DuckDBPyConnection
    _asked: Counter[str] = field(default_factory=Counter)
    _wholes: dict[str, _Whole | None] = field(default_factory=dict)

    def answer(self, sql: str, parameters: Sequence[Any]) -> tuple[Description, Rows] | None:
        """Description and rows; None where the question is of another form or was seldom asked."""
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
    """Which condition on the area a question has at its top, if it is nothing but rows of it."""
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
    """What stands outside of all brackets: an `or` there would reach beyond the area."""
    while (shorter := _BRACKETS.sub("", text)) != text:
        text = shorter
    return text
