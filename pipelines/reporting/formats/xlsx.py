"""The tables of a report as an XLSX workbook: a sheet about the report, one per table, and the cited pages."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ..language.phrases import Phrases
from ..model import Note, Report, Section, Sources, Table
from .sheets import Datum, Grid, grid, harmless

WIDEST = 46  # maximum column width, in characters
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]+")
MARKS = ("dash", "no_data", "at_least", "interval", "number", "sources")


def document(report: Report, created: dt.date) -> bytes:
    """Return the workbook, dated `created`; deterministic.

    Numbers and days are values, so that the reader's own settings decide how they look; every text is a text.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        stamp = dt.datetime(created.year, created.month, created.day)
        book.set_properties({"title": report.title, "author": "titik-rawan", "created": stamp})
        writer = _Writer(book, report)
        tables = list(_tables(report))
        names = [writer.say("sheet.about")]
        for number, (section, table, _) in enumerate(tables, 1):
            names.append(_sheet_name(number, table.title or section.title))
        sheets = [book.add_worksheet(name) for name in (*names, report.words["sources"])]
        writer.about(
            sheets[0], [(name, part, table) for name, (part, table, _) in zip(names[1:], tables, strict=True)]
        )
        for sheet, (section, table, notes) in zip(sheets[1:-1], tables, strict=True):
            writer.table(sheet, section, table, notes)
        writer.sources(sheets[-1])
    return buffer.getvalue()


def _tables(report: Report) -> Iterator[tuple[Section, Table, tuple[str, ...]]]:
    """Yield every table with the remarks shown below it on the page."""
    for section in report.sections:
        for at, block in enumerate(section.blocks):
            if isinstance(block, Table):
                after = []
                for later in section.blocks[at + 1 :]:
                    if not isinstance(later, Note):
                        break
                    after.append(later.text)
                yield section, block, (*block.notes, *after)


def _sheet_name(number: int, title: str) -> str:
    """Return at most 31 characters that spreadsheets allow in sheet names; the number makes them unique."""
    return f"{number:02d} {_FORBIDDEN.sub(' ', title)}"[:31].strip()


class _Writer:
    """Cell formats of a workbook, created once."""

    def __init__(self, book: Any, report: Report) -> None:
        self.report, self.say = report, Phrases(report.lang)
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.banner = book.add_format({"bold": True, "font_color": "#9c3c07"})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.day = book.add_format({"num_format": "d mmm yyyy", "align": "left", "valign": "top"})
        self.muted = book.add_format({"font_color": "#56626e"})
        self.link = book.add_format({"font_color": "#174e75", "underline": 1})
        decimals = ("#,##0" + ("." + "0" * digits if digits else "") for digits in range(7))
        self.numbers = [book.add_format({"num_format": pattern, "valign": "top"}) for pattern in decimals]

    def put(self, sheet: Any, row: int, column: int, item: Datum) -> None:
        """Write one value by its kind; no cell with missing data is left blank."""
        if isinstance(item.value, dt.date):
            sheet.write_datetime(row, column, item.value, self.day)
        elif isinstance(item.value, int | float):
            sheet.write_number(row, column, item.value, self.numbers[min(item.digits, 6)])
        elif item.value is not None:
            is_risky = harmless(item.value) != item.value
            sheet.write_string(row, column, item.value, self.quoted if is_risky else self.text)

    def above(self, sheet: Any, title: str) -> int:
        """Write title, origin of the figures, and the mark of simulated data; returns the next free row."""
        report = self.report
        origin = (
            report.title,
            f"{report.words['date']} {report.release_date}",
            f"{report.words['release']} {report.release}",
        )
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, " · ".join(origin), self.muted)
        if report.banner:
            sheet.write_string(2, 0, report.banner, self.banner)
        return 4 if report.banner else 3

    def table(self, sheet: Any, section: Section, table: Table, notes: Sequence[str]) -> None:
        """Write one table with a frozen header and a filter, and its remarks below."""
        found = grid(table, self.report)
        top = self.above(sheet, " – ".join(filter(None, (section.title, table.title))))
        self._body(sheet, top, found)
        for row, note in enumerate(notes, top + len(found.lines) + 2):
            sheet.write_string(row, 0, note, self.muted)

    def _body(self, sheet: Any, top: int, found: Grid) -> None:
        for column, title in enumerate(found.titles):
            sheet.write_string(top, column, title, self.head)
            sheet.set_column(column, column, _width(found, column))
            for row, line in enumerate(found.lines, top + 1):
                self.put(sheet, row, column, line[column])
        sheet.freeze_panes(top + 1, 1)
        sheet.autofilter(top, 0, top + max(1, len(found.lines)), len(found.titles) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)

    def about(self, sheet: Any, tables: Sequence[tuple[str, Section, Table]]) -> None:
        """Write area, level, date and release; the meaning of the marks; the list of sheets."""
        report, say = self.report, self.say
        top = self.above(sheet, report.title)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 100)
        facts = [
            (report.words["level"], f"{report.level} ({report.area_code})"),
            (report.words["date"], report.release_date),
            (report.words["release"], report.release),
            *((say(f"sheet.mark_{mark}"), say(f"sheet.means_{mark}")) for mark in MARKS),
        ]
        for row, (term, meaning) in enumerate(facts, top):
            self.put(sheet, row, 0, Datum(term))
            self.put(sheet, row, 1, Datum(meaning))
        row = top + len(facts) + 1
        sheet.write_string(row, 0, say("sheet.sheets"), self.head)
        sheet.write_string(row, 1, report.words["contents"], self.head)
        for at, (name, section, table) in enumerate(tables, row + 1):
            sheet.write_url(at, 0, f"internal:'{name}'!A1", self.link, name)
            self.put(sheet, at, 1, Datum(" – ".join(filter(None, (section.title, table.title)))))

    def sources(self, sheet: Any) -> None:
        """Write the cited pages with the numbers used in tables; URLs are text."""
        top = self.above(sheet, self.report.words["sources"])
        items = [b for part in self.report.sections for b in part.blocks if isinstance(b, Sources)]
        lines = tuple(
            (Datum(f"[{one.number}]"), *(Datum(text or None) for text in (one.title, one.date, one.url)))
            for block in items
            for one in block.items
        )
        titles = tuple(self.say(f"sheet.source_{name}") for name in ("number", "title", "date", "url"))
        self._body(sheet, top, Grid(titles, lines))


def _width(found: Grid, column: int) -> int:
    """Return the characters of the longest value, and of the longest word of the header."""
    words = max(map(len, found.titles[column].split()), default=0)
    cells = max(
        (len(str(line[column].value)) for line in found.lines if line[column].value is not None), default=0
    )
    return min(WIDEST, max(8, words + 2, cells + 1))
