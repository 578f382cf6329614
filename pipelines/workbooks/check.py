"""Check rows against the declared constraints and rules of a table before any is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..catalog import Field, Table
from ..catalog.messages import Given, Message
from ..catalog.sql import quote
from .findings import Words


@dataclass(frozen=True)
class Broken:
    """A condition that row number `row` (among the given rows) does not meet; `is_warning`: the row may stay."""

    row: int
    field: str
    said: Words
    is_warning: bool = False


def check_rows(table: Table, rows: Sequence[Mapping[str, str]]) -> list[Broken]:
    """Return the conditions broken by rows of text in register format ('' = empty)."""
    found = [broken for number, row in enumerate(rows) for broken in _constraints(table, number, row)]
    wrong = {b.row for b in found}
    found += _rules(table, rows, wrong)
    return found


def _constraints(table: Table, number: int, row: Mapping[str, str]) -> Iterator[Broken]:
    for field in table.source_fields:
        value = row.get(field.name, "")
        if not value:
            if field.is_required:
                yield Broken(number, field.name, Message("workbooks.required", title=Given(field.title)))
            continue
        if said := _constraint(field, value):
            yield Broken(number, field.name, said)


def _constraint(field: Field, value: str) -> Words | None:
    limits = field.constraints
    if "enum" in limits and value not in limits["enum"]:
        return Message("workbooks.not_a_choice", value=value)
    if "pattern" in limits and not re.fullmatch(str(limits["pattern"]), value):
        return Message("workbooks.other_form", value=value, title=Given(field.title))
    if field.type == "date":
        low, high = str(limits.get("minimum", "")), str(limits.get("maximum", "9999"))
        if not low <= value <= high:
            return Message("workbooks.out_of_range", value=value, low=low or "…", high=high)
    if field.type in ("integer", "number"):
        low_n, high_n = limits.get("minimum"), limits.get("maximum")
        if (low_n is not None and float(value) < low_n) or (high_n is not None and float(value) > high_n):
            return Message("workbooks.out_of_range", value=value, low=low_n if low_n is not None else "…",
                           high=high_n if high_n is not None else "…")  # fmt: skip
    return None


def _rules(table: Table, rows: Sequence[Mapping[str, str]], wrong: set[int]) -> list[Broken]:
    """Check rules over several columns, in SQL as declared, on rows whose cells are all valid."""
    good = [(n, row) for n, row in enumerate(rows) if n not in wrong]
    if not good or not table.rules:
        return []
    import duckdb

    fields = table.source_fields
    columns = ", ".join(f"{quote(f.name)} {f.sql_type}" for f in fields)
    marks = ", ".join("?" * (len(fields) + 1))
    found: list[Broken] = []
    with duckdb.connect(":memory:", config={"enable_external_access": False}) as con:
        con.execute(f"create table given (row_number bigint, {columns})")
        con.executemany(
            f"insert into given values ({marks})",  # noqa: S608 (question marks)
            [[n, *(row.get(f.name) or None for f in fields)] for n, row in good],
        )
        for rule in table.rules:
            broken = con.execute(
                f"select row_number from given where not coalesce(({rule.expr}), true)"  # noqa: S608 (declared)
            ).fetchall()
            for (n,) in broken:
                column = rule.columns[0] if rule.columns else ""
                found.append(Broken(int(n), column, Given(rule.message), rule.severity == "warn"))
    return found
