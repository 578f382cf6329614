"""Small pieces of HTML that the templates ask for: texts whose long words may break, keys that sort cells."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup, escape

from .layout import ZERO_WIDTH_SPACE, breakable
from .model import Cell


def softened(text: str) -> Markup:
    """The escaped text, with `<wbr>` inside words of 20 and more characters."""
    return Markup("<wbr>").join(escape(part) for part in breakable(text).split(ZERO_WIDTH_SPACE))


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
