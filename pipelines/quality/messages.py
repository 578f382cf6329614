"""Sentences for rows that break a condition: where, what, and what to do; Indonesian and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from ..catalog import Table, label
from ..catalog.records import QUARANTINED
from .conditions import Condition
from .hints import Words, cast_hint, code_hint, form

_LISTED = 12  # a longer list of valid codes helps nobody


def place(words: Words, file: str, row: int, column: str = "", value: str | None = None) -> Words:
    """`words` with file, line, column and value in front."""
    at = {"en": [file, f"line {row}"], "id": [file, f"baris {row}"]}
    if column:
        at["en"].append(f"column {column}")
        at["id"].append(f"kolom {column}")
    shown = f"{value!r}: " if value else ""
    return {lang: f"{', '.join(at[lang])}: {shown}{words[lang]}" for lang in ("id", "en")}


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
    """One row of `meta.quarantine`.

    Args:
        table: full name of the table. where: file and line. shown: the value as the message says it, where that is
            not the whole `value`.
    """
    said = place(words, *where, column, value if shown is None else shown)
    return {
        "table_name": table,
        "source_file": where[0],
        "source_row": where[1],
        "rule": rule,
        "disposition": disposition,
        "column_name": column,
        "value": value,
        "message_id": said["id"],
        "message_en": said["en"],
        "raw_row": raw_row,
    }


def not_a(kind: str, value: str) -> Words:
    """The cell is not a value of the type the catalog declares."""
    hint, wanted = cast_hint(kind, value), form(kind)
    return {
        "en": f"not {wanted['en']}; {hint['en']}",
        "id": f"bukan {wanted['id']}; {hint['id']}",
    }


def broken(
    table: Table, condition: Condition, values: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> Words:
    """What a row with the texts `values` does wrong under `condition`.

    `known` maps a column with a foreign key to the values it may have.
    """
    column = condition.columns[0] if condition.columns else ""
    value = values.get(column, "")
    if condition.rule == "required":
        return {
            "en": "the cell is empty. Fill it in; every row needs it.",
            "id": "sel kosong. Isilah; setiap baris memerlukannya.",
        }
    if condition.rule == "allowed_value":
        return _unknown_code(table, column, value, tuple(map(str, condition.arguments["value_set"])))
    if condition.rule == "pattern":
        wanted = table.field(column).constraints["pattern"]
        return code_hint(value) or {
            "en": f"does not have the form {wanted}. Correct it from the source.",
            "id": f"tidak berbentuk {wanted}. Perbaiki menurut sumber.",
        }
    if condition.rule == "range":
        return {
            "en": f"outside the range {condition.expected}. Correct it, or leave it empty if it is not known.",
            "id": f"di luar batas {condition.expected}. Perbaiki, atau kosongkan bila tidak diketahui.",
        }
    if condition.rule == "foreign_key":
        return _unknown_reference(table, condition, value, known.get(column, ()))
    columns = ", ".join(condition.columns)
    shown = ", ".join(f"{name}={values.get(name, '')!r}" for name in condition.columns)
    detail = f" ({shown})." if len(condition.columns) > 1 else "."
    warn = condition.severity == "warn"
    todo_en = "The row is kept; check {} against the source." if warn else "Correct {} from the source."
    todo_id = "Baris disimpan; cocokkan {} dengan sumber." if warn else "Perbaiki {} menurut sumber."
    return {
        "en": f"{condition.message['en'].rstrip('.')}{detail} {todo_en.format(columns)}",
        "id": f"{condition.message['id'].rstrip('.')}{detail} {todo_id.format(columns)}",
    }


def duplicate(first_file: str, first_row: int) -> Words:
    """The row repeats an earlier one exactly."""
    return {
        "en": f"the row repeats {first_file}, line {first_row}, in every column; the first one is kept. "
        "Delete this one.",
        "id": f"baris ini mengulang {first_file}, baris {first_row}, pada semua kolom; yang pertama disimpan. "
        "Hapus yang ini.",
    }


def conflict(key: Sequence[str], others: Sequence[str]) -> Words:
    """Rows with the same key say different things; nobody can know which is right."""
    also, columns = "; ".join(others), ", ".join(key)
    return {
        "en": f"the same {columns} stands on rows with different values ({also}), so none of them is used. "
        "Keep the right row, or give the other one its own value.",
        "id": f"{columns} yang sama ada pada baris dengan isi berbeda ({also}), maka semuanya tidak dipakai. "
        "Pertahankan baris yang benar, atau beri nilai lain pada yang satunya.",
    }


def parent_refused(reference: str) -> Words:
    """The row points at a row that is itself in quarantine."""
    return {
        "en": f"points at a row of {reference} that is itself in quarantine. Mend that row first.",
        "id": f"menunjuk baris {reference} yang juga dikarantina. Perbaiki baris itu dahulu.",
    }


def _unknown_code(table: Table, column: str, value: str, allowed: tuple[str, ...]) -> Words:
    near = _nearest(value, allowed)
    codes = table.field(column).codes
    words = {}
    for lang, says, guess, valid in (
        ("en", "not a valid code.", "Did you mean {}?", "Valid"),
        ("id", "bukan kode yang berlaku.", "Maksudnya {}?", "Yang berlaku"),
    ):
        listed = [f"{c} ({label(codes, c, lang)})" if codes else c for c in allowed[:_LISTED]]
        more = " …" if len(allowed) > _LISTED else ""
        parts = [says, guess.format(near) if near else "", f"{valid}: {', '.join(listed)}{more}"]
        words[lang] = " ".join(filter(None, parts))
    return words


def _unknown_reference(table: Table, condition: Condition, value: str, known: tuple[str, ...]) -> Words:
    target = condition.expected.removeprefix("in ")
    if len(condition.columns) > 1:
        return {
            "en": f"no such row in {target}. Correct it, or add the row there first.",
            "id": f"tidak ada baris itu dalam {target}. Perbaiki, atau tambahkan barisnya lebih dahulu.",
        }
    eaten = code_hint(value) if condition.columns[0].endswith("_code") else None
    padded = value.zfill(len(value) + 1)
    near = padded if padded in known else _nearest(value, known)
    words = {
        "en": f"not in {target}. {eaten['en'] if eaten else ''}",
        "id": f"tidak ada dalam {target}. {eaten['id'] if eaten else ''}",
    }
    if near and not eaten:
        words["en"] += f"Did you mean {near}? "
        words["id"] += f"Maksudnya {near}? "
    if len(known) <= _LISTED and not eaten:
        words["en"] += f"Known: {', '.join(known)}. "
        words["id"] += f"Yang dikenal: {', '.join(known)}. "
    if not eaten:
        words["en"] += "Correct it, or add the row there first."
        words["id"] += "Perbaiki, atau tambahkan barisnya lebih dahulu."
    return words


@lru_cache(maxsize=512)
def _nearest(value: str, allowed: tuple[str, ...]) -> str:
    # Comparing with 8,000 codes takes about 10 ms; those of like length and beginning are enough then.
    if len(allowed) > 500:
        allowed = tuple(a for a in allowed if a[:2] == value[:2] and abs(len(a) - len(value)) <= 2)
    return next(iter(get_close_matches(value, allowed, 1, 0.6)), "")
