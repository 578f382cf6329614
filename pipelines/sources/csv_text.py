"""Read a CSV file as text: strict UTF-8, exact line numbers, no type conversion, no cleaning.

pandas and DuckDB both lose information that messages need (the line on which a multi-line record began, rows
swallowed by an unclosed quote, surplus or missing cells), so the rows come from Python's own `csv`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog import Table, load
from ..catalog.messages import Message, Text
from ..catalog.records import QUARANTINED, in_languages, placed, problem_frame
from .errors import SourceError, refuse
from .header import check_header
from .limits import MAX_REGISTER_BYTES

if TYPE_CHECKING:
    import pandas as pd

LONGEST_CELL = 100_000
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TextTable:
    """One file as a raw table. `n_read` records = rows of `frame` + rows of `problems`.

    Attributes:
        table: full name of the table it feeds, e.g. `core.revote_claim`.
        frame: every declared column as text ('' = empty cell), `source_file` text, `source_row` int64.
        problems: rows that do not fit the columns at all, with the columns of `meta.quarantine`.
        file: the file below data/raw, e.g. `register/revotes.csv`.
    """

    table: str
    frame: pd.DataFrame
    n_read: int
    problems: pd.DataFrame = field(default_factory=problem_frame)
    file: str = ""


def read_declared(folder: Path, tables: Sequence[Table] | None = None) -> Iterator[TextTable]:
    """Read every file of source `folder.name` that the catalog declares, in the order of the tables.

    Raises:
        SourceError: a file is missing, not UTF-8, empty, has the wrong header or an open quote.
    """
    for table in load() if tables is None else tables:
        for source in table.sources:
            if source.source == folder.name:
                yield read_csv(folder / source.file, table, source.path)


def read_csv(path: Path, table: Table, file: str | None = None) -> TextTable:
    """Read one CSV file with the declared columns of `table`; `file` is its name in messages."""
    file = file or f"{path.parent.name}/{path.name}"
    columns = [f.name for f in table.source_fields]
    records = _records(_decode(_load(path, file), file), file)
    line, header = next(records, (0, []))
    if not header:
        raise refuse(
            file,
            Message("sources.empty_file", columns=",".join(columns)),
        )
    if error := check_header(header, columns, file, line):
        raise error
    lines: list[int] = []
    rows: list[list[str]] = []
    problems: list[dict[str, Any]] = []
    for line, cells in records:
        if len(cells) == len(header):
            lines.append(line)
            rows.append(cells)
        else:
            problems.append(_ragged(table.full_name, file, line, header, cells))
    import pandas as pd  # late: a process that only watches a run need not load it

    frame = pd.DataFrame(rows, columns=header, dtype="str")[columns]
    frame["source_file"] = pd.Series([file] * len(rows), dtype="str")
    frame["source_row"] = pd.Series(lines, dtype="int64")
    return TextTable(table.full_name, frame, len(rows) + len(problems), problem_frame(problems), file)


def _load(path: Path, file: str) -> bytes:
    try:
        if path.stat().st_size > MAX_REGISTER_BYTES:
            raise refuse(
                file,
                Message("sources.register_too_large", megabytes=MAX_REGISTER_BYTES >> 20),
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise refuse(
            file,
            Message("sources.missing_file"),
        ) from None


def _decode(raw: bytes, file: str) -> str:
    body = raw.removeprefix(BOM)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        breaks = list(re.finditer(rb"\r\n|\r|\n", body[: error.start]))
        at, line = error.start, len(breaks) + 1
        start = breaks[-1].end() if breaks else 0
        before = body[start:at].decode("utf-8", "replace")
        kind = "UTF-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "Windows-1252"
        raise refuse(
            file,
            Message(
                "sources.not_utf8", byte=body[at], position=at - start + 1, before=before[-30:], kind=kind
            ),
            line=line,
            column=_column_at(body, before, line),
            value=f"0x{body[at]:02X}",
        ) from None
    if "\x00" in text:
        at = text.index("\x00")
        raise refuse(
            file,
            Message("sources.nul_byte"),
            line=len(re.findall(r"\r\n|\r|\n", text[:at])) + 1,
            value="0x00",
        )
    return text


def _column_at(body: bytes, before: str, line: int) -> str | None:
    """Return the name of the column in which the line breaks off; None in the header itself."""
    try:
        header = next(csv.reader([re.split(rb"[\r\n]", body, maxsplit=1)[0].decode("utf-8", "replace")]), [])
        position = max(
            1, len(next(csv.reader([before]), [""]))
        )  # at the very beginning of a line: the first column
    except csv.Error:
        return None
    return header[position - 1] if line > 1 and position <= len(header) else None


def _records(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line the record begins on, cells) for every record that is not a blank line."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, strict=True)
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise _long_cell(file, line) from None
            raise _open_quote(file, line, lines) from None
        # Other libraries in this process may have raised the field size limit of `csv`.
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise _long_cell(file, line)
        width = width or len(cells)
        # A record over several lines is fine, unless a line inside it is itself a complete record (a sign of
        # an unclosed quote). In narrow tables a sentence with commas would look like one.
        inside = lines[line : reader.line_num - 1]
        if any(_width(inner) == width > 4 for inner in inside):
            raise _open_quote(file, line, lines)
        if cells:
            yield line, cells


def _width(line: str) -> int:
    """Return the number of cells of a line on its own, 0 where it cannot be parsed."""
    try:
        return len(next(csv.reader([line]), []))
    except csv.Error:
        return 0


def _long_cell(file: str, line: int) -> SourceError:
    limit = LONGEST_CELL
    return refuse(
        file,
        Message("sources.long_cell", limit=limit),
        line=line,
    )


def _open_quote(file: str, line: int, lines: Sequence[str]) -> SourceError:
    text = lines[line - 1].rstrip("\r\n")
    return refuse(
        file,
        Message("sources.open_quote", text=text[:120]),
        line=line,
        value=text[:120],
    )


def _ragged(table: str, file: str, line: int, header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    few = len(cells) < len(header)
    column = header[len(cells)] if few else header[-1]
    value = "" if few else ",".join(cells[len(header) :])
    said: Text = (
        Message("sources.cells_too_few", number=len(header) - len(cells), last=header[-1])
        if few
        else Message("sources.cells_too_many", number=len(cells) - len(header), value=value)
    )
    said = Message("sources.wrong_width", n_cells=len(cells), n_columns=len(header), said=said)
    return {
        "table_name": table,
        "source_file": file,
        "source_row": line,
        "rule": "ragged_row",
        "disposition": QUARANTINED,
        "column_name": column,
        "value": value,
        **in_languages(placed(said, file, line, column)),
        "raw_row": json.dumps(list(cells), ensure_ascii=False),
    }
