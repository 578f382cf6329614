"""Files as offices have them: .ods, formulas, merged titles, links; and files that must not be laid out at all."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter

from pipelines.catalog.workbooks import workbooks
from pipelines.workbooks.bounds import MOST_CELLS, cells_needed
from pipelines.workbooks.cells import Book, open_book
from pipelines.workbooks.findings import WorkbookError
from pipelines.workbooks.places import Area, Places
from pipelines.workbooks.read import Reading, read_book
from pipelines.workbooks.register import Choice, Register

HEAD = ["No", "Kab/Kota", "Kecamatan", "TPS", "Jenis", "Status", "Tanggal", "No. BA"]
ROW = ["1", "Jakarta Pusat", "Menteng", "43", "PSU", "dilaksanakan", "24/2/2024", "BA 1/2024"]
REGISTER = Register(
    Places(
        [Area("31", "province", "Daerah Khusus Ibukota Jakarta", ""),
         Area("3171", "regency", "Kota Administrasi Jakarta Pusat", "31"),
         Area("317106", "district", "Menteng", "3171"), Area("317104", "district", "Senen", "3171")]
    ),
    {"ref.elections": (Choice("pemilu-2024", {"id": "Pemilu 2024"}),), "ref.grounds": ()},
)  # fmt: skip
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{}</manifest:manifest>'


def read(path: Path) -> tuple[Book, Reading]:
    book = open_book(path)
    return book, read_book(book, workbooks().kinds["kejadian"], REGISTER, "pemilu-2024")


def row_xml(cells: list[str], rows: int = 1, last: int = 1) -> str:
    made = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{last if i == len(cells) else 1}">'
        f"<text:p>{escape(c)}</text:p></table:table-cell>"
        if c
        else "<table:table-cell/>"
        for i, c in enumerate(cells, 1)
    )
    blank = '<table:table-cell table:number-columns-repeated="16000"/>' if last == 1 else ""
    return f'<table:table-row table:number-rows-repeated="{rows}">{made}{blank}</table:table-row>'


def ods(path: Path, rows: str, manifest: str = "", **more: str) -> Path:
    """A small .ods as LibreOffice lays one out, with the blank rest of the sheet as one repeated row."""
    cells = '<table:table-cell table:number-columns-repeated="16384"/>'
    blank = f'<table:table-row table:number-rows-repeated="1048000">{cells}</table:table-row>'
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{rows}{blank}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST.format(manifest))
        archive.writestr("content.xml", content)
        for name, text in more.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return path


def refused(path: Path) -> str:
    started = time.monotonic()
    with pytest.raises(WorkbookError) as error:
        open_book(path)
    assert time.monotonic() - started < 5
    return str(error.value)


def test_an_ods_below_a_title_goes_in(tmp_path: Path) -> None:
    rows = row_xml(["DAFTAR PSU"]) + row_xml(HEAD) + row_xml(ROW) + row_xml(["Jumlah", "", "", "1"])
    _, reading = read(ods(tmp_path / "psu.ods", rows))
    assert not reading.problems
    assert [(r["area_code"], r["tps"], r["date_held"]) for r in reading.rows] == [
        ("317106", "043", "2024-02-24")
    ]


def test_an_ods_with_a_password_or_with_macros_gets_a_clear_answer(tmp_path: Path) -> None:
    locked = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    assert "password" in refused(ods(tmp_path / "a.ods", row_xml(HEAD), locked))
    assert "macros" in refused(
        ods(tmp_path / "b.ods", row_xml(HEAD), **{"Basic__Standard__script-lb_xml": "<x/>"})
    )


def test_cells_that_say_they_are_repeated_are_counted_before_they_are_laid_out(tmp_path: Path) -> None:
    assert "unpacks" in refused(ods(tmp_path / "a.ods", row_xml(["x"], rows=1_000_000, last=16_384)))
    path = ods(tmp_path / "b.ods", row_xml(HEAD) + row_xml(ROW))
    with zipfile.ZipFile(path) as archive:
        assert cells_needed(archive) == 2 * len(HEAD)  # the blank rest of the sheet needs nothing


def test_a_cell_in_the_far_corner_is_refused_before_the_sheet_is_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Kab/Kota")
        page.write(1_048_575, 16_383, "x")
    with zipfile.ZipFile(path) as archive:
        assert cells_needed(archive) == 1_048_576 * 16_384 > MOST_CELLS
    assert "unpacks" in refused(path)


def test_formulas_are_never_run_and_their_saved_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Data")
        page.merge_range(0, 0, 0, 7, "DAFTAR PSU")
        page.write_row(2, 0, HEAD)
        page.write_row(3, 0, ROW)
        page.write_formula(3, 3, "=40+3", None, 43)
        page.write_row(
            4, 0, ["2", "Jakarta Pusat", "Senen", "", "PSU", "dilaksanakan", "24/2/2024", "BA 2/2024"]
        )
        page.write_formula(4, 3, '=HYPERLINK("http://x","7")', None, 7)
        page.write_formula(5, 1, '=WEBSERVICE("http://x")', None, "")
    _, reading = read(path)
    assert not reading.problems and [r["tps"] for r in reading.rows] == ["043", "007"]
    # Without a saved value, as some programs leave it, nobody knows what the cell says.
    again = openpyxl.load_workbook(path)
    again["Data"]["D4"] = "=40+3"
    again.save(tmp_path / "b.xlsx")
    _, reading = read(tmp_path / "b.xlsx")
    assert "not saved" in reading.problems[0].said["en"]
    assert {(p.row, p.column) for p in reading.problems} == {(4, 4), (5, 4)} and not reading.rows


def test_a_cell_merged_over_several_lines_counts_for_each(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Data")
        page.write_row(0, 0, HEAD)
        for line in (1, 2):
            page.write_row(line, 0, [*ROW[:3], str(line), *ROW[4:]])
        page.merge_range(1, 1, 2, 1, "Jakarta Pusat")
        page.set_row(2, None, None, {"hidden": True})
    assert [(r["area_code"], r["tps"]) for r in read(path)[1].rows] == [("317106", "001"), ("317106", "002")]


def test_a_link_to_another_workbook_is_named_and_its_saved_value_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Data")
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ROW)
        page.write_formula(1, 3, "='[lain.xlsx]Data'!A1", None, 9)
    copy = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(copy, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    path.write_bytes(copy.getvalue())
    book_, reading = read(path)
    assert [r["tps"] for r in reading.rows] == ["009"] and "not followed" in book_.notes[0]["en"]


@pytest.mark.parametrize("name", ["tua.xls", "tua.xlsx", "tua.ods"])
def test_an_old_xls_is_known_by_its_bytes_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "old format" in refused(tmp_path / name)
