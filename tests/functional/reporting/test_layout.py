"""Widths of columns on paper: nothing is cut, nothing is wasted, whatever stands in the table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.reporting.formats.breaks import breakable, in_one_piece
from pipelines.reporting.formats.layout import INSET, advance, widths
from pipelines.reporting.formats.pdf import ROOM
from pipelines.reporting.model import Cell, Column, Group, Table
from tests.support.reading import report_of


def table(titles: list[str], *rows: list[str]) -> Table:
    cells = tuple(tuple(Cell(text) for text in row) for row in rows)
    return Table("", tuple(Column(title) for title in titles), (Group("", cells),))


def words(text: str) -> list[str]:
    """Pieces that stay together: a break may follow a space, a hyphen, a slash or the mark in a long word."""
    marked = in_one_piece(breakable(text)).replace("-", "-\u200b").replace("/", "/\u200b")
    return marked.replace(" ", "\u200b").split("\u200b")


@pytest.mark.parametrize("code", ["3171", "31", "00"])
def test_no_word_of_a_report_is_wider_than_its_column(code: str) -> None:
    for section in report_of(code, "id").sections:
        for block in section.blocks:
            if isinstance(block, Table):
                found = widths(block, ROOM)
                assert sum(found) == pytest.approx(ROOM)
                for at, column in enumerate(block.columns):
                    texts = [column.title, *(row[at].text for group in block.groups for row in group.rows)]
                    longest = max(advance(word) for text in texts for word in words(text))
                    assert found[at] >= longest + INSET - 1e-6, (section.key, column.title)


def test_long_texts_get_what_short_ones_leave() -> None:
    rows = [[str(n), "sebuah kalimat yang cukup panjang untuk beberapa baris " * 2, "ya"] for n in range(5)]
    number, sentence, answer = widths(table(["No.", "Langkah", "Ada"], *rows), 40)
    assert sentence > 30 and number < 4 and answer < 4


def test_a_column_is_wide_enough_for_an_interval_in_one_piece() -> None:
    interval, share = "(1.234.567–1.999.999 %)", "12.345.678.901 %"
    wordy = ["kata yang pendek saja " * 20] * 3
    found = widths(table(["a", "b", "c", "d", "e"], [interval, share, *wordy]), 40)
    assert found[0] >= advance(interval) + INSET and found[1] >= advance(share) + INSET
    assert "\u200b" not in breakable(interval)


def test_room_that_nobody_needs_is_shared_by_weight() -> None:
    cells = ((Cell("a"), Cell("a")),)
    found = widths(Table("", (Column("a", width=1), Column("a", width=3)), (Group("", cells),)), 40)
    assert found[1] > 2 * found[0]


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(st.text(max_size=90), min_size=n, max_size=n), min_size=1, max_size=6)
    )
)
@settings(max_examples=60, deadline=None)
def test_any_table_fills_the_line(rows: list[list[str]]) -> None:
    found = widths(table(["Judul"] * len(rows[0]), *rows), ROOM)
    assert sum(found) == pytest.approx(ROOM)
    assert min(found) > 0
