"""Questions that page after page asks of its own area, answered from one pass over the table.

Planning a query takes longer than running it, so hundreds of pages would spend most of their time on that. A question of
the form `select ... where area_code = ? ...`, or about everything within an area, is asked once without its area; the
rows are then parted by area. Order within an area is that of the whole, so such questions must order their rows fully.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

WITHIN = "(area_code = ? or (starts_with(area_code, ?) and not contains(area_code, '-')))"
OF_ONE = "area_code = ?"
AFTER = 6  # areas asked for one by one before the whole is read
_ADDS_UP = re.compile(r"\b(limit|count|group by|distinct|sum|max|min|qualify|union|with)\b")
_BRACKETS, _OR = re.compile(r"\([^()]*\)"), re.compile(r"\bor\b")
Rows = list[tuple[Any, ...]]
Description = tuple[tuple[Any, ...], ...]


@dataclass
class _Whole:
    """All rows of a question: by area, and by the first two digits in the order in which they came."""

    description: Description
    by_area: dict[str, Rows]
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
        condition = _form(sql, parameters)
        if not condition:
            return None
        self._asked[sql] += 1
        if self._asked[sql] <= AFTER:
            return None
        if sql not in self._wholes:
            self._wholes[sql] = self._read(sql, condition)
        whole = self._wholes[sql]
        if whole is None:
            return None
        code = str(parameters[0])
        if condition == OF_ONE:
            return whole.description, whole.by_area.get(code, [])
        rows, at = whole.by_province.get(code[:2], []), whole.at
        return whole.description, [
            row for row in rows if row[at] == code or (row[at].startswith(code) and "-" not in row[at])
        ]

    def _read(self, sql: str, condition: str) -> _Whole | None:
        cursor = self.con.execute(sql.replace(condition, "area_code is not null"))
        description = tuple(cursor.description or ())
        names = [column[0] for column in description]
        if names.count("area_code") != 1:
            return None
        at = names.index("area_code")
        by_area: defaultdict[str, Rows] = defaultdict(list)
        by_province: defaultdict[str, Rows] = defaultdict(list)
        for row in cursor.fetchall():
            by_area[row[at]].append(row)
            if condition == WITHIN:
                by_province[row[at][:2]].append(row)
        return _Whole(description, dict(by_area), dict(by_province), at)


def _form(sql: str, parameters: Sequence[Any]) -> str:
    """Which condition on the area the question has at its top, if it is nothing but rows of it; else nothing."""
    if _ADDS_UP.search(sql):
        return ""
    for condition, values in ((WITHIN, 2), (OF_ONE, 1)):
        if condition not in sql:
            continue
        head, rest = sql.split(condition, 1)
        is_at_top = head.rstrip().endswith("where") and head.count("(") == head.count(")")
        is_alone = sql.count("?") == values == len(parameters) and len({str(p) for p in parameters}) == 1
        return condition if is_at_top and is_alone and not _OR.search(_outside(rest)) else ""
    return ""


def _outside(text: str) -> str:
    """What stands outside of all brackets: an `or` there would reach beyond the area."""
    while (shorter := _BRACKETS.sub("", text)) != text:
        text = shorter
    return text
