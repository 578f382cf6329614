"""The catalog's demands on a row as SQL, for tables too large for pandas.

The same conditions as everywhere (`conditions`), evaluated once by DuckDB over text columns: `typed` gives the
value of a cell, `refused` says that a cell is not a value of its type, `broken` that a typed row breaks a condition.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..catalog import Field, ForeignKey, Table
from ..catalog.sql import literal, quote
from ..quality.conditions import Condition

_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATETIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?"


def typed(field: Field, text: str) -> str:
    """SQL of the value of the text `text` (empty = null), null where it is not of the type."""
    if field.type == "string":
        return text
    return f"try_cast({text} as {field.sql_type})"


def refused(field: Field, text: str, value: str = "") -> str:
    """SQL, true where the non-empty text `text` is not exactly a value of the type; never null.

    Args:
        value: SQL of `typed`, where it is computed already.
    """
    value = value or typed(field, text)
    if field.type == "string":
        return f"({text} is not null and trim({text}) = '')"
    if field.type == "integer":
        # Written back it must read the same: `1.5`, `007`, `1e3` and ` 5` all cast, and none is a count.
        return f"({text} is not null and cast({value} as varchar) is distinct from {text})"
    pattern = {"number": _NUMBER, "date": _DATE, "datetime": _DATETIME, "boolean": "true|false"}[field.type]
    shaped = f"regexp_full_match({text}, {literal(pattern)})"
    return f"({text} is not null and ({value} is null or not {shaped}))"


def broken(table: Table, condition: Condition, known: Mapping[tuple[str, ...], str]) -> str | None:
    """SQL over typed columns, true where a row breaks `condition`; None for uniqueness, which is no row's matter.

    Args:
        known: columns of a foreign key -> SQL subquery of the values they may have.
    """
    column = quote(condition.columns[0]) if condition.columns else ""
    if condition.rule == "unique":
        return None
    if condition.rule == "required":
        return f"({column} is null)"
    if condition.rule == "allowed_value":
        allowed = ", ".join(literal(v) for v in condition.arguments["value_set"])
        return f"coalesce({column} not in ({allowed}), false)"
    if condition.rule == "pattern":
        pattern = table.field(condition.columns[0]).constraints["pattern"]
        return f"coalesce(not regexp_full_match({column}, {literal(pattern)}), false)"
    if condition.rule == "range":
        low, high = condition.arguments["min_value"], condition.arguments["max_value"]
        sides = [f"{column} < {literal(low)}"] if low is not None else []
        sides += [f"{column} > {literal(high)}"] if high is not None else []
        return f"coalesce({' or '.join(sides)}, false)"
    if condition.rule == "foreign_key":
        return f"coalesce({column} not in ({known[condition.columns]}), false)"
    expression = next(r.expr for r in table.rules if r.id == condition.rule)
    return f"(({expression}) is not distinct from false)"


def known_values(key: ForeignKey, relation: str) -> str:
    """Subquery of the values a foreign key of one column may have."""
    column = quote(key.reference_fields[0])
    return f"select {column} from {relation} where {column} is not null"  # noqa: S608 (declared names)
