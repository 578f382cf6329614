"""Open an external workbook: values only, within size limits; each refusal says what to do.

Formulas are never evaluated: the value saved by the spreadsheet program counts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..catalog.messages import Message
from .bounds import MOST_CELLS, cells_needed, unsaved_formulas
from .findings import WorkbookError

MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 200_000, 300, 60
MOST_BYTES, MOST_UNPACKED, MOST_RATIO = 60_000_000, 400_000_000, 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[i][j]` is the cell of line i + 1 and column j + 1; '' is empty.

    `unsaved`: (line, column), from 1, of formulas without a saved value.
    """

    name: str
    rows: list[list[Any]]
    is_hidden: bool = False
    unsaved: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Book:
    """The sheets of a file, and messages about the file as a whole."""

    path: Path
    sheets: list[Sheet]
    notes: list[Message] = field(default_factory=list)


def open_book(path: Path) -> Book:
    """Read .xlsx, .ods or .csv.

    Raises:
        WorkbookError: missing, wrong format, password-protected, with macros, too large, a zip bomb, or
            damaged.
    """
    if not path.is_file():
        raise WorkbookError(Message("workbooks.not_there", name=str(path)))
    if path.stat().st_size > MOST_BYTES:
        raise WorkbookError(Message("workbooks.too_many_bytes", name=path.name, most=MOST_BYTES // 1_000_000))
    with path.open("rb") as stream:
        start = stream.read(8)
    if start == _OLE:
        locked = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        if locked:
            raise WorkbookError(Message("workbooks.password", name=path.name))
        raise WorkbookError(Message("workbooks.old_xls", name=path.name))
    kind = path.suffix.lower()
    if kind in (".csv", ".txt", ".tsv"):
        return Book(path, [Sheet(path.stem, _csv_rows(path))])
    if kind in (".xlsm", ".xltm", ".xlsb"):
        raise WorkbookError(Message("workbooks.macros", name=path.name))
    if kind not in (".xlsx", ".ods"):
        raise WorkbookError(Message("workbooks.format", name=path.name))
    notes = _look_inside(path)
    with zipfile.ZipFile(path) as archive:
        unsaved = unsaved_formulas(archive)
    sheets = [replace(s, unsaved=unsaved.get(s.name, frozenset())) for s in _sheets(path)]
    return Book(path, sheets, notes)


def _look_inside(path: Path) -> list[Message]:
    """Refuse unsafe files before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [m.filename.lower() for m in members]
            if any(n.endswith("vbaproject.bin") for n in names) or any(
                n.startswith("basic/") and n.endswith("script-lb.xml") for n in names
            ):
                raise WorkbookError(Message("workbooks.macros", name=path.name))
            whole, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
            if whole > MOST_UNPACKED or (whole > 10_000_000 and whole > MOST_RATIO * max(packed, 1)):
                raise WorkbookError(Message("workbooks.bomb", name=path.name))
            for member in members:
                if member.flag_bits & 1:
                    raise WorkbookError(Message("workbooks.password", name=path.name))
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as stream:
                        head = stream.read(4096)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise WorkbookError(Message("workbooks.entities", name=path.name))
                if member.filename == "META-INF/manifest.xml" and _says(archive, member, b"encryption-data"):
                    raise WorkbookError(Message("workbooks.password", name=path.name))
            if cells_needed(archive) > MOST_CELLS:
                raise WorkbookError(Message("workbooks.bomb", name=path.name))
            if any("externallinks/" in n for n in names):
                return [Message("workbooks.external_links")]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise WorkbookError(Message("workbooks.broken", name=path.name)) from error
    except Exception as error:
        if isinstance(error, WorkbookError):
            raise
        raise WorkbookError(Message("workbooks.broken", name=path.name)) from error
    return []


def _says(archive: zipfile.ZipFile, member: zipfile.ZipInfo, word: bytes) -> bool:
    """Return whether a small member of the archive contains a word."""
    with archive.open(member) as stream:
        return word in stream.read(1_000_000)


def _sheets(path: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        listed = list(book.sheets_metadata)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise WorkbookError(Message("workbooks.broken", name=path.name)) from error
    if len(listed) > MOST_SHEETS:
        raise WorkbookError(Message("workbooks.too_many_sheets", name=path.name, most=MOST_SHEETS))
    for about in listed:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue  # a chart sheet has no cells
        try:
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height > MOST_ROWS:
                raise WorkbookError(
                    Message("workbooks.too_many_rows", name=path.name, sheet=about.name, most=MOST_ROWS)
                )
            rows = [
                list(row[:MOST_COLUMNS]) for row in sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS)
            ]
            _fill_merged(sheet, rows)
        except WorkbookError:
            raise
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise WorkbookError(Message("workbooks.broken", name=path.name)) from error
        yield Sheet(about.name, rows, about.visible != SheetVisibleEnum.Visible)


def _fill_merged(sheet: Any, rows: list[list[Any]]) -> None:
    """Copy the value of a vertically merged cell to each of its lines."""
    for start, end in getattr(sheet, "merged_cell_ranges", None) or ():
        (first_row, first_column), (last_row, last_column) = start, end
        if first_column != last_column or first_row >= len(rows) or first_column >= len(rows[first_row]):
            continue
        value = rows[first_row][first_column]
        for line in range(first_row + 1, min(last_row + 1, len(rows))):
            if first_column < len(rows[line]):
                rows[line][first_column] = value


def _csv_rows(path: Path) -> list[list[Any]]:
    """Read the rows of a text file in UTF-8 or Windows-1252, separated by `;`, `,` or tabs."""
    raw = path.read_bytes()
    if b"\x00" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookError(Message("workbooks.broken", name=path.name))
    try:
        encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    head = "\n".join(text.splitlines()[:20])
    separator = max(";\t,", key=head.count)
    try:
        rows: list[list[Any]] = []
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(list(cells[:MOST_COLUMNS]))
            if len(rows) > MOST_ROWS:
                raise WorkbookError(
                    Message("workbooks.too_many_rows", name=path.name, sheet=path.stem, most=MOST_ROWS)
                )
    except csv.Error as error:
        raise WorkbookError(Message("workbooks.broken", name=path.name)) from error
    return rows


def shown(cell: Any) -> str:
    """Return a cell as displayed."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell == cell and abs(cell) < 10**15 and cell == int(cell):
        return str(int(cell))
    return str(cell).strip()
