"""Reading: what cannot be read is refused with file, line, column, value and what to do."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.catalog import Table, table
from pipelines.sources import SourceError
from pipelines.sources.csv_text import BOM, TextTable, read_csv

Read = Callable[[], TextTable]


def spoil(path: Path, old: bytes, new: bytes) -> None:
    """Replace the first `old` in a file; fails when it is not there."""
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def refusal(read: Read) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read()
    error = caught.value
    assert str(error) == error.message["en"] != error.message["id"]
    assert all(m.startswith(error.file) for m in error.message.values())
    if error.line:
        assert f"line {error.line}" in error.message["en"]
        assert f"baris {error.line}" in error.message["id"]
    return error


def test_a_good_file_gives_every_row_as_text_with_its_true_line(read: Read, revotes: Table) -> None:
    got = read()
    assert got.table == "core.revote_claim"
    assert (got.n_read, len(got.frame), len(got.problems)) == (4, 4, 0)
    assert list(got.frame) == revotes.field_names
    # The second record spans lines 3 and 4, so the third begins on line 5.
    assert got.frame["source_row"].to_list() == [2, 3, 5, 6]
    assert got.frame["source_file"].unique().tolist() == ["register/revotes.csv"]
    assert got.frame["tps"].to_list() == ["012", "003", "", ""]
    assert got.frame["note"][1] == "Dua baris\ndalam satu sel, dengan koma"
    assert (got.frame.drop(columns="source_row").dtypes == "str").all()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(read: Read, folder: Path) -> None:
    plain = read().frame
    path = folder / "revotes.csv"
    path.write_bytes(BOM + path.read_bytes().replace(b"\n", b"\r\n"))
    marked = read().frame
    marked["note"] = marked["note"].str.replace("\r\n", "\n")
    assert marked.equals(plain)


def test_columns_may_stand_in_another_order(read: Read, folder: Path) -> None:
    plain, path = read().frame, folder / "revotes.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    turned = io.StringIO(newline="")
    csv.writer(turned, lineterminator="\n").writerows(row[::-1] for row in rows)
    path.write_text(turned.getvalue(), encoding="utf-8")
    assert read().frame.equals(plain)


def test_missing_file(read: Read, folder: Path) -> None:
    (folder / "revotes.csv").unlink()
    error = refusal(read)
    assert "register/revotes.csv: the file is missing" in error.message["en"]
    assert "Restore it" in error.message["en"]
    assert "Pulihkan" in error.message["id"]


@pytest.mark.parametrize("content", [b"", b"\n\n", BOM])
def test_empty_file(read: Read, folder: Path, content: bytes) -> None:
    (folder / "revotes.csv").write_bytes(content)
    error = refusal(read)
    assert "the file is empty" in error.message["en"]
    assert "event_id,election_id,area_code" in error.message["en"]  # what the header must be


def test_a_header_alone_is_a_table_without_rows(read: Read, folder: Path) -> None:
    path = folder / "revotes.csv"
    path.write_bytes(path.read_bytes().split(b"\n", 1)[0])
    assert (read().n_read, len(read().frame)) == (0, 0)


def test_wrong_header_names_missing_unexpected_and_renamed_columns(read: Read, folder: Path) -> None:
    spoil(folder / "revotes.csv", b"area_code,kind,", b"Area_Codes,kind,colour,")
    error = refusal(read)
    assert error.line == 1
    assert error.column == "area_code"
    for says in ("'Area_Codes' is probably 'area_code' renamed", "missing: area_code", "colour"):
        assert says in error.message["en"]
    assert "Make the first line of the file: event_id,election_id,area_code,kind" in error.message["en"]
    assert "Jadikan baris pertama" in error.message["id"]


def test_a_column_given_twice(read: Read, folder: Path) -> None:
    spoil(folder / "revotes.csv", b",confidence,note", b",confidence,note,note")
    assert "given twice: note" in refusal(read).message["en"]


@pytest.mark.parametrize(("mark", "english"), [(b";", "semicolons"), (b"\t", "tabs")])
def test_separators_of_an_indonesian_spreadsheet(read: Read, folder: Path, mark: bytes, english: str) -> None:
    path = folder / "revotes.csv"
    path.write_bytes(path.read_bytes().replace(b",", mark))
    error = refusal(read)
    assert f"separated by {english}, not commas" in error.message["en"]
    assert "Save it again as CSV with commas" in error.message["en"]


def test_wrong_encoding_names_line_column_and_byte(read: Read, folder: Path) -> None:
    spoil(folder / "revotes.csv", b"PSU di Makassar", "PSU di Makassar é".encode("cp1252"))
    error = refusal(read)
    assert (error.line, error.column, error.value) == (2, "source_title", "0xE9")
    for says in ("not UTF-8", "byte 0xE9", "after", "Windows-1252", "Save it again as CSV UTF-8"):
        assert says in error.message["en"]
    assert "Simpan ulang sebagai CSV UTF-8" in error.message["id"]


def test_wrong_encoding_at_the_very_beginning_of_a_line(read: Read, folder: Path) -> None:
    path = folder / "revotes.csv"
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(first + b"\n\x92" + rest)
    assert (refusal(read).line, refusal(read).column) == (2, "event_id")
    path.write_bytes(b"\n\x92" + rest)
    assert (refusal(read).line, refusal(read).column) == (2, None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_recognised(read: Read, folder: Path, encoding: str) -> None:
    path = folder / "revotes.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert "UTF-16" in refusal(read).message["en"]


def test_rows_with_too_few_or_too_many_cells_become_problems(read: Read, folder: Path) -> None:
    path = folder / "revotes.csv"
    spoil(path, b"2024-02-20,medium,\n", b"2024-02-20\n")
    spoil(path, b"PSU 2019,", b"PSU 2019, lanjutan,")
    got = read()
    assert got.n_read == 4 == len(got.frame) + len(got.problems)
    few, many = got.problems.to_dict("records")
    assert (few["source_row"], few["column_name"], few["rule"]) == (5, "confidence", "ragged_row")
    assert "register/revotes.csv, line 5, column confidence" in few["message_en"]
    assert "21 cells instead of 23: 2 cells too few. Add the missing commas" in few["message_en"]
    assert json.loads(few["raw_row"])[0] == "pemilu-2024/psu/pusat/agregat"
    assert (many["source_row"], many["disposition"]) == (6, "quarantined")
    assert "1 cells too many" in many["message_en"]
    assert "Put text with a comma in quotation marks" in many["message_en"]
    assert "Beri tanda kutip" in many["message_id"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (b"medium,\npemilu-2019", b'medium,"\npemilu-2019', 5),  # never closed
        (b"PSU di Makassar", b'"PSU di Makassar', 2),  # closed by the next quotation mark, two rows on
        (b",high,\n", b',high,"x" y\n', 2),  # text after the closing mark
    ],
)
def test_an_open_quotation_mark_is_refused_where_it_opens(
    read: Read, folder: Path, old: bytes, new: bytes, line: int
) -> None:
    spoil(folder / "revotes.csv", old, new)
    error = refusal(read)
    assert error.line == line
    assert "quotation mark" in error.message["en"]
    assert "Close it" in error.message["en"]
    assert "Tutuplah" in error.message["id"]


def test_rows_swallowed_between_two_open_marks_are_noticed(read: Read, folder: Path) -> None:
    path = folder / "revotes.csv"
    spoil(path, b"PSU di Makassar,", b'"PSU di Makassar,')
    spoil(path, b'high,"Dua baris\ndalam satu sel, dengan koma"', b"high,satu")
    spoil(path, b"Rekomendasi Bawaslu,", b'Rekomendasi Bawaslu",')
    # Valid CSV by the letter: one cell that holds two line breaks and a whole row.
    assert refusal(read).line == 2


def test_blank_lines_are_not_rows(read: Read, folder: Path) -> None:
    spoil(folder / "revotes.csv", b"pemilu-2019/psu", b"\n\npemilu-2019/psu")
    assert read().n_read == 4
    assert read().frame["source_row"].to_list() == [2, 3, 5, 8]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5
)  # too short for a whole record inside a cell


@given(rows=st.lists(st.lists(TEXT, min_size=6, max_size=6), max_size=8))
def test_whatever_is_written_as_csv_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    areas = table("ref.areas")
    path = tmp_path_factory.mktemp("any") / "areas.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([[f.name for f in areas.source_fields], *rows])
    got = read_csv(path, areas)
    assert got.n_read == len(rows)
    assert got.frame.drop(columns=["source_file", "source_row"]).to_numpy().tolist() == rows
