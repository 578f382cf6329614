"""The summary page is a table a person can read, whatever a step returns."""

from __future__ import annotations

from flows.summary import StepRecord, markdown


def test_counts_have_columns_and_other_facts_stand_beside() -> None:
    page = markdown(
        "r1",
        ["00", "31"],
        [StepRecord("read", "Baca", 1.234, 1, {"rows_read": 9, "rows_kept": 8, "files": 13})],
    )
    assert "| Baca | 1.23 | 9 | 8 |  |  | files = 13 |" in page
    assert "| **Jumlah** | 1.23 |" in page


def test_failed_step_is_named_with_its_message_and_what_still_serves() -> None:
    page = markdown(
        "r1", [], [StepRecord("check", "Periksa", 0.1, 1, {}, "DataError: a | b\nline two")], "id"
    )
    assert "GAGAL pada langkah Periksa" in page
    assert "Rilis yang terbit sebelumnya tetap melayani" in page
    assert "DataError: a | b\nline two" in page


def test_bars_and_line_breaks_do_not_break_the_table_and_retries_show() -> None:
    page = markdown("r1", [], [StepRecord("x", "X", 0, 3, {"note": "a|b\nc"})], "en")
    row = next(line for line in page.splitlines() if line.startswith("| X |"))
    assert "note = a\\|b c; × 3" in row
    assert page.startswith("# titik-rawan refresh")


def test_unknown_language_falls_back_to_indonesian() -> None:
    assert markdown("r1", [], [], "fr").startswith("# Pembaruan")
