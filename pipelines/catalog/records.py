"""Frames that every layer reports: problems with single rows, and check results.

The columns are those of `meta.quarantine` and `meta.checks`. The two functions are defined here because
`sources` and `quality` both report and must not import each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from .declared import table
from .messages import Joined, Message, Text
from .vocabulary import LANGUAGES

if TYPE_CHECKING:
    from pandas import DataFrame

QUARANTINED = "quarantined"
KEPT_WITH_WARNING = "kept_with_warning"


def placed(
    said: Mapping[str, str], file: str, line: int | None = None, column: str = "", value: str | None = None
) -> Text:
    """Return a message about a place in a file, prefixed with file, line, column and value."""
    shown = f"{value!r}: " if value else ""
    if line and column:
        return Message("place.cell", file=file, line=line, column=column, shown=shown, said=said)
    if line:
        return Message("place.line", file=file, line=line, shown=shown, said=said)
    if column:
        return Message("place.column", file=file, column=column, shown=shown, said=said)
    return Joined(f"{file}: {shown}", said, separator="")


def in_languages(said: Mapping[str, str]) -> dict[str, str]:
    """Return a message as columns: `message_id`, `message_en`, and one for every other language."""
    return {f"message_{lang}": said[lang] for lang in LANGUAGES}


def problem_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Return problems with the columns of `meta.quarantine` except its
    sequence number; text, `source_row` int64."""
    declared = table("meta.quarantine")
    return _frame(rows, tuple(f.name for f in declared.fields if f.name not in declared.primary_key))


def check_frame(rows: Iterable[Mapping[str, Any]] = ()) -> DataFrame:
    """Return check results with the columns of `meta.checks`; text, `n_checked` and `n_failed` int64."""
    return _frame(rows, tuple(table("meta.checks").field_names))


def _frame(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...]) -> DataFrame:
    listed = list(rows)
    return _made(listed, columns) if listed else _empty(columns).copy()


@cache
def _empty(columns: tuple[str, ...]) -> DataFrame:
    """Return a cached empty frame: most inputs have no problem, and an
    empty frame is as slow to build as a full one."""
    return _made([], columns)


def _made(rows: list[Mapping[str, Any]], columns: tuple[str, ...]) -> DataFrame:
    import pandas as pd  # imported late: the command line imports the catalog and must start at once

    whole = ("source_row", "n_checked", "n_failed")
    return pd.DataFrame(
        {
            name: pd.Series([row[name] for row in rows], dtype="int64" if name in whole else "str")
            for name in columns
        }
    )
