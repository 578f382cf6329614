"""How wide the columns of a table are on paper, from what stands in them, and where long words may break."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..language.numbers import KEPT, tied
from ..model import Report, Table

ZERO_WIDTH_SPACE = "\u200b"
NO_BREAK = str.maketrans(" -", "\u00a0\u2011")
LONGEST = 20  # characters of a word that no column has to hold in one piece
_LONG_WORD = re.compile(rf"[^\s/-]{{{LONGEST},}}")
_PIECE = re.compile(r"(?:[^\s/-]|\u00a0)+[/-]?|[/-]")
# Advance widths in em of the serif face of the PDF (Libertinus), by class of character, as typst measures them.
_ADVANCE = {
    **dict.fromkeys(" .,:;|'\u00a0", 0.25),
    **dict.fromkeys("ijlI!()ftJ/", 0.31),
    **dict.fromkeys("r-\u2011[]s", 0.37),
    **dict.fromkeys("acez0123456789#", 0.46),
    **dict.fromkeys("ABCDGHKNOQRUX%", 0.70),
    **dict.fromkeys("mwMW@—", 0.85),
}
_OTHER = 0.54
BOLD = 1.13
HEAD = 0.93  # size of headings in em
INSET = 0.7  # em left and right of a cell together
WRITTEN = 5.0  # em per weight of a column to be written in
GRID = 0.5  # em between the widths that are tried
SHARES = (1.0, 0.95, 0.85, 0.7, 0.5)  # of the rows that a start holds to few lines
MOVES = 20  # at most
Array = NDArray[np.int64]


@lru_cache(KEPT)
def breakable(text: str) -> str:
    """Text in which words of 20 and more characters may break, so that no column overflows; intervals may not."""
    parts = tied(text)
    parts[::2] = [
        _LONG_WORD.sub(lambda m: ZERO_WIDTH_SPACE.join(re.findall(r".{1,8}", m.group(0))), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def in_one_piece(text: str) -> str:
    """The text with no-break spaces and hyphens inside intervals and numbers with their unit, e.g. to measure it."""
    parts = tied(text)
    parts[1::2] = [part.translate(NO_BREAK) for part in parts[1::2]]
    return "".join(parts)


@lru_cache(KEPT)
def advance(text: str) -> float:
    """Width of a text on one line, in em."""
    return sum(_ADVANCE.get(letter, _OTHER) for letter in text)


@lru_cache(KEPT)
def _pieces(text: str) -> tuple[tuple[float, float], ...]:
    """Parts between which a line may end: width in em, and the width of the space before each."""
    found = []
    for word in in_one_piece(breakable(text)).split(" "):
        space = advance(" ")
        for part in word.split(ZERO_WIDTH_SPACE):
            for piece in _PIECE.findall(part):
                found.append((advance(piece), space))
                space = 0.0
    return tuple(found)


def _lines(text: str, factor: float, width: float) -> int:
    """How many lines a text takes in a column of that width (em, without insets)."""
    n, used = 1, 0.0
    for piece, space in _pieces(text):
        if used and used + (space + piece) * factor > width:
            n, used = n + 1, piece * factor
        else:
            used += (piece + (space if used else 0.0)) * factor
    return n


@dataclass(frozen=True)
class _Column:
    """The texts of a column, its heading first, each with the size of its letters relative to the table."""

    texts: tuple[tuple[str, float], ...]

    @property
    def least(self) -> float:
        """Width of the longest piece that cannot be broken, in em."""
        return INSET + max(f * piece for text, f in self.texts for piece, _ in (*_pieces(text), (0.0, 0.0)))

    @property
    def longest(self) -> float:
        return INSET + max(f * advance(text) for text, f in self.texts)

    def lines(self, width: float) -> Array:
        """Lines of every row (rows,) at that width."""
        counts = {item: _lines(*item, width - INSET + 1e-6) for item in set(self.texts)}
        return np.array([counts[item] for item in self.texts])


def _column(table: Table, at: int) -> _Column:
    rows = (row[at] for group in table.groups for row in group.rows)
    cells = (
        (" ".join((cell.text, *(f"[{n}]" for n in cell.sources))).strip(),
         BOLD if cell.tone in ("strong", "alert") or not at else 1.0)
        for cell in rows
    )  # fmt: skip
    return _Column(((table.columns[at].title, BOLD * HEAD), *cells))


def widths(table: Table, room: float) -> tuple[float, ...]:
    """Widths of the columns in em, together `room`: no word is cut, and the table is as low as it can be.

    Where all lines fit, what is left is shared by the weights that the sections declare. A column without texts is
    there to be written in by hand and gets room by its weight.
    """
    columns = [_column(table, at) for at in range(len(table.columns))]
    weights = [column.width for column in table.columns]
    by_hand = [
        0.0 if any(text for text, _ in c.texts[1:]) else WRITTEN * w
        for c, w in zip(columns, weights, strict=True)
    ]
    least = [max(c.least, hand) for c, hand in zip(columns, by_hand, strict=True)]
    longest = [max(c.longest, hand) for c, hand in zip(columns, by_hand, strict=True)]
    spare = room - sum(longest)
    if spare >= 0:
        return tuple(have + spare * w / sum(weights) for have, w in zip(longest, weights, strict=True))
    if room <= sum(least):
        return tuple(have * room / sum(least) for have in least)
    return lowest(columns, least, longest, room)


def lowest(
    columns: Sequence[_Column], least: Sequence[float], longest: Sequence[float], room: float
) -> tuple[float, ...]:
    """Widths (em) at which the rows need few lines.

    Starts from the best of several: every column gets just what holds a share of the rows to few lines. Then, as
    long as that saves lines, one column grows by the room that all others can spare without a row growing higher.
    """
    known: dict[tuple[int, float], Array] = {}

    def lines(at: int, width: float) -> Array:
        key = (at, round(width, 2))
        if key not in known:
            known[key] = columns[at].lines(key[1] + 0.006)  # rounding must not push a word out
        return known[key]

    def heights(trial: Sequence[float]) -> Array:
        return np.asarray(np.max([lines(at, width) for at, width in enumerate(trial)], axis=0))

    def within(rows: Any, most: Any) -> list[float]:
        """The least widths at which those rows need no more than so many lines; a wider column never needs more."""

        def least_of(at: int) -> float:
            tried: list[float] = sizes[at]
            place = bisect_left(
                tried[:-1], True, key=lambda size: bool((lines(at, size)[rows] <= most).all())
            )
            return tried[place]

        return [least_of(at) for at in range(len(columns))]

    def shared(have: Sequence[float]) -> list[float]:
        lacking = [max(0.0, want - got) for want, got in zip(longest, have, strict=True)]
        total = sum(lacking) or 1.0
        return [got + (room - sum(have)) * lack / total for got, lack in zip(have, lacking, strict=True)]

    sizes = [[*np.arange(low, high, GRID).tolist(), high] for low, high in zip(least, longest, strict=True)]
    every, start = slice(None), shared(least)
    lengths = np.sum([[f * advance(text) for text, f in column.texts] for column in columns], axis=0)
    order, starts = 1 + np.argsort(lengths[1:], kind="stable"), [start]  # headings may take more lines
    for share in SHARES:
        rows = order[: round(share * len(order))]
        caps = (within(rows, cap) for cap in range(1, int(heights(start).max())))
        starts += [shared(needed) for needed in caps if sum(needed) <= room][:1]
    found = min(starts, key=lambda trial: (int(heights(trial).sum()), trial))
    for _ in range(MOVES):
        tries = []
        for heading in (0, 1):  # one more line of headings may save several of rows
            most = heights(found)
            most[0] += heading
            tight = within(every, most)
            pool = room - sum(tight)
            tries += [
                [*tight[:at], size, *tight[at + 1 :]]
                for at in range(len(columns))
                for size in sizes[at]
                if tight[at] < size <= tight[at] + pool
            ]
        trial = min(tries, key=lambda one: (int(heights(one).sum()), sum(one)), default=found)
        if heights(trial).sum() >= heights(found).sum():
            break
        found = trial
    return tuple(shared(within(every, heights(found))))


def fitted(report: Report, room: float) -> Report:
    """The report with the widths of all columns computed for a line of `room` em."""

    def fit(table: Table) -> Table:
        found = widths(table, room)
        return replace(
            table,
            columns=tuple(replace(c, width=round(w, 3)) for c, w in zip(table.columns, found, strict=True)),
        )

    sections = tuple(
        replace(part, blocks=tuple(fit(b) if isinstance(b, Table) else b for b in part.blocks))
        for part in report.sections
    )
    return replace(report, sections=sections)
