"""Quote declared names and values for SQL; no other module does."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

# Without a required row order, DuckDB uses both cores without synchronising them, in half the CPU time.
ANY_ORDER, IN_ORDER = "set preserve_insertion_order = false", "reset preserve_insertion_order"


def quote(identifier: str) -> str:
    """Return an SQL identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """Return a declared value (text, number, date, time or boolean) as an SQL literal."""
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
    """Return an SQL list of exactly these files: `*` or `[` in a name is
    escaped, not treated as a glob pattern."""
    return "[" + ", ".join(literal(glob.escape(str(path))) for path in paths) + "]"
