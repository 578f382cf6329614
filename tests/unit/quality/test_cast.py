"""Casting is strict: a cell is empty, a value of its type, or refused with a hint."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.catalog import Field, Table
from pipelines.quality import cast
from pipelines.quality.cast import DTYPES
from pipelines.quality.hints import cast_hint, code_hint, column_hint

WORDS = {"id": "x", "en": "x"}


def one_column(kind: str) -> Table:
    field = Field("x", kind, WORDS, WORDS)
    return Table("t", "core", WORDS, WORDS, "one row", (field,), ("x",))


def cast_one(kind: str, *texts: str) -> tuple[pd.Series, list[bool]]:
    done = cast(one_column(kind), pd.DataFrame({"x": list(texts)}, dtype="str"))
    return done.frame["x"], list(done.refused.get("x", [False] * len(texts)))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "0", 0),
        ("integer", "-12", -12),
        ("integer", "999999999999999999", 999999999999999999),
        ("number", "-6.1754", -6.1754),
        ("number", "7", 7.0),
        ("number", "1e-05", 1e-05),
        ("date", "2024-02-29", pd.Timestamp(2024, 2, 29)),
        ("date", "0001-01-01", pd.Timestamp("0001-01-01")),
        ("datetime", "2024-02-14 13:05", pd.Timestamp(2024, 2, 14, 13, 5)),
        ("datetime", "2024-02-14T13:05:59", pd.Timestamp(2024, 2, 14, 13, 5, 59)),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("string", " 011.10 ", " 011.10 "),
        ("string", "NA", "NA"),
        ("string", "null", "null"),
    ],
)
def test_values_of_the_type(kind: str, text: str, value: object) -> None:
    series, refused = cast_one(kind, text, "")
    assert series.dtype == DTYPES[kind]
    assert series[0] == value
    assert pd.isna(series[1])
    assert refused == [False, False]


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        ("integer", "1.234", "Indonesian thousands separator. Write 1234"),
        ("integer", "3171.0", "a spreadsheet added decimals. Write 3171"),
        ("integer", "1,5", "a count has no decimals"),
        ("integer", "12,345", "thousands separator. Write 12345"),
        ("integer", "1e3", "shortened it to powers of ten"),
        ("integer", "1,2E+05", "shortened it to powers of ten"),
        ("integer", " 12", "blanks around the value. Write 12"),
        ("integer", "012", "looks like a code"),
        ("integer", "+5", "a whole number like 1234"),
        ("integer", "sekitar 5", "leave the cell empty if it is not known"),
        ("integer", "٣", "a whole number like 1234"),
        ("integer", "1" * 19, "a whole number like 1234"),
        ("integer", "NaN", "a whole number like 1234"),
        ("number", "1.234,5", "Write 1234.5"),
        ("number", "1,5", "decimals are written with a dot. Write 1.5"),
        ("number", "inf", "a number like 1234.5"),
        ("number", "1e999", "shortened it to powers of ten"),
        ("date", "2024-02-30", "no such day in the calendar"),
        ("date", "2023-02-29", "no such day in the calendar"),
        ("date", "14/02/2024", "write the year first"),
        ("date", "45336", "turned the date into a day number"),
        ("date", "2024-2-14", "year-month-day"),
        ("date", "2024", "year-month-day"),
        ("datetime", "2024-02-14 25:00", "no such day"),
        ("boolean", "ya", "Write true or false"),
        ("boolean", "TRUE", "Write true or false"),
        ("string", "  ", "holds only blanks"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused_with_a_hint(kind: str, text: str, hint: str) -> None:
    _, refused = cast_one(kind, text, "")
    assert refused == [True, False]
    words = cast_hint(kind, text)
    assert hint in words["en"]
    assert words["id"] not in ("", words["en"])


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("3171.0", "turned the code into a number. Write 3171"),
        ("3171,0", "Write 3171"),
        ("31.71", "codes are written without dots here. Write 3171"),
        ("31.71.07.1001", "Write 3171071001"),
        ("0", "Write 00 if that is the code"),
        ("110101201", "9 digits: area codes have 2, 4, 6 or 10"),
        ("3.17107E+09", "shortened the code to powers of ten"),
    ],
)
def test_what_a_spreadsheet_does_to_codes_is_recognised(value: str, hint: str) -> None:
    words = code_hint(value)
    assert words is not None
    assert hint in words["en"]
    assert "teks" in words["id"] or "tanpa titik" in words["id"]


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("tps", "8", "Write 008"),
        ("no_tps", "TPS 004", "Write 004"),
        ("tps", "12.0", "Write 012"),
        ("area_code", "11.1", "Write 1110"),
        ("kode", "11.1", '"11.10"'),
        ("area_code", "8", "1 digits: area codes have"),
    ],
)
def test_advice_is_that_of_the_column(column: str, value: str, hint: str) -> None:
    words = column_hint(column, value, "[0-9]{3}")
    assert words is not None and hint in words["en"]


@pytest.mark.parametrize("value", ["3171", "00", "64-2015", "3171071001", "Kota"])
def test_whole_codes_get_no_such_hint(value: str) -> None:
    assert code_hint(value) is None


ANY = st.one_of(
    st.text(max_size=8),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.from_regex(r"[0-9]{1,4}[-./,][0-9]{1,3}([-./,][0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["", "true", "nan", "NULL", "None", "-", "1e400", "2024-02-30"]),
)


@given(kind=st.sampled_from(sorted(DTYPES)), texts=st.lists(ANY, max_size=12))
def test_nothing_becomes_null_because_it_did_not_parse(kind: str, texts: list[str]) -> None:
    series, refused = cast_one(kind, *texts)
    for text, value, bad in zip(texts, series, refused, strict=True):
        if text == "":
            assert pd.isna(value)
            assert not bad
        else:
            assert pd.isna(value) == bad  # NULL exactly where the cell was refused


@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1) | st.none(), max_size=20))
def test_integers_survive_unchanged(numbers: list[int | None]) -> None:
    series, refused = cast_one("integer", *("" if n is None else str(n) for n in numbers))
    assert [None if pd.isna(v) else int(v) for v in series] == numbers
    assert not any(refused)


@given(st.lists(st.dates(min_value=dt.date(1, 1, 1)), max_size=20))
def test_dates_survive_unchanged(days: list[dt.date]) -> None:
    series, refused = cast_one("date", *(d.isoformat() for d in days))
    assert [v.date() for v in series] == days
    assert not any(refused)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_numbers_survive_unchanged(numbers: list[float]) -> None:
    series, refused = cast_one("number", *map(repr, numbers))
    assert series.tolist() == numbers
    assert not any(refused)
