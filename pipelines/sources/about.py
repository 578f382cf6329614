"""Self-description of sources that accept external input, and the inspection of a file before it is added."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..catalog.messages import Message, Text
from .errors import refuse
from .header import check_header
from .limits import MAX_WITHOUT_BREAK
from .plain_csv import BOM, read_header
from .unpack import chunks

SAMPLE = 500


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows: `n` records were inspected, `n_good` of them are usable."""

    n: int
    n_good: int

    @property
    def is_empty(self) -> bool:
        return self.n == 0


@dataclass(frozen=True)
class About:
    """A source that accepts external input.

    Attributes:
        title: what it is. needs: what its files must contain. accepts: patterns of file names.
        look: (file, its name in messages) -> what its beginning shows; raises SourceError for other data.
        header: columns of its tables, if it has any.
        tree: whether a folder of JSON answers can be packed into one archive.
    """

    title: Text
    needs: Text
    accepts: tuple[str, ...]
    look: Callable[[Path, str], Look]
    header: tuple[str, ...] = ()
    tree: bool = False


def head(path: Path, file: str, rows: int = SAMPLE) -> tuple[list[str], list[list[str]]]:
    """Return (header, first rows) of a CSV file, plain or gzip; malformed lines are skipped.

    Raises:
        SourceError: the file is empty, damaged or not a table.
    """
    begin = b""
    for piece in chunks(path, file):
        begin += piece
        if begin.count(b"\n") > rows or len(begin) > MAX_WITHOUT_BREAK:
            break
    if b"\n" not in begin:
        begin = begin.replace(b"\r", b"\n")
    first, _, rest = begin.partition(b"\n")
    if not first.strip():
        raise refuse(file, Message("sources.first_line_empty"))
    header = read_header(first.removeprefix(BOM), file)
    try:
        lines = rest.decode("utf-8", "replace").splitlines()
        return header, list(islice(csv.reader(line for line in lines if line.strip()), rows))
    except csv.Error:
        return header, []


def look_at_table(
    path: Path, file: str, columns: Sequence[str], good: Callable[[Mapping[str, str]], bool]
) -> Look:
    """Inspect a CSV file: its header must match the source, and half of its first rows must be `good`.

    Raises:
        SourceError: the header does not match, or the rows hold other data.
    """
    header, rows = head(path, file)
    if error := check_header(header, columns, file, 1):
        raise error
    named = [dict(zip(header, row, strict=False)) for row in rows if len(row) == len(header)]
    n_good = sum(good(row) for row in named)
    if len(rows) >= 2 and n_good * 2 < len(rows):
        raise refuse(
            file,
            Message(
                "sources.rows_of_another_kind", n_good=n_good, n_seen=len(rows), first=",".join(rows[0])[:200]
            ),
            line=2,
        )
    return Look(len(rows), n_good)
