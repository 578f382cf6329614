"""Column widths of a table on paper, computed from its contents."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..language.numbers import KEPT
from ..model import Report, Table
from .breaks import ZERO_WIDTH_SPACE, breakable, in_one_piece

_PIECE = re.compile(r"(?:[^\s/-]|\u00a0)+[/-]?|[/-]")
# Advance widths in em of the PDF's serif font (Libertinus), by character class, as measured by typst.
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
HEAD = 0.93  # type size of headings, in em
INSET = 0.7  # em: left and right padding of a cell together
WRITTEN = 5.0  # em per weight of a column for handwriting
GRID = 0.5  # em between the widths that are tried
SHARES = (1.0, 0.95, 0.85, 0.7, 0.5)  # initial shares of the rows held to few lines
MOVES = 20  # maximum number of moves
Array = NDArray[np.int64]


@lru_cache(KEPT)
def advance(text: str) -> float:
    """Return the width of a text on one line, in em."""
    return sum(_ADVANCE.get(letter, _OTHER) for letter in text)


@lru_cache(KEPT)
def _pieces(text: str) -> tuple[tuple[float, float], ...]:
    """Return the unbreakable pieces: width in em, and the width of the space before each."""
    found = []
    for word in in_one_piece(breakable(text)).split(" "):
        space = advance(" ")
        for part in word.split(ZERO_WIDTH_SPACE):
            for piece in _PIECE.findall(part):
                found.append((advance(piece), space))
                space = 0.0
    return tuple(found)


def _lines(text: str, factor: float, width: float) -> int:
    """Return how many lines a text takes in a column of that width (em, without padding)."""
    n, used = 1, 0.0
    for piece, space in _pieces(text):
        if used and used + (space + piece) * factor > width:
            n, used = n + 1, piece * factor
        else:
            used += (piece + (space if used else 0.0)) * factor
    return n


@dataclass(frozen=True)
class _Column:
    """The texts of a column, heading first, each with its type size relative to the table."""

    texts: tuple[tuple[str, float], ...]

    @property
    def least(self) -> float:
        """Width of the longest unbreakable piece, in em."""
        return INSET + max(f * piece for text, f in self.texts for piece, _ in (*_pieces(text), (0.0, 0.0)))

    @property
    def longest(self) -> float:
        return INSET + max(f * advance(text) for text, f in self.texts)

    def lines(self, width: float) -> Array:
        """Return the number of lines of every row (rows,) at that width."""
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
    """Return column widths in em that add up to `room`: no word is cut, and the table is as low as possible.

    If all lines fit, the rest is shared by the weights that the sections declare. A column without texts is
    meant for handwriting and gets room by its weight.
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
    """Return widths (em) at which the rows need few lines.

    Takes the best of several starts, in which every column gets just enough to hold a share of the rows to few
    lines. Then, as long as it saves lines, one column grows by the room that all others can spare without a row
    growing higher.
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
        """Return the minimum widths at which the rows need at most so many
        lines; wider columns never need more."""

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
        for heading in (0, 1):  # one more heading line may save several row lines
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
    """Return the report with all column widths computed for a line of `room` em."""

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
