"""Messages for rows that break a condition: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from ..catalog import Table, label
from ..catalog.messages import Given, Joined, Message
from ..catalog.records import QUARANTINED, in_languages, placed
from ..catalog.vocabulary import LANGUAGES
from .conditions import Condition
from .hints import Words, cast_hint, code_hint, column_hint, form

_LISTED = 12  # a longer list of valid codes does not help


def problem(
    table: str,
    rule: str,
    words: Words,
    where: tuple[str, int],
    column: str,
    value: str,
    *,
    raw_row: str = "",
    disposition: str = QUARANTINED,
    shown: str | None = None,
) -> dict[str, object]:
    """Return one row of `meta.quarantine`.

    Args:
        table: full name of the table. where: file and line. shown: the value as shown in the message, if that
            is not the whole `value`.
    """
    said = placed(words, *where, column, value if shown is None else shown)
    return {
        "table_name": table,
        "source_file": where[0],
        "source_row": where[1],
        "rule": rule,
        "disposition": disposition,
        "column_name": column,
        "value": value,
        **in_languages(said),
        "raw_row": raw_row,
    }


def not_a(kind: str, value: str) -> Words:
    """Say that the cell is not a value of the declared type."""
    hint, wanted = cast_hint(kind, value), form(kind)
    return Message("quality.not_a", form=wanted, hint=hint)


def broken(
    table: Table, condition: Condition, values: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> Words:
    """Say how a row with the texts `values` breaks `condition`.

    `known` maps a column with a foreign key to its valid values.
    """
    column = condition.columns[0] if condition.columns else ""
    value = values.get(column, "")
    if condition.rule == "required":
        return Message("quality.required")
    if condition.rule == "allowed_value":
        return _unknown_code(table, column, value, tuple(map(str, condition.limits["values"])))
    if condition.rule == "pattern":
        wanted = table.field(column).constraints["pattern"]
        return column_hint(column, value, wanted) or Message("quality.pattern", wanted=wanted)
    if condition.rule == "range":
        return Message("quality.range", expected=condition.expected)
    if condition.rule == "foreign_key":
        return _unknown_reference(table, condition, value, known.get(column, ()))
    columns = ", ".join(condition.columns)
    shown = ", ".join(f"{name}={values.get(name, '')!r}" for name in condition.columns)
    detail = f" ({shown})." if len(condition.columns) > 1 else "."
    todo = "quality.kept_with_warning" if condition.severity == "warn" else "quality.correct_columns"
    said = Given({lang: text.rstrip(".") + detail for lang, text in condition.message.items()})
    return Joined(said, Message(todo, columns=columns))


def duplicate(first_file: str, first_row: int) -> Words:
    """Say that the row repeats an earlier one exactly."""
    return Message("quality.duplicate_row", first_file=first_file, first_row=first_row)


def conflict(key: Sequence[str], others: Sequence[str]) -> Words:
    """Say that rows with the same key contradict each other; the program cannot tell which is right."""
    also, columns = "; ".join(others), ", ".join(key)
    return Message("quality.conflicting_rows", columns=columns, also=also)


def parent_refused(reference: str) -> Words:
    """Say that the row references a row that is itself in quarantine."""
    return Message("quality.parent_refused", reference=reference)


def _unknown_code(table: Table, column: str, value: str, allowed: tuple[str, ...]) -> Words:
    near, codes = _nearest(value, allowed), table.field(column).codes
    more = " …" if len(allowed) > _LISTED else ""
    listed = Given(
        {
            lang: ", ".join(f"{c} ({label(codes, c, lang)})" if codes else c for c in allowed[:_LISTED])
            + more
            for lang in LANGUAGES
        }
    )
    guess = Message("quality.did_you_mean", near=near) if near else ""
    return Joined(Message("quality.no_code"), guess, Message("quality.valid_codes", codes=listed))


def _unknown_reference(table: Table, condition: Condition, value: str, known: tuple[str, ...]) -> Words:
    target = condition.expected.removeprefix("in ")
    if len(condition.columns) > 1:
        return Message("quality.no_such_row", target=target)
    eaten = code_hint(value) if condition.columns[0].endswith("_code") else None
    padded = value.zfill(len(value) + 1)
    near = padded if padded in known else _nearest(value, known)
    not_in = Message("quality.not_in", target=target)
    if eaten:
        return Joined(not_in, eaten)
    guess = Message("quality.did_you_mean", near=near) if near else ""
    listed = Message("quality.known_values", known=", ".join(known)) if len(known) <= _LISTED else ""
    return Joined(not_in, guess, listed, Message("quality.correct_or_add"))


@lru_cache(maxsize=512)
def _nearest(value: str, allowed: tuple[str, ...]) -> str:
    # Comparing with 8,000 codes takes about 10 ms; codes of similar length and prefix are enough then.
    if len(allowed) > 500:
        allowed = tuple(a for a in allowed if a[:2] == value[:2] and abs(len(a) - len(value)) <= 2)
    return next(iter(get_close_matches(value, allowed, 1, 0.6)), "")
