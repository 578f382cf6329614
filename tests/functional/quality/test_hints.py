"""Advice that fits the column: numbers of polling stations are no area codes."""

from __future__ import annotations

import pytest

from pipelines.quality.hints import code_hint, column_hint


@pytest.mark.parametrize(
    ("column", "value", "advice"),
    [
        ("tps", "8", "Write 008"),
        ("tps", "TPS 004", "Write 004"),
        ("tps", "12.0", "Write 012"),
        ("village_code", "31.71.01.1001", "Write 3171011001"),
        ("regency_code", "11.1", "Write 1110"),
        ("village_code", "31.71.1.1001", "Write 3171011001"),
        ("province_code", "8", "Write 08"),
    ],
)
def test_advice_names_what_to_write(column: str, value: str, advice: str) -> None:
    hint = column_hint(column, value)
    assert hint is not None and advice in hint["en"] and advice.replace("Write", "Tulis") in hint["id"]


def test_a_code_that_lost_its_last_zero_is_named_as_such() -> None:
    hint = code_hint("11.1")
    assert hint is not None and '"11.10"' in hint["en"]


@pytest.mark.parametrize(("column", "value"), [("ballots", "8"), ("tps", "VIII"), ("source_url", "11.1")])
def test_nothing_is_said_where_nothing_is_known(column: str, value: str) -> None:
    assert column_hint(column, value) is None
