"""The tables of a report for spreadsheets: cell contents for both XLSX and CSV, and the CSV file itself."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass, replace

from pipelines.catalog.vocabulary import LANGUAGES

from ..language.phrases import Phrases
from ..language.words import DASH
from ..model import Cell, Report, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN = re.compile(r"[+−-]?[0-9][0-9.,]*")


@dataclass(frozen=True)
class Datum:
    """Content of a spreadsheet cell: a number, a day, a text or nothing; `digits` = decimals shown on the page."""

    value: str | int | float | dt.date | None
    digits: int = 0


@dataclass(frozen=True)
class Grid:
    """A table as rows below one header, so that it can be sorted and
    filtered; every row is as long as `titles`."""

    titles: tuple[str, ...]
    lines: tuple[tuple[Datum, ...], ...]


def datum(cell: Cell, lang: str) -> Datum:
    """Return a number as a number, a day as a day, else the page's text; nothing where the page has a dash.

    A number that the page qualifies (at least, an interval, a denominator) stays text; see `grid`.
    """
    if not cell.text or cell.text == DASH:
        return Datum(None)
    if isinstance(cell.value, dt.date) and _is_day(cell.text):
        return Datum(cell.value)
    if _is_number(cell) and _PLAIN.fullmatch(cell.text):
        return number(cell, lang)
    return Datum(cell.text)


def number(cell: Cell, lang: str) -> Datum:
    """Return the number behind a cell, with as many decimals as the page shows; nothing if there is none."""
    if not _is_number(cell):
        return Datum(None)
    shown = re.search(rf"[0-9]{re.escape(LANGUAGES[lang].decimal)}([0-9]+)", cell.text)
    if isinstance(cell.value, int) or (float(cell.value).is_integer() and not shown):
        return Datum(int(cell.value))
    return Datum(round(cell.value, 6), len(shown.group(1)) if shown else 2)


def grid(table: Table, report: Report) -> Grid:
    """Return the table with group headings as its first column and the source pages of each row as its last.

    A column of qualified numbers (`≥ 4`, `0,57 (0,50–0,65)`) is followed by one with the bare numbers.
    """
    say, lang, pages_title = Phrases(report.lang), report.lang, report.words["sources"]
    rows = [(group.title, row) for group in table.groups for row in group.rows]
    qualified = [any(_is_qualified(row[i]) for _, row in rows) for i in range(len(table.columns))]
    is_grouped = any(title for title, _ in rows)
    titles = [say("sheet.group")] if is_grouped else []
    for column, extra in zip(table.columns, qualified, strict=True):
        titles += [column.title, say("sheet.number", column=column.title)] if extra else [column.title]
    lines = []
    for title, row in rows:
        line = [Datum(title or None)] if is_grouped else []
        for cell, extra in zip(row, qualified, strict=True):
            words = datum(replace(cell, value=None), lang)
            line += [words, number(cell, lang)] if extra else [datum(cell, lang)]
        pages = [f"[{n}]" for n in dict.fromkeys(n for cell in row for n in cell.sources)]
        # Tables whose last column already holds sources keep it, with its words.
        told = [str(line.pop().value or "")] if titles[-1] == pages_title else []
        lines.append((*line, Datum(" ".join(filter(None, (*told, *pages))) or None)))
    own = titles[:-1] if titles[-1] == pages_title else titles
    return Grid((*own, pages_title), tuple(lines))


def document(report: Report) -> bytes:
    """Return all tables one below the other as CSV: section, title, header,
    rows; UTF-8 with a BOM for spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=LANGUAGES[report.lang].separator, lineterminator="\r\n")
    for line in (report.title, f"{report.words['date']}: {report.release_date}",
                 f"{report.words['release']}: {report.release}", report.banner):  # fmt: skip
        if line:
            writer.writerow([harmless(line)])
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                found = grid(block, report)
                writer.writerow([])
                writer.writerow([harmless(" – ".join(filter(None, (section.title, block.title))))])
                writer.writerow([harmless(title) for title in found.titles])
                writer.writerows([written(item, report.lang) for item in line] for line in found.lines)
    return buffer.getvalue().encode("utf-8-sig")


def written(item: Datum, lang: str) -> str:
    """Return a datum as CSV text: bare number, ISO date, or text that is no formula."""
    if isinstance(item.value, float):
        return repr(item.value).replace(".", LANGUAGES[lang].decimal)
    if isinstance(item.value, dt.date):
        return item.value.isoformat()
    return (
        harmless(item.value) if isinstance(item.value, str) else "" if item.value is None else str(item.value)
    )


def harmless(text: str) -> str:
    """Return text that no spreadsheet interprets as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_number(cell: Cell) -> bool:
    return isinstance(cell.value, int | float) and not isinstance(cell.value, bool)


def _is_qualified(cell: Cell) -> bool:
    """Return whether there are words around the number of a cell."""
    return _is_number(cell) and bool(cell.text) and not _PLAIN.fullmatch(cell.text)


def _is_day(text: str) -> bool:
    """Return whether the text is just a day, like `14 Feb 2024`."""
    return bool(re.fullmatch(r"[0-9]{1,2} [^\W\d]+ [0-9]{4}", text))
