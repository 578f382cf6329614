"""The catalog's row conditions as SQL, used for tables of any size.

`typed` converts the text of a cell to its value, `refused` is true where a cell is not a value of its type,
`broken` is true where a typed row breaks a condition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..catalog import Field, ForeignKey, Table
from ..catalog.sql import literal, quote
from .conditions import Condition

_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATETIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?"
# Characters that look blank, as stripped by Python's str.strip.
_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# A count with more digits than this is a typing error.
_DIGITS = 18


def typed(field: Field, text: str) -> str:
    """Return SQL for the value of the text `text` (empty = null); null where it is not of the type."""
    if field.type == "string":
        return text
    return f"try_cast({text} as {field.sql_type})"


def refused(field: Field, text: str, value: str = "") -> str:
    """Return SQL that is true where the non-empty text `text` is not exactly a value of the type; never null.

    Args:
        value: SQL of `typed`, if already computed.
    """
    value = value or typed(field, text)
    if field.type == "string":
        # A cell of blanks looks empty to people but not to a computer: refuse it rather than guess.
        return f"({text} is not null and trim({text}, {literal(_BLANKS)}) = '')"
    if field.type == "integer":
        # The value must read the same when written back: `1.5`, `007`, `1e3` and ` 5` all cast, and none is a
        # count.
        same = f"cast({value} as varchar) is not distinct from {text}"
        return f"({text} is not null and not ({same} and length(ltrim({text}, '-')) <= {_DIGITS}))"
    pattern = {"number": _NUMBER, "date": _DATE, "datetime": _DATETIME, "boolean": "true|false"}[field.type]
    wrong = f"({value} is null or not regexp_full_match({text}, {literal(pattern)}))"
    if field.type == "number":
        wrong = f"({wrong} or not isfinite({value}))"
    return f"({text} is not null and {wrong})"


def broken(
    table: Table, condition: Condition, known: Mapping[tuple[str, ...], str], relation: str = ""
) -> str | None:
    """Return SQL over typed columns that is true where a row breaks `condition`, never null.

    Args:
        known: columns of a foreign key -> SQL subquery of their valid values (`known_values`).
        relation: relation with all rows of the table; without it, uniqueness cannot be checked and None is
            returned.
    """
    column = quote(condition.columns[0]) if condition.columns else ""
    if condition.rule == "unique":
        return _repeated(condition.columns, relation) if relation else None
    if condition.rule == "required":
        return f"({column} is null)"
    if condition.rule == "allowed_value":
        allowed = ", ".join(literal(v) for v in condition.limits["values"])
        return f"coalesce({column} not in ({allowed}), false)"
    if condition.rule == "pattern":
        return f"coalesce(not regexp_full_match({column}, {literal(condition.limits['pattern'])}), false)"
    if condition.rule == "range":
        low, high = condition.limits["minimum"], condition.limits["maximum"]
        sides = [f"{column} < {literal(low)}"] if low is not None else []
        sides += [f"{column} > {literal(high)}"] if high is not None else []
        return f"coalesce({' or '.join(sides)}, false)"
    if condition.rule == "foreign_key":
        return f"coalesce({_key(condition.columns)} not in ({known[condition.columns]}), false)"
    expression = next(r.expr for r in table.rules if r.id == condition.rule)
    return f"(({expression}) is not distinct from false)"


def known_values(key: ForeignKey, relation: str) -> str:
    """Return a subquery of the valid values for the columns of a foreign key."""
    whole = " and ".join(f"{quote(c)} is not null" for c in key.reference_fields)
    return f"select {_key(key.reference_fields)} from {relation} where {whole}"  # noqa: S608 (declared names)


def _key(columns: Sequence[str]) -> str:
    """Return one value for a key of one or several columns; null if a part
    is empty, since it references nothing."""
    if len(columns) == 1:
        return quote(columns[0])
    whole = " and ".join(f"{quote(c)} is not null" for c in columns)
    return f"case when {whole} then row({', '.join(map(quote, columns))}) end"


def _repeated(columns: Sequence[str], relation: str) -> str:
    """Return SQL that is true where a key occurs on several rows. As in
    SQL, a key with a null part is never equal."""
    key = _key(columns)
    several = f"select {key} as k from {relation} group by k having k is not null and count(*) > 1"  # noqa: S608
    return f"coalesce({key} in ({several}), false)"
