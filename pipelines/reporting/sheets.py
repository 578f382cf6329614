"""The tables of a report as one CSV file that spreadsheets open as it is: numbers stay numbers, nothing is a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from .model import Cell, Report, Table

# Spreadsheets set to Indonesian expect a semicolon between cells and a comma in decimals.
SEPARATOR = {"id": ";", "en": ","}
COMMA = {"id": ",", "en": "."}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def document(report: Report) -> bytes:
    """All tables below each other: section, title, header, rows; UTF-8 with a mark, so that spreadsheets see it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=SEPARATOR[report.lang], lineterminator="\r\n")
    for line in (report.title, f"{report.words['date']}: {report.release_date}",
                 f"{report.words['release']}: {report.release}", report.banner):  # fmt: skip
        if line:
            writer.writerow([harmless(line)])
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                writer.writerow([])
                writer.writerow([harmless(" – ".join(filter(None, (section.title, block.title))))])
                _table(writer, block, report)
    return buffer.getvalue().encode("utf-8-sig")


def _table(writer: Any, table: Table, report: Report) -> None:
    """The heading of a group becomes the first column, so that rows can be sorted and filtered."""
    grouped = any(group.title for group in table.groups)
    titles = [
        *([""] if grouped else []),
        *(column.title for column in table.columns),
        report.words["sources"],
    ]
    writer.writerow([harmless(title) for title in titles])
    for group in table.groups:
        for row in group.rows:
            cells = [written(cell, report.lang) for cell in row]
            pages = " ".join(f"[{n}]" for n in dict.fromkeys(n for cell in row for n in cell.sources))
            writer.writerow([*([harmless(group.title)] if grouped else []), *cells, pages])


def written(cell: Cell, lang: str) -> str:
    """A number as a number, a day as ISO date, a text as the page has it; empty where the page has a dash.

    A number that the page qualifies (at least, an interval, a denominator) is written as on the page.
    """
    value = cell.value
    if isinstance(value, bool) or value is None or not cell.text:
        return "" if cell.text == "–" else harmless(cell.text)
    if isinstance(value, dt.date):
        return (
            value.isoformat()
            if not any(letter in cell.text for letter in "≤≥(") and _is_day(cell.text)
            else harmless(cell.text)
        )
    if isinstance(value, int | float) and not cell.text.strip("0123456789.,−+"):
        plain = repr(round(value, 6)) if isinstance(value, float) else str(value)
        return plain.replace(".", COMMA[lang])
    return harmless(cell.text)


def _is_day(text: str) -> bool:
    """`14 Feb 2024`: a day and nothing else."""
    return len(text.split()) == 3 and text.split()[0].isdigit()


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
