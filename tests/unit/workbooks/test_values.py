"""Dates, numbers and stations as offices write them: read by a rule, or not read."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.workbooks.findings import Misread
from pipelines.workbooks.values import read_code_digits, read_date, read_integer, read_stations

DAY = dt.date(2024, 2, 14)


@pytest.mark.parametrize(
    "written",
    ["2024-02-14", "14/2/24", "14-02-2024", "14.2.2024", "Rabu, 14 Februari 2024", "14 Feb 24", "45336", 45336.0,
     "rabu 14 Pebruari 2024", dt.datetime(2024, 2, 14), "Rabu tgl. 14/02/2024", "14-Peb-2024", "2024/2/14",
     "2024.02.14", "14-Feb-24", "14/2/2024 08:00", "2024-02-14T08:00:00",
     "Rabu, 14 Februari 2024, pukul 08.00 WIB"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: object) -> None:
    assert read_date(written) == DAY


@pytest.mark.parametrize(
    "written", ["Kamis, 14 Februari 2024", "31/2/24", "Februari 2024", "14/2", "besok", "2/14/24"]
)
def test_a_day_that_is_none_is_not_guessed(written: str) -> None:
    with pytest.raises(Misread):
        read_date(written)


def test_a_month_alone_is_no_day_and_its_last_one_a_suggestion() -> None:
    for written, day in (("Desember 2026", "2026-12-31"), ("Feb 2028", "2028-02-29")):
        with pytest.raises(Misread) as wrong:
            read_date(written)
        assert wrong.value.nearest == (day,)


def test_swapped_day_and_month_are_a_suggestion_only() -> None:
    with pytest.raises(Misread) as wrong:
        read_date("2/14/2024")
    assert wrong.value.nearest == ("2024-02-14",)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.234", 1234),
        (12.0, 12),
        ("12 TPS", 12),
        ("3171.0", 3171),
        ("7", 7),
        ("3 (tiga)", 3),
        ("dua", 2),
        ("25 (dua puluh lima)", 25),
        ("1.250 (seribu dua ratus lima puluh)", 1250),
        ("sebelas", 11),
        ("nihil", 0),
    ],
)
def test_whole_numbers(written: object, number: int) -> None:
    assert read_integer(written) == number


@pytest.mark.parametrize(
    "written",
    ["1,234", "1,5", "dua atau tiga", "3 (dua)", "tiga dua", "puluh", "-3", 1.5, float("nan"), True, "12a"],
)
def test_numbers_that_may_mean_two_things_are_refused(written: object) -> None:
    with pytest.raises(Misread):
        read_integer(written)


@pytest.mark.parametrize(
    ("written", "stations"),
    [("TPS 043", ["043"]), (43.0, ["043"]), ("12 & 13", ["012", "013"]), ("3-7", ["003", "004", "005", "006", "007"]),
     ("TPS 1, 2 dan 5", ["001", "002", "005"]), ("No. 1 s/d 3", ["001", "002", "003"]), ("901", ["901"]),
     ("TPS043", ["043"]), ("TPS-43", ["043"]), ("TPS.043", ["043"]), ("1 s.d. 3", ["001", "002", "003"]),
     ("TPS 1-3", ["001", "002", "003"])],
)  # fmt: skip
def test_stations(written: object, stations: list[str]) -> None:
    assert read_stations(written) == stations


@pytest.mark.parametrize("written", ["7-3", "0", "satu", "1-200", "1, 1", "", "12 TPS tersebar"])
def test_stations_that_cannot_be_told_are_refused(written: str) -> None:
    with pytest.raises(Misread):
        read_stations(written)


def test_codes() -> None:
    assert [read_code_digits(c) for c in ("3171", 3171.0, "3171.0", "31.71", "31.71.03.1001", "317", "abc")] == [
        "3171", "3171", "3171", "3171", "3171031001", "", "",
    ]  # fmt: skip


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans()))
def test_anything_is_read_or_misread_and_nothing_else(value: object) -> None:
    for read in (read_date, read_integer, read_stations):
        try:
            read(value)
        except Misread as wrong:
            assert wrong.said["id"] and wrong.said["en"]
