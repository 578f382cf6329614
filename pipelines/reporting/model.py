"""The content of a report as frozen values: HTML and PDF render the same structure, so they never differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Align = Literal["start", "end"]


@dataclass(frozen=True)
class Cell:
    """One cell: the displayed text, the value behind it, its source numbers, and a tone."""

    text: str
    value: Any = None
    sources: tuple[int, ...] = ()
    tone: Literal["", "strong", "muted", "no_data", "alert"] = ""


@dataclass(frozen=True)
class Column:
    """Heading of a column; `width` is its weight when paper has room to share, `help` its meaning."""

    title: str
    align: Align = "start"
    width: float = 1.0
    help: str = ""


@dataclass(frozen=True)
class Group:
    """Rows below one sub-heading; an empty title means no sub-heading."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Facet:
    """A criterion by which readers filter table rows; `of_rows`: index in `options` for each row."""

    title: str
    options: tuple[str, ...]
    of_rows: tuple[int, ...]

    @staticmethod
    def of(title: str, values: Sequence[str]) -> Facet:
        """Build a facet from the value of every row; options in order of first occurrence."""
        options = tuple(dict.fromkeys(values))
        places = {option: place for place, option in enumerate(options)}
        return Facet(title, options, tuple(places[value] for value in values))


@dataclass(frozen=True)
class Table:
    """A table; `notes` are shown below it (number of rows shown, important remarks).

    `is_read`: its rows are sentences to read one by one, not figures to compare and sort.
    """

    title: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()
    kind: str = "table"
    is_read: bool = False
    facets: tuple[Facet, ...] = ()

    @property
    def n_rows(self) -> int:
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True)
class Panel:
    """One drawing of a figure, about 85 mm wide: full size on a phone, two side by side on A4."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Figure:
    """Panels side by side, `per_row` of them on paper; `line` gives source, date and denominator.

    `is_broad`: the panels are landscapes, which benefit from a wide screen.
    """

    title: str
    panels: tuple[Panel, ...]
    line: str
    per_row: int = 2
    is_broad: bool = False
    kind: str = "figure"


@dataclass(frozen=True)
class Text:
    """Paragraphs of plain text."""

    paragraphs: tuple[str, ...]
    kind: str = "text"


@dataclass(frozen=True)
class Callout:
    """Short, prominent remarks."""

    title: str
    items: tuple[str, ...]
    kind: str = "callout"


@dataclass(frozen=True)
class Note:
    """A remark in small type, e.g. the usage warnings of the table above."""

    text: str
    kind: str = "note"


@dataclass(frozen=True)
class Facts:
    """Pairs of term and value."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Source:
    """A cited page; `url` is empty unless it is http or https."""

    number: int
    title: str
    date: str
    url: str


@dataclass(frozen=True)
class Sources:
    """The numbered list of cited pages."""

    items: tuple[Source, ...]
    kind: str = "sources"


Block = Table | Figure | Text | Callout | Note | Facts | Sources


@dataclass(frozen=True)
class Section:
    """One part of the report; `see`: the paragraph of the book of methods that explains it."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    see: str = ""


@dataclass(frozen=True)
class Mark:
    """One election on the strip of a tile: happened, ordered (unknown whether held), none, or unknown."""

    state: Literal["happened", "ordered", "none", "unknown"]
    said: str


@dataclass(frozen=True)
class ZeroTile:
    """One of the three zeros at its latest election: the result, whether the target is met, how complete it is."""

    key: str
    kicker: str
    figure: str
    verdict: str
    tone: Literal["missed", "met", "open"]
    lines: tuple[str, ...]
    strip: tuple[Mark, ...]


@dataclass(frozen=True)
class KeyItem:
    """A colour or sign in a legend and its meaning."""

    swatch: str
    text: str


@dataclass(frozen=True)
class BriefMap:
    """The map of the brief; `key` is its legend.

    `width`: on paper, in millimetres. `is_broad`: a landscape as wide as the page instead of beside the list of
    places.
    """

    title: str
    svg: str
    alt: str
    key: tuple[KeyItem, ...]
    note: str
    width: int = 82
    is_broad: bool = False


@dataclass(frozen=True)
class PlaceLine:
    """A place in the list: equal evidence gives an equal rank; `why` in words, `ladder` the known steps."""

    rank: int
    name: str
    code: str
    tag: str
    why: str
    ladder: str


@dataclass(frozen=True)
class StepLine:
    """An action: when, what, who, and the law of the coming election."""

    day: str
    text: str
    duty: str
    law: str


@dataclass(frozen=True)
class Brief:
    """What a division reads in ten seconds: status, priorities and reasons, actions, certainty."""

    headline: str
    tiles: tuple[ZeroTile, ...]
    strip_span: str
    strip_key: tuple[KeyItem, ...]
    map: BriefMap | None
    places_title: str
    places: tuple[PlaceLine, ...]
    places_note: str
    steps_title: str
    steps: tuple[StepLine, ...]
    sure_title: str
    sure: str
    findings: str = ""


@dataclass(frozen=True)
class Report:
    """A whole report of one area in one language; `words` are the phrases of the frame around the sections."""

    area_code: str
    area_name: str
    level: str
    lang: str
    title: str
    release: str
    release_date: str
    sections: tuple[Section, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    banner: str = ""
    brief: Brief | None = None
