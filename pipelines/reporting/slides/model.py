"""The content of a presentation as frozen values: slides with their title, pictures, table and footing."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Cell, Column

MOST = 12  # slides of a presentation


@dataclass(frozen=True)
class Picture:
    """A drawing that becomes a picture; `alt` says what it shows to those who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table that stays a table: headings and rows; `alt` says what it holds."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alt: str


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes:
        title: what the slide says. lead: a sentence below the title, may be empty.
        grid, pictures: beside each other, or the pictures below the table where there are several.
        notes: what the reader of the table must know, in small type.
        foot: source, date, denominator and certainty of what is shown.
        most_pages: how many slides the table may take; rows beyond are counted in words.
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
    """A whole presentation; `is_simulated` data carry a banner on every slide."""

    title: str
    subtitle: str
    lang: str
    slides: tuple[Slide, ...]
    banner: str = ""
