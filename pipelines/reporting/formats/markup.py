"""HTML helpers for the templates: permitted and forbidden line breaks, sort keys of cells."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from markupsafe import Markup, escape

from ..language.numbers import KEPT, tied
from ..model import Cell
from .breaks import ZERO_WIDTH_SPACE, breakable, in_one_piece


@lru_cache(KEPT)
def softened(text: str) -> Markup:
    """Return the escaped text, with `<wbr>` inside words of 20 and more characters and numbers kept with their
    unit.

    Elements, not special characters, keep an interval on one line, so that copy and search see the plain text.
    """
    parts = [escape(part).replace(ZERO_WIDTH_SPACE, Markup("<wbr>")) for part in tied(breakable(text))]
    parts[1::2] = [Markup("<span class=n>{}</span>").format(part) for part in parts[1::2]]
    return Markup("").join(parts)


def joined(text: str) -> str:
    """Return the text with no-break spaces between a number and its unit, for lists of hundreds of rows."""
    parts = tied(text)
    parts[1::2] = [part.replace(" ", "\u00a0") for part in parts[1::2]]
    return "".join(parts)


def is_tied(cell: Cell) -> bool:
    """Return whether the whole content of a cell must stay on one line; then it needs no inner element."""
    return not cell.sources and _is_one_piece(cell.text)


@lru_cache(KEPT)
def _is_one_piece(text: str) -> bool:
    return tied(text)[::2] == ["", ""]


@lru_cache(KEPT)
def label(text: str) -> str:
    """Return a heading for the style sheet to print beside a cell, where
    elements cannot keep number and unit together."""
    return in_one_piece(text)


def bare(value: str) -> Markup:
    """Return an attribute value, unquoted if possible: thousands of cells have one."""
    return Markup(value if re.fullmatch(r"[\w.-]+", value) else Markup('"{}"').format(value))  # noqa: S704


def sort_key(cell: Cell) -> str:
    """Return the number or ISO day by which a cell is sorted if its text does not give it; else ''."""
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
