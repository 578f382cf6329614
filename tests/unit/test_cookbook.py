"""The cookbook in the repository is the one its declarations make, in two languages."""

from __future__ import annotations

import pandas as pd

from tests.conftest import ROOT
from titikrawan import cookbook


def test_there_are_twenty_five_questions_and_thirty_facts_in_both_languages() -> None:
    assert len(cookbook.questions()) >= 25 and len(cookbook.facts()) >= 30
    for one in (*cookbook.questions(), *cookbook.facts()):
        assert one.words["en"] and one.words["id"] and one.words["en"] != one.words["id"]
    assert all("{v}" in words for fact in cookbook.facts() for words in fact.words.values())


def test_the_book_prints_every_block_as_it_runs() -> None:
    text = (ROOT / "docs" / cookbook.BOOK).read_text(encoding="utf-8")
    for one in cookbook.questions():
        assert f"```sql\n{one.sql}\n```" in text and f"```python\n{one.python}\n```" in text, one.name
    for fact in cookbook.facts():
        assert f"`{fact.sql}`" in text, fact.name


def test_numbers_are_grouped_as_their_readers_group_them() -> None:
    fact = cookbook.Fact("x", {"en": "{v} stations", "id": "{v} TPS"}, "select 1")
    assert (fact.said(820161), fact.said(820161, "id")) == ("820,161 stations", "820.161 TPS")


def test_no_data_days_and_fractions_are_compared_as_plain_values() -> None:
    frame = pd.DataFrame(
        {"a": [None, 1.0], "b": pd.to_datetime(["2024-02-14", None]), "c": [1 / 3, float("nan")]}
    )
    assert cookbook.rows_of(frame) == [[None, "2024-02-14", 0.333333], [1, None, None]]
