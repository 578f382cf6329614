"""How many cells a workbook would need once it is laid out, told before anything lays it out.

A cell at the far corner of a sheet, or one that says it is repeated, needs memory for everything before it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO

MOST_CELLS = 20_000_000
_CHUNK = 1 << 20
_PLACE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROWS = re.compile(rb'number-rows-repeated="([0-9]{1,9})"')
_COLUMNS = re.compile(rb'number-columns-repeated="([0-9]{1,9})"')


def cells_needed(archive: zipfile.ZipFile) -> int:
    """Cells of the largest sheet: its last row times its last column, blanks included (.xlsx, .ods)."""
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


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that end where a tag ends."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        piece = rest + chunk
        cut = piece.rfind(b">") + 1
        yield piece[:cut]
        rest = piece[cut:][-_CHUNK:]


def _of_xlsx(stream: IO[bytes]) -> int:
    rows = columns = 0
    for piece in _pieces(stream):
        for letters, number in _PLACE.findall(piece):
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            rows, columns = max(rows, int(number)), max(columns, column)
    return rows * columns


def _of_ods(stream: IO[bytes]) -> int:
    """Blank cells and rows at the end, which programs write as one that is repeated, need nothing."""
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
