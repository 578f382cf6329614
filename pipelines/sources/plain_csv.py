"""Unpack a large CSV file to plain text and find every malformed line, without parsing the rest.

DuckDB reads large files fast but loses information that messages need: an unclosed quote swallows the lines
after it, blank lines vanish, short rows may be padded. So the lines are checked first, on their bytes: number
of separators, quotes, encoding. A malformed line is replaced by an empty record of the right width, so that
line numbers stay the same.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.catalog.sql import literal

from ..catalog.messages import Message
from ..catalog.records import QUARANTINED, in_languages, placed, problem_frame
from .errors import refuse
from .header import check_header
from .limits import MAX_BYTES, MAX_LINE, MAX_ROWS, MAX_UNREADABLE, MAX_WITHOUT_BREAK
from .unpack import chunks

BOM = b"\xef\xbb\xbf"
# Longest accepted column name, in characters.
LONGEST_NAME = 1_000
_SHOWN, MAX_SHOWN = 200, 10_000


@dataclass(frozen=True)
class PlainCsv:
    """A plain CSV file in UTF-8 with one record per line.

    Attributes:
        path: the plain file. header: its columns.
        n_read: records. n_lost: non-blank lines that are not records. unreadable: line numbers (header = 1)
            of these and of blank lines.
        problems: one row per malformed line, with the columns of `meta.quarantine`.
    """

    path: Path
    header: tuple[str, ...]
    n_read: int
    n_lost: int
    unreadable: tuple[int, ...]
    problems: pd.DataFrame

    @property
    def relation(self) -> str:
        """SQL that reads `{files}` with this header: every column as text, '' and empty alike as null."""
        columns = ", ".join(f"{literal(name)}: 'varchar'" for name in self.header)
        return (
            f"read_csv({{files}}, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, "
            f"columns = {{{columns}}})"
        )


def unpack_csv(
    path: Path, target: Path, columns: Sequence[str], table: str, file: str, max_bytes: int = MAX_BYTES
) -> PlainCsv:
    """Write `path` (plain or gzip) as plain CSV to `target`.

    Args:
        columns: names that the header must have, in any order.
        table: full name of the table that the problems refer to.
        file: name of the file in messages, e.g. `sirekap-2024/31-dki-jakarta.csv.gz`.

    Raises:
        SourceError: empty, wrong header, cut short, or larger than `limits` allow.
    """
    header: list[str] = []
    n_lines = 0
    unreadable: list[int] = []
    problems: list[dict[str, Any]] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for piece in _blocks(path, file, max_bytes):
            block = piece
            if not header:
                first, _, block = piece.partition(b"\n")
                header = _header(first, columns, file)
                out.write(first.removeprefix(BOM).rstrip(b"\r") + b"\n")
                n_lines = 1
            if not block:
                continue
            n_block, n_blank, bad = _judge(block, len(header))
            _check_counts(file, n_lines + n_block, len(unreadable) + n_blank)
            if bad:
                room = MAX_UNREADABLE - len(unreadable)
                block, blank, found = _replace(block, bad, n_lines + 1, header, table, file, room)
                unreadable += [line for line, _ in found] + blank
                problems += [problem for _, problem in found]
            n_lines += n_block
            out.write(block.replace(b"\r\n", b"\n") if b"\r" in block else block)
    if not header:
        raise refuse(
            file,
            Message("sources.empty_file", columns=",".join(columns)),
        )
    n_read = n_lines - 1 - len(unreadable)
    return PlainCsv(
        target, tuple(header), n_read, len(problems), tuple(sorted(unreadable)), problem_frame(problems)
    )


def _check_counts(file: str, n_lines: int, n_unreadable: int) -> None:
    if n_lines > MAX_ROWS:
        raise refuse(
            file,
            Message("sources.too_many_rows", limit=MAX_ROWS),
        )
    if n_unreadable > MAX_UNREADABLE:
        raise refuse(
            file,
            Message("sources.too_many_unreadable", limit=MAX_UNREADABLE),
        )


def read_header(first: bytes, file: str) -> list[str]:
    """Return the cells of the first line.

    Raises:
        SourceError: the line is empty or not a table header.
    """
    text = first.removeprefix(BOM).rstrip(b"\r").decode("utf-8", "replace")
    try:
        header = next(csv.reader([text]), [])
    except csv.Error as error:
        raise refuse(
            file, Message("sources.no_header", error=error), line=1,
        ) from None  # fmt: skip
    if any(len(cell) > LONGEST_NAME for cell in header):
        said = f"{max(map(len, header)):,} > {LONGEST_NAME:,}"
        raise refuse(file, Message("sources.no_header", error=said), line=1)
    if not header:
        raise refuse(file, Message("sources.empty_first_line"), line=1)
    return header


def _header(first: bytes, columns: Sequence[str], file: str) -> list[str]:
    header = read_header(first, file)
    if error := check_header(header, columns, file, 1):
        raise error
    return header


def _blocks(path: Path, file: str, max_bytes: int) -> Iterator[bytes]:
    """Yield whole lines in blocks of a few megabytes; the last block also ends with a line break."""
    rest: list[bytes] = []
    is_first, is_old = True, False
    for piece in _ahead(chunks(path, file, max_bytes)):
        if is_first:
            # Old spreadsheet format: lines end with CR alone.
            is_first, is_old = False, b"\r" in piece and b"\n" not in piece
        chunk = piece.replace(b"\r", b"\n") if is_old else piece
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            rest.append(chunk)
            if sum(map(len, rest)) > MAX_WITHOUT_BREAK:
                raise refuse(
                    file,
                    Message("sources.no_line_break", megabytes=MAX_WITHOUT_BREAK >> 20),
                )
            continue
        yield b"".join([*rest, chunk[:cut]])
        rest = [chunk[cut:]] if cut < len(chunk) else []
    if rest:
        yield b"".join(rest) + b"\n"


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same pieces, decompressing the next one while the current one is processed."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, pieces, b"")
        while piece := coming.result():
            coming = pool.submit(next, pieces, b"")
            yield piece


def _judge(block: bytes, width: int) -> tuple[int, int, list[int]]:
    """Return the number of lines in `block`, of empty ones, and the indices (from 0) of suspicious ones."""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    starts = np.concatenate([[0], ends[:-1] + 1])
    commas = np.add.reduceat((data == 44).view(np.uint8), starts, dtype=np.uint16)
    lengths = ends - starts
    suspect = (commas != width - 1) | (lengths > MAX_LINE)
    marks = [np.flatnonzero(data == 34), np.flatnonzero(data == 0)]
    if b"\r" in block:
        returns = np.flatnonzero(data == 13)
        marks.append(returns[data[np.minimum(returns + 1, data.size - 1)] != 10])
    for mark in marks:
        suspect[np.searchsorted(ends, mark)] = True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        high = np.searchsorted(ends, np.flatnonzero(data > 127))
        suspect[high] = True
    n_blank = int((lengths == 0).sum())
    if n_blank > MAX_UNREADABLE:
        return len(ends), n_blank, []
    return len(ends), n_blank, [int(i) for i in np.flatnonzero(suspect)]


def _replace(
    block: bytes,
    suspect: Sequence[int],
    first_line: int,
    header: Sequence[str],
    table: str,
    file: str,
    room: int,
) -> tuple[bytes, list[int], list[tuple[int, dict[str, Any]]]]:
    """Replace malformed lines by empty records; returns (block, blank lines, problems of the others)."""
    lines = block.split(b"\n")
    blank: list[int] = []
    bad: list[tuple[int, bytes, str]] = []  # reported later, once few enough: messages are slow
    for i in suspect:
        line, number = lines[i].rstrip(b"\r"), first_line + i
        reason = _reason(line, len(header))
        if reason is None:
            continue
        lines[i] = b"," * (len(header) - 1)
        if len(blank) + len(bad) >= room:
            _check_counts(file, 0, MAX_UNREADABLE + 1)
        if reason == "blank":
            blank.append(number)
        else:
            bad.append((number, line, reason))
    found = [
        (number, _problem(table, file, number, line, reason, len(header))) for number, line, reason in bad
    ]
    return b"\n".join(lines), blank, found


def _reason(line: bytes, width: int) -> str | None:
    """Return why a line is not a record of `width` cells; None where it is one."""
    if not line.strip():
        return "blank"
    if len(line) > MAX_LINE:
        return "too_long"
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return "not_utf8"
    if "\x00" in text:
        return "not_utf8"
    try:
        # An unclosed quote would continue into the next line: a sentinel line reveals it.
        records = list(csv.reader([text + "\n", "\x01\n"], strict=True))
    except csv.Error:
        return "open_quote"
    if len(records) != 2 or records[1] != ["\x01"]:
        return "open_quote"
    return None if len(records[0]) == width and "\r" not in text else "ragged_row"


_SAID = {
    "not_utf8": "sources.line_not_utf8",
    "open_quote": "sources.line_open_quote",
    "ragged_row": "sources.line_ragged",
    "too_long": "sources.line_too_long",
}


def _problem(table: str, file: str, number: int, line: bytes, reason: str, width: int) -> dict[str, Any]:
    text = line[:MAX_SHOWN].decode("utf-8", "backslashreplace")
    return {
        "table_name": table,
        "source_file": file,
        "source_row": number,
        "rule": reason,
        "disposition": QUARANTINED,
        "column_name": "",
        "value": text[:_SHOWN],
        **in_languages(placed(Message(_SAID[reason], width=width, limit=MAX_LINE), file, number)),
        "raw_row": json.dumps([text], ensure_ascii=False),
    }
