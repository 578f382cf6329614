"""Rows of a table of any format as text: CSV, TSV, XLSX, Parquet, JSON lines or one JSON list; plain or gzip."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..catalog.messages import Message
from .errors import refuse
from .json_answers import lines_of, parse
from .limits import MAX_COLUMNS, MAX_LINE, MAX_REGISTER_BYTES, MAX_ROWS, MAX_WITHOUT_BREAK
from .sirekap_record import RecordError
from .unpack import chunks, read_document

PATTERNS = (
    "*.csv", "*.csv.gz", "*.tsv", "*.tsv.gz", "*.txt", "*.xlsx", "*.parquet", "*.ndjson", "*.ndjson.gz", "*.jsonl",
    "*.jsonl.gz", "*.json", "*.json.gz",
)  # fmt: skip
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (or row number), and its cells as text by column.

    For a malformed line, `fault` is the quarantine rule it breaks and `raw` is the line itself.
    """

    line: int
    cells: dict[str, str]
    fault: str = ""
    raw: str = ""


def rows_of(path: Path, file: str) -> Iterator[Row]:
    """Yield every row of a file, skipping blank lines.

    Raises:
        SourceError: the file is not of the format that its name states, or is larger than allowed.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".xlsx"):
        found = _workbook(path, file)
    elif name.endswith(".parquet"):
        found = _parquet(path, file)
    elif name.endswith((".ndjson", ".jsonl")):
        found = _json_lines(path, file)
    elif name.endswith(".json"):
        found = _json_list(path, file)
    else:
        found = _separated(path, file)
    for number, row in enumerate(found, 1):
        if number > MAX_ROWS:
            raise refuse(file, Message("sources.too_many_rows", limit=MAX_ROWS))
        yield row


def written(value: Any) -> str:
    """Return a value as it would be written in a cell; whole numbers without decimals, missing values as ''."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            ""
            if value != value
            else str(int(value))
            if value.is_integer() and abs(value) < 1e15
            else repr(value)
        )
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return (
        value
        if isinstance(value, str)
        else json.dumps(value)
        if isinstance(value, dict | list)
        else str(value)
    )


def _header(cells: Sequence[str], file: str) -> list[str]:
    names = [re.sub(r"\s+", " ", cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise refuse(
            file, Message("sources.too_many_columns", n_columns=len(names), limit=MAX_COLUMNS, first=names[0])
        )
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if not names or twice:
        what = (
            Message("sources.columns_twice", names=", ".join(twice))
            if twice
            else Message("sources.empty_first_line")
        )
        raise refuse(file, what, line=1)
    return names


def _separated(path: Path, file: str) -> Iterator[Row]:
    header: list[str] = []
    separator = ","
    for number, line in _text_lines(path, file):
        if not header:
            text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
            separator = max(_SEPARATORS, key=text.count)
            try:
                header = _header(next(csv.reader([text], delimiter=separator), []), file)
            except csv.Error as error:
                raise refuse(file, Message("sources.no_header", error=error), line=1) from None
            continue
        if not line.strip():
            continue
        yield _line(number, line, header, separator)


def _line(number: int, line: bytes, header: Sequence[str], separator: str) -> Row:
    raw = line[:2_000].decode("utf-8", "backslashreplace")
    if len(line) > MAX_LINE:
        return Row(number, {}, "too_long", raw)
    try:
        cells = next(csv.reader([line.decode("utf-8")], delimiter=separator, strict=True), [])
    except UnicodeDecodeError:
        return Row(number, {}, "not_utf8", raw)
    except csv.Error:
        return Row(number, {}, "open_quote", raw)
    if b"\x00" in line:
        return Row(number, {}, "not_utf8", raw)
    if any(cells[len(header) :]) or len(cells) < len(header):
        return Row(number, {}, "ragged_row", raw)
    return Row(number, dict(zip(header, cells, strict=False)))


def _text_lines(path: Path, file: str) -> Iterator[tuple[int, bytes]]:
    rest, number, is_old, is_first = b"", 0, False, True
    for piece in chunks(path, file):
        if is_first:
            is_first, is_old = False, b"\r" in piece and b"\n" not in piece
        *whole, rest = (rest + (piece.replace(b"\r", b"\n") if is_old else piece)).split(b"\n")
        if len(rest) > MAX_WITHOUT_BREAK:
            raise refuse(file, Message("sources.no_line_break", megabytes=MAX_WITHOUT_BREAK >> 20))
        for line in whole:
            number += 1
            yield number, line.rstrip(b"\r")
    if rest:
        yield number + 1, rest.rstrip(b"\r")


def _workbook(path: Path, file: str) -> Iterator[Row]:
    """Yield the rows of the first sheet that has any below a header."""
    from python_calamine import CalamineWorkbook

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > 4 * MAX_REGISTER_BYTES:
            raise refuse(
                file, Message("sources.workbook_too_large", megabytes=(4 * MAX_REGISTER_BYTES) >> 20)
            )
        with CalamineWorkbook.from_path(str(path)) as book:
            sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise refuse(file, Message("sources.workbook_unreadable", error=str(error)[:200])) from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "python_calamine":
            raise
        raise refuse(file, Message("sources.workbook_unreadable", error=str(error)[:200])) from None
    sheet = next((s for s in sheets if len(s) > 1), sheets[0] if sheets else [])
    header: list[str] = []
    for number, cells in enumerate(sheet, 1):
        texts = [written(cell) for cell in cells]
        if not any(texts):
            continue
        if not header:
            header = _header(texts, file)
            continue
        yield Row(number, {name: text for name, text in zip(header, texts, strict=False) if name})


def _parquet(path: Path, file: str) -> Iterator[Row]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as source:
            _header(source.schema_arrow.names, file)
            number = 0
            for batch in source.iter_batches(10_000):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, {name: written(value) for name, value in values.items()})
    except (pa.ArrowException, OSError) as error:
        raise refuse(file, Message("sources.parquet_unreadable", error=str(error)[:200])) from None


def _json_lines(path: Path, file: str) -> Iterator[Row]:
    for number, line in lines_of(path, file):
        raw = line[:2_000].decode("utf-8", "backslashreplace")
        try:
            value = parse(line)
        except RecordError:
            yield Row(number, {}, "malformed_json", raw)
            continue
        yield from _records(number, value, raw)


def _json_list(path: Path, file: str) -> Iterator[Row]:
    try:
        value = parse(read_document(path, file))
    except RecordError as error:
        raise refuse(file, Message("sources.no_answer_usable", n=1, why=error)) from None
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield from _records(number, item, json.dumps(item)[:2_000])


def _records(number: int, value: Any, raw: str) -> Iterator[Row]:
    """Yield the rows of a JSON value: itself, or the entries of KawalPemilu's answers (`result.aggregated`)."""
    if not isinstance(value, dict):
        yield Row(number, {}, "malformed_json", raw)
        return
    result = value.get("result")
    entries = result.get("aggregated") if isinstance(result, dict) else value.get("aggregated")
    if not isinstance(entries, dict):
        yield Row(number, {str(k): written(v) for k, v in value.items()})
        return
    for versions in entries.values():
        newest = versions[0] if isinstance(versions, list) and versions else None
        if isinstance(newest, dict):
            yield Row(number, {str(k): written(v) for k, v in newest.items()})
        else:
            yield Row(number, {}, "malformed_json", raw)
