"""Hints on refused values: the probable cause, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..catalog.messages import Message

Words = Mapping[str, str]
"""A text in every language."""

_FORMS: Mapping[str, Words] = {
    "integer": Message("quality.form_integer"),
    "number": Message("quality.form_number"),
    "date": Message("quality.form_date"),
    "datetime": Message("quality.form_datetime"),
    "boolean": Message("quality.form_boolean"),
    "string": Message("quality.form_string"),
}


def form(kind: str) -> Words:
    """Return how a value of a catalog type is written."""
    return _FORMS[kind]


def cast_hint(kind: str, value: str) -> Words:
    """Return why `value` is not a `kind`, and what to write instead."""
    if value.strip() == "":
        return Message("quality.hint_blank")
    if value != value.strip():
        return Message("quality.hint_blanks_around", value=value.strip())
    if kind in ("integer", "number"):
        return _number_hint(kind, value)
    if kind in ("date", "datetime"):
        return _date_hint(value)
    return Message("quality.hint_write", form=form(kind))


def _number_hint(kind: str, value: str) -> Words:
    if re.fullmatch(r"-?[0-9]+\.0+", value):
        whole = value.split(".")[0]
        return Message("quality.hint_decimals_added", whole=whole)
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", value):
        plain = value.replace(".", "").replace(",", ".")
        return Message("quality.hint_dot_thousands", plain=plain)
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", value):
        plain = value.replace(",", "")
        return Message("quality.hint_comma_thousands", plain=plain)
    if re.fullmatch(r"-?[0-9]*,[0-9]+", value) and kind == "number":
        plain = value.replace(",", ".")
        return Message("quality.hint_decimal_comma", plain=plain)
    if re.fullmatch(r"-?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", value):
        return Message("quality.hint_powers")
    if re.fullmatch(r"-?[0-9]+[.,][0-9]+", value):
        return Message("quality.hint_no_decimals")
    if re.fullmatch(r"0[0-9]+", value):
        return Message("quality.hint_leading_zero")
    return Message("quality.hint_write_or_empty", form=form(kind))


def _date_hint(value: str) -> Words:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*", value):
        return Message("quality.hint_no_such_day")
    if re.fullmatch(r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}", value):
        return Message("quality.hint_year_first")
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", value):
        return Message("quality.hint_day_number")
    return Message("quality.hint_write_date")


def column_hint(column: str, value: str, pattern: str = "[0-9]{3}") -> Words | None:
    """Return what is wrong with the format of a value, judging by its column; None if unknown.

    Args:
        pattern: pattern required by the column; station numbers have three digits in some columns only.
    """
    if column in ("tps", "no_tps"):
        return code_hint(value) if re.fullmatch(pattern, "8") else tps_hint(value)
    return code_hint(value) if column.endswith(("_code", "tps_id", "_kode")) or column == "kode" else None


def tps_hint(value: str) -> Words | None:
    """Return how the number of a polling station is written: three digits."""
    found = re.fullmatch(r"(?:TPS|No\.?)?[ .-]*([0-9]{1,3})(?:[.,]0+)?", value.strip(), re.IGNORECASE)
    if not found:
        return None
    number = found.group(1).zfill(3)
    return Message("quality.hint_tps", number=number)


_PARTS = (2, 2, 2, 4, 3)


def _dotted(value: str) -> str:
    """Return a code without dots. Spreadsheets read 11.10 as a number and drop
    its last zero; parts of longer codes lose leading zeros."""
    parts = value.split(".")
    if len(parts) == 2 and len(parts[1]) < _PARTS[1]:
        return parts[0] + parts[1].ljust(_PARTS[1], "0")
    return "".join(part.zfill(width) for part, width in zip(parts, _PARTS, strict=False))


def code_hint(value: str) -> Words | None:
    """Return what a spreadsheet did to a code, if the value shows it; None otherwise."""
    if re.fullmatch(r"[1-9][0-9]\.[1-9]", value):
        return Message("quality.hint_code_last_zero", shown=f"{value}0", code=_dotted(value))
    if re.fullmatch(r"[0-9]+[.,]0+", value):
        code = re.split(r"[.,]", value)[0]
        return Message("quality.hint_code_number", code=code)
    if re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", value):
        return Message("quality.hint_code_powers")
    if re.fullmatch(r"[0-9]{2}(\.[0-9]{1,4}){1,4}", value):
        code = _dotted(value)
        return Message("quality.hint_code_dots", code=code)
    if re.fullmatch(r"[0-9]+", value) and len(value) % 2:
        return Message("quality.hint_code_digits", n_digits=len(value), code=value.zfill(len(value) + 1))
    return None
