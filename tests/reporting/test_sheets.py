"""Tables as CSV: numbers are numbers, formulas are texts, nothing is lost."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting import render
from pipelines.reporting.model import Cell, Table
from pipelines.reporting.render import content
from pipelines.reporting.sheets import SEPARATOR, document, written

from .hostile import poison

Con = duckdb.DuckDBPyConnection


def rows(data: bytes, lang: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=SEPARATOR[lang]))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_row_of_every_table_is_there(read_only: Con, lang: str) -> None:
    report = content(read_only, "3171", lang)
    blocks = [b for part in report.sections for b in part.blocks if isinstance(b, Table)]
    found = rows(document(report), lang)
    assert len(found) == 4 + sum(3 + table.n_rows for table in blocks)
    assert document(report) == document(report) and document(report).startswith(b"\xef\xbb\xbf")


def test_numbers_and_days_are_values_and_qualified_numbers_keep_their_words() -> None:
    assert written(Cell("30.766", 30766), "id") == "30766"
    assert written(Cell("0,3", 0.3456), "id") == "0,3456"
    assert written(Cell("0.3", 0.3456), "en") == "0.3456"
    assert written(Cell("≥ 20", 20), "id") == "≥ 20"
    assert written(Cell("2,4× (1,5–3,5)", 2.4), "id") == "2,4× (1,5–3,5)"
    assert written(Cell("14 Feb 2024", dt.date(2024, 2, 14)), "id") == "2024-02-14"
    assert written(Cell("paling lambat 9 Mei 2019", dt.date(2019, 5, 9)), "id") == "paling lambat 9 Mei 2019"
    assert written(Cell("–", None), "id") == ""
    assert written(Cell("tidak ada data", None), "id") == "tidak ada data"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"])
def test_no_text_is_a_formula(warehouse: Con, text: str) -> None:
    assert written(Cell(text, text), "id") == f"'{text}"
    poison(warehouse)
    warehouse.execute("update mart.incidents set village_name = ?, district_name = ?", [text, text])
    found = rows(document(content(warehouse, "3171", "id")), "id")
    cells = [cell for row in found for cell in row]
    assert f"'{text}" in cells
    assert not [
        cell for cell in cells if cell[:1] in ("=", "+", "@") or (cell[:1] == "-" and cell[1:2].isalpha())
    ]


def test_page_links_its_sheet(read_only: Con, tmp_path: Path) -> None:
    html, _, sheet = render(read_only, "3171", "id", tmp_path)
    assert f'href="{sheet.name}"' in html.read_text(encoding="utf-8")
    (only,) = render(read_only, "3171", "id", tmp_path / "alone", ("html",))
    assert 'type="text/csv"' not in only.read_text(encoding="utf-8")
