"""Small pieces of HTML that the templates ask for: where texts may break and where not, keys that sort cells."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from markupsafe import Markup, escape

from ..language.numbers import KEPT, tied
from ..model import Cell
from .layout import ZERO_WIDTH_SPACE, breakable, in_one_piece


@lru_cache(KEPT)
def softened(text: str) -> Markup:
    """The escaped text, with `<wbr>` inside words of 20 and more characters and numbers kept with their unit.

    Elements, not characters, keep an interval on one line: what is copied or searched for is the plain text.
    """
    parts = [escape(part).replace(ZERO_WIDTH_SPACE, Markup("<wbr>")) for part in tied(breakable(text))]
    parts[1::2] = [Markup("<span class=n>{}</span>").format(part) for part in parts[1::2]]
    return Markup("").join(parts)


def joined(text: str) -> str:
    """The text with blanks that do not break inside a number and its unit: for lists of hundreds of rows."""
    parts = tied(text)
    parts[1::2] = [part.replace(" ", "\u00a0") for part in parts[1::2]]
    return "".join(parts)


def is_tied(cell: Cell) -> bool:
    """Whether all that stands in a cell must stay on one line: then the cell needs no element inside to say so."""
    return not cell.sources and _is_one_piece(cell.text)


@lru_cache(KEPT)
def _is_one_piece(text: str) -> bool:
    return tied(text)[::2] == ["", ""]


@lru_cache(KEPT)
def label(text: str) -> str:
    """A heading for the style sheet to print beside a cell: there no element can keep a number and its unit."""
    return in_one_piece(text)


def bare(value: str) -> Markup:
    """An attribute's value, without quotes where none are needed: thousands of cells carry one."""
    return Markup(value if re.fullmatch(r"[\w.-]+", value) else Markup('"{}"').format(value))  # noqa: S704


def sort_key(cell: Cell) -> str:
    """The number or ISO day by which a cell is sorted, where its text says it otherwise; else nothing."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float | dt.date) or not cell.text:
        return ""
    key = (
        value.isoformat()
        if isinstance(value, dt.date)
        else f"{value:.6g}"
        if isinstance(value, float)
        else str(value)
    )
    return "" if key == cell.text else key
