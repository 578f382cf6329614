"""Tables as CSV and XLSX: numbers are numbers, formulas are texts, nothing is lost, both say the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import duckdb
import pytest

from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.reporting.formats.sheets import datum, document, grid, written
from pipelines.reporting.formats.xlsx import document as workbook
from pipelines.reporting.model import Cell, Column, Group, Report, Table
from pipelines.reporting.site.render import content, render
from tests.support.hostile import FORMULAS, LINK, poison
from tests.support.reading import report_of

Con = duckdb.DuckDBPyConnection
DAY = dt.date(2026, 11, 25)


def rows(data: bytes, lang: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=LANGUAGES[lang].separator))


def opened(data: bytes):
    """The workbook as another program reads it."""
    return pytest.importorskip("openpyxl").load_workbook(io.BytesIO(data))


def blocks(report: Report) -> list[Table]:
    return [b for part in report.sections for b in part.blocks if isinstance(b, Table)]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_row_of_every_table_is_there(lang: str) -> None:
    report = report_of("3171", lang)
    found = rows(document(report), lang)
    assert len(found) == 4 + sum(3 + table.n_rows for table in blocks(report))
    assert document(report) == document(report) and document(report).startswith(b"\xef\xbb\xbf")


def text(cell: Cell, lang: str = "id") -> str:
    return written(datum(cell, lang), lang)


def test_numbers_and_days_are_values_and_qualified_numbers_keep_their_words() -> None:
    assert text(Cell("30.766", 30766)) == "30766"
    assert text(Cell("0,3", 0.3456)) == "0,3456"
    assert text(Cell("0.3", 0.3456), "en") == "0.3456"
    assert text(Cell("−8", -8)) == "-8"
    assert text(Cell("≥ 20", 20)) == "≥ 20"
    assert text(Cell("2,4× (1,5–3,5)", 2.4)) == "2,4× (1,5–3,5)"
    assert text(Cell("14 Feb 2024", dt.date(2024, 2, 14))) == "2024-02-14"
    assert text(Cell("paling lambat 9 Mei 2019", dt.date(2019, 5, 9))) == "paling lambat 9 Mei 2019"
    assert text(Cell("–", None)) == ""
    assert text(Cell("tidak ada data", None)) == "tidak ada data"


def test_column_of_qualified_numbers_is_followed_by_the_bare_numbers() -> None:
    report = report_of("3171", "id")
    lines = ((Cell("Gambir"), Cell("≥ 1.234", 1234, (2,))), (Cell("Menteng"), Cell("tidak ada data", None)))
    found = grid(Table("", (Column("Wilayah"), Column("PSU", "end")), (Group("", lines),)), report)
    assert found.titles == ("Wilayah", "PSU", "PSU (angka saja)", "Sumber")
    assert [[item.value for item in line] for line in found.lines] == [
        ["Gambir", "≥ 1.234", 1234, "[2]"],
        ["Menteng", "tidak ada data", None, None],
    ]


def test_column_of_sources_stands_once_with_its_words() -> None:
    report = report_of("3171", "id")
    columns = (Column("Wilayah"), Column("PSU", "end"), Column("Sumber"))
    lines = (
        (Cell("Gambir"), Cell("–", 0), Cell("register")),
        (Cell("Menteng"), Cell("≥ 1", 1), Cell("", None, (3,))),
    )
    found = grid(Table("", columns, (Group("", lines),)), report)
    assert found.titles == ("Wilayah", "PSU", "PSU (angka saja)", "Sumber")
    assert [line[-1].value for line in found.lines] == ["register", "[3]"]
    assert found.lines[0][1].value is None
    for table in blocks(report):
        assert grid(table, report).titles.count("Sumber") == 1


@pytest.mark.slow
@pytest.mark.parametrize("harm", [*FORMULAS, "\t=1+1"])
def test_no_text_is_a_formula(warehouse: Con, harm: str) -> None:
    poison(warehouse)
    warehouse.execute("update mart.incidents set village_name = ?, district_name = ?", [harm, harm])
    report = content(warehouse, "3171", "id")
    cells = [cell for row in rows(document(report), "id") for cell in row]
    assert f"'{harm.strip()}" in cells
    assert not [c for c in cells if c[:1] in ("=", "+", "@") or (c[:1] == "-" and c[1:2].isalpha())]
    book = opened(workbook(report, DAY))
    inside = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in inside if cell.data_type == "f"]
    mine = [cell for cell in inside if cell.value == harm.strip()]
    assert mine and all(cell.data_type == "s" and cell.quotePrefix for cell in mine)
    assert not [cell for cell in inside if cell.hyperlink and cell.hyperlink.target]
    assert {LINK} <= {cell.value for cell in inside} and f"'{LINK}" in cells


@pytest.mark.parametrize("lang", ["id", "en"])
def test_workbook_holds_what_the_page_holds_with_numbers_and_days_as_values(lang: str) -> None:
    report = report_of("3171", lang)
    book, tables = opened(workbook(report, DAY)), blocks(report)
    assert len(book.sheetnames) == len(tables) + 2
    for sheet, table in zip(book.worksheets[1:-1], tables, strict=True):
        found, top = grid(table, report), int(sheet.freeze_panes[1:])
        read = [[cell.value for cell in row[: len(found.titles)]] for row in sheet.iter_rows(min_row=top - 1)]
        assert read[0] == list(found.titles)
        for line, values in zip(found.lines, read[1:], strict=False):
            for item, value in zip(line, values, strict=True):
                assert (value.date() if isinstance(value, dt.datetime) else value) == item.value
        assert sheet.auto_filter.ref.startswith(f"A{top - 1}:")
        below = {str(value) for row in read[1 + len(found.lines) :] for value in row if value}
        assert below >= set(table.notes)
    kinds = {type(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {int, float, str, dt.datetime} <= kinds


def test_every_sheet_says_that_the_data_are_simulated_and_from_which_release() -> None:
    book = opened(workbook(report_of("3171", "id"), DAY))
    for sheet in book:
        head = " ".join(str(sheet.cell(row, 1).value) for row in (1, 2, 3))
        assert "Data simulasi" in head and "2026-11-25-0123456789ab" in head, sheet.title
    about = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    assert "Tidak ada data bukan berarti tidak ada kejadian" in about and "kabupaten/kota (3171)" in about
    assert book.properties.created == dt.datetime(2026, 11, 25)
    assert "https://example.org/psu-2024" in {
        cell.value for row in book.worksheets[-1].iter_rows() for cell in row
    }


@pytest.mark.slow
@pytest.mark.usefixtures("drawn_anew")
def test_workbook_has_the_same_bytes_again_and_plain_sheet_names(warehouse: Con) -> None:
    report = content(warehouse, "3171", "id")
    assert workbook(report, DAY) == workbook(report, DAY)
    assert workbook(report, DAY) != workbook(report, DAY + dt.timedelta(1))
    poison(warehouse)
    for name in opened(workbook(content(warehouse, "3171", "id"), DAY)).sheetnames:
        assert 0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'")


@pytest.mark.slow
def test_page_links_its_sheets(read_only: Con, tmp_path: Path) -> None:
    html, *others = render(read_only, "3171", "id", tmp_path)
    page = html.read_text(encoding="utf-8")
    assert [path.suffix for path in others] == [".pdf", ".csv", ".xlsx", ".html", ".pdf"]
    assert all(f'href="{path.name}"' in page for path in others)
    (only,) = render(read_only, "3171", "id", tmp_path / "alone", ("html",))
    assert 'type="text/csv"' not in only.read_text(encoding="utf-8")
