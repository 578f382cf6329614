"""Find the header line of a sheet and map each of its cells to a column of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.workbooks import Kind, workbooks
from .cells import shown
from .text import normal

LOOKED_THROUGH = 40
"""Number of lines from the top searched for the header."""
LEAST = 3
"""Number of recognised columns that makes a line a header."""


@dataclass(frozen=True)
class Header:
    """Line of the header (from 0), column of the table -> position in the sheet, and unrecognised headers."""

    line: int
    positions: Mapping[str, int]
    unknown: tuple[str, ...]


def known_headers(kind: Kind) -> dict[str, tuple[int, str]]:
    """Normalised header -> (rank, column); rank 0 = its name or title, 1 = a synonym."""
    found: dict[str, tuple[int, str]] = {}
    fields = {f.name: f for f in kind.asked}
    fields["area_code"] = kind.table.field("area_code")
    synonyms = workbooks().columns
    for rank in (0, 1):
        for name, field in fields.items():
            words = (name, *field.title.values()) if rank == 0 else synonyms.get(name, ())
            for word in words:
                for key in (_key(word), _key(re.sub(r"\(.*?\)", "", word))):
                    found.setdefault(key, (rank, name))
    return found


def _meaning(text: str, known: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    for form in (text, re.sub(r"\(.*?\)", " ", text)):
        key = _key(form)
        if found := known.get(key) or known.get(key.removeprefix("nama ")):
            return found
    return None


def _key(header: str) -> str:
    """Return a header in its form for comparison: normalised, with abbreviations expanded."""
    short = workbooks().header_words
    return " ".join(short.get(word, word) for word in normal(header).split())


def _read(line: int, cells: Sequence[Any], known: Mapping[str, tuple[int, str]]) -> Header:
    best: dict[str, tuple[int, int]] = {}
    unknown: list[str] = []
    for position, cell in enumerate(cells):
        text = shown(cell) if isinstance(cell, str) else ""
        if not text or len(text) > 120:
            continue
        found = _meaning(text, known)
        if found is None:
            if _key(text) not in ("nomor", "nomor urut", "number"):
                unknown.append(text)
            continue
        rank, name = found
        if name in best and best[name][0] <= rank:
            unknown.append(text)
            continue
        best[name] = (rank, position)
    return Header(line, {name: position for name, (_, position) in best.items()}, tuple(unknown))


def find_header(rows: Sequence[Sequence[Any]], kind: Kind) -> Header | None:
    """Return the line near the top that names most columns of the kind; None if none names `LEAST`.

    In a two-line header, with groups above their parts, the parts are read first, and the group where a part is
    empty.
    """
    known = known_headers(kind)
    best: Header | None = None
    for line in range(min(len(rows), LOOKED_THROUGH)):
        one = _read(line, rows[line], known)
        candidates = [one]
        if line + 1 < len(rows):
            below = rows[line + 1]
            both = [
                below[i]
                if i < len(below) and shown(below[i])
                else (rows[line][i] if i < len(rows[line]) else "")
                for i in range(max(len(rows[line]), len(below)))
            ]
            two = _read(line + 1, both, known)
            # It is a header only if every text in the second line means a column: data lines do not.
            texts = [shown(c) for c in below if shown(c)]
            if texts and all(_meaning(t, known) for t in texts if isinstance(t, str)):
                candidates.append(two)
        for candidate in candidates:
            if best is None or len(candidate.positions) > len(best.positions):
                best = candidate
    return best if best and len(best.positions) >= LEAST else None


def settled(header: Header, rows: Sequence[Sequence[Any]], fits: Callable[[str, str], bool]) -> Header:
    """Return the header with ambiguous columns resolved by the cells below them.

    Args:
        rows: lines of the sheet.
        fits: column name -> function that says whether the column may hold a text.
    """
    positions = dict(header.positions)
    for first, other in workbooks().either.items():
        if first not in positions or other in positions:
            continue
        at = positions[first]
        cells = [shown(row[at]) for row in rows[header.line + 1 :] if at < len(row)]
        texts = [text for text in cells if text][:LOOKED_THROUGH]
        if texts and 2 * sum(fits(first, text) for text in texts) < len(texts):
            positions[other] = positions.pop(first)
    return replace(header, positions=positions)
