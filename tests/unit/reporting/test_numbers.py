"""Numbers, dates and foreign text as the reader of a language writes them."""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines.reporting.language import numbers


@pytest.mark.parametrize(
    ("value", "lang", "text"),
    [
        (0, "id", "0"),
        (1234, "id", "1.234"),
        (823236, "id", "823.236"),
        (1234, "en", "1,234"),
        (-7, "id", "-7"),
    ],
)
def test_whole_numbers_use_the_separator_of_the_language(value: int, lang: str, text: str) -> None:
    assert numbers.integer(value, lang) == text


def test_decimals_and_dates_follow_cldr() -> None:
    assert numbers.decimal(1234.5, "id") == "1.234,5"
    assert numbers.long_date(dt.date(2024, 2, 14), "id") == "14 Februari 2024"
    assert numbers.long_date(dt.date(2024, 2, 14), "en") == "14 February 2024"
    assert numbers.short_date(dt.date(2019, 5, 9), "id") == "9 Mei 2019"


def test_days_late_carry_a_sign() -> None:
    assert [numbers.signed(days, "id") for days in (5, 0, -3)] == ["+5", "0", "−3"]


def test_text_loses_marks_that_hide_or_turn_it() -> None:
    assert numbers.clean("Desa\u202e gnod\u0000 \u200bX\n Y") == "Desa gnod X Y"
    assert len(numbers.clean("a" * 5000)) == numbers.LONGEST


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "//example.org", "https://", "https://a b",
     'https://x"onmouseover=', "https://x/\u202egpj", "http://[", None, ""],
)  # fmt: skip
def test_addresses_that_are_not_plain_web_pages_are_dropped(address: str | None) -> None:
    assert numbers.web_address(address) == ""


def test_web_pages_stay_as_they_are() -> None:
    for address in ("https://example.org/a?b=c&d=e#f", "http://example.org:443/x"):
        assert numbers.web_address(address) == address


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0,00 (0,00–0,20)", ["(0,00–0,20)"]),
        ("12 % dari 1.542 TPS", ["12 %", "1.542 TPS"]),
        ("≥ 4 dari 5 hari, 2014–2024.", ["≥ 4", "5 hari", "2014–2024."]),
        ("selang 95 %; −3–+5 hari", ["95 %", "−3–+5 hari"]),
        ("pasal 109-110; p = 0,367", ["109-110", "p = 0,367"]),
        ("Suara = pengguna: 1.605 ≠ 1; lalu", ["1.605 ≠ 1"]),
        ("Pilkada 2017 (2) (1 kejadian)", ["(1 kejadian)"]),
        ("3 kalimat, 12 harian, H−30, TPS1–2, 7", []),
    ],
)
def test_a_number_stays_with_its_unit_and_its_interval(text: str, kept: list[str]) -> None:
    parts = numbers.tied(text)
    assert parts[1::2] == kept
    assert "".join(parts) == text


def test_what_stays_together_is_never_long() -> None:
    for text in ("1" * 500, "–".join(["1"] * 300), f"≥ {'9.' * 400}–{'9' * 400} units"):
        assert max(map(len, numbers.tied(text)[1::2]), default=0) <= 45
