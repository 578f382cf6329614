"""Estimate the number of cells a workbook would expand to, before anything expands it.

A cell at the far corner of a sheet, or a repeated cell, needs memory for everything before it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import IO

MOST_CELLS = 20_000_000
_CHUNK = 1 << 20
_PLACE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_UNSAVED = re.compile(
    rb'<c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_SHEET = re.compile(rb'<sheet\s[^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_LINK = re.compile(rb"<Relationship\s[^>]*>")
_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROWS = re.compile(rb'number-rows-repeated="([0-9]{1,9})"')
_COLUMNS = re.compile(rb'number-columns-repeated="([0-9]{1,9})"')


def cells_needed(archive: zipfile.ZipFile) -> int:
    """Return the cells of the largest sheet: last row times last column, blanks included (.xlsx, .ods)."""
    most = 0
    for member in archive.infolist():
        name = member.filename.lower()
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(member) as stream:
                most = max(most, _of_xlsx(stream))
        elif name == "content.xml":
            with archive.open(member) as stream:
                most = max(most, _of_ods(stream))
    return most


def unsaved_formulas(archive: zipfile.ZipFile) -> dict[str, frozenset[tuple[int, int]]]:
    """Return sheet name of an .xlsx -> (line, column), from 1, of formulas without a saved value."""
    members = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= members:
        return {}
    targets = {}
    for link in _LINK.findall(archive.read("xl/_rels/workbook.xml.rels")):
        said = dict(re.findall(rb'\b(Id|Target)="([^"]*)"', link))
        targets[said.get(b"Id", b"")] = said.get(b"Target", b"").decode("utf-8", "replace")
    found: dict[str, frozenset[tuple[int, int]]] = {}
    for name, key in _SHEET.findall(archive.read("xl/workbook.xml")):
        target = targets.get(key, "").removeprefix("/xl/").removeprefix("xl/")
        if f"xl/{target}" in members:
            with archive.open(f"xl/{target}") as stream:
                cells = {
                    (int(number), _column(letters))
                    for piece in _pieces(stream, b"</row>")
                    for letters, number in _UNSAVED.findall(piece)
                }
            if cells:
                found[unescape(name.decode("utf-8", "replace"))] = frozenset(cells)
    return found


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


def _pieces(stream: IO[bytes], end: bytes = b">") -> Iterator[bytes]:
    """Yield the stream in chunks that end at the end of a tag."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        piece = rest + chunk
        at = piece.rfind(end)
        cut = at + len(end) if at >= 0 else 0
        yield piece[:cut]
        rest = piece[cut:][-_CHUNK:]


def _of_xlsx(stream: IO[bytes]) -> int:
    rows = columns = 0
    for piece in _pieces(stream):
        for letters, number in _PLACE.findall(piece):
            rows, columns = max(rows, int(number)), max(columns, _column(letters))
    return rows * columns


def _of_ods(stream: IO[bytes]) -> int:
    """Count the cells of an .ods; trailing blank cells and rows, stored as one repeated cell, count nothing."""
    height = width = in_row = repeated = filled = 0
    blank_rows = 0

    def end_row() -> None:
        nonlocal height, width, blank_rows
        if filled:
            height += blank_rows + repeated
            width, blank_rows = max(width, filled), 0
        else:
            blank_rows += repeated

    for piece in _pieces(stream):
        for found in re.finditer(rb"<table:(?:covered-)?table-(?:row|cell)\b[^>]*>|<table:table\b", piece):
            tag = found.group()
            if row := _ROW.match(tag):
                end_row()
                times = _ROWS.search(row[1])
                in_row, filled, repeated = 0, 0, int(times[1]) if times else 1
            elif cell := _CELL.match(tag):
                times = _COLUMNS.search(cell[1])
                in_row += int(times[1]) if times else 1
                if b"value-type=" in cell[1] or b"formula=" in cell[1]:
                    filled = in_row
    end_row()
    return height * width
