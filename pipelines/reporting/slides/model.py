"""The content of a presentation as frozen values: slides with title, pictures, table and footer."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Cell, Column

MOST = 12  # maximum number of slides


@dataclass(frozen=True)
class Picture:
    """A drawing shown as a picture; `alt` describes it for people who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Grid:
    """An editable table: headings and rows; `alt` describes its content."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alt: str


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes:
        title: the message of the slide. lead: a sentence below the title, may be empty.
        grid, pictures: side by side, or several pictures below the table.
        notes: important remarks on the table, in small type.
        foot: source, date, denominator and certainty.
        most_pages: maximum number of slides for the table; a note counts the remaining rows.
    """

    title: str
    foot: str
    lead: str = ""
    grid: Grid | None = None
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    most_pages: int = 1


@dataclass(frozen=True)
class Deck:
    """A whole presentation; `is_simulated` data have a banner on every slide."""

    title: str
    subtitle: str
    lang: str
    slides: tuple[Slide, ...]
    banner: str = ""
