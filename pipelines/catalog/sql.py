"""How declared names and values are written in SQL: the one place that quotes."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

# Rows that need no order go through both cores without waiting for each other, in half the processor time.
ANY_ORDER, IN_ORDER = "set preserve_insertion_order = false", "reset preserve_insertion_order"


def quote(identifier: str) -> str:
    """A SQL identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A SQL literal of a declared value (text, number, date, time or boolean)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def file_list(paths: Iterable[Path | str]) -> str:
    """A SQL list of the files at these very paths: a name with `*` or `[` in it stands for itself, not for others."""
    return "[" + ", ".join(literal(glob.escape(str(path))) for path in paths) + "]"
