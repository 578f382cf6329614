"""Problems found in a workbook, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalog.messages import DATA_REFUSED, UserError

Words = Mapping[str, str]


class WorkbookError(UserError):
    """A workbook that cannot be read at all."""

    exit_code = DATA_REFUSED


class Misread(Exception):  # noqa: N818 (said about a cell, caught by the reader of the row)
    """A cell that could not be interpreted: what is wrong, what is allowed, what may be meant."""

    def __init__(self, said: Words, allowed: Words | str = "", nearest: Sequence[str] = ()) -> None:
        super().__init__(said["en"])
        self.said, self.allowed, self.nearest = said, allowed, tuple(nearest)


@dataclass(frozen=True)
class Problem:
    """A cell that causes its row to be rejected.

    Attributes:
        sheet: name. row: line of the sheet, from 1. column: from 1; 0 = the whole row.
        field: column of the table. value: content of the cell. nearest: suggestions, best first, never applied.
    """

    sheet: str
    row: int
    column: int
    field: str
    value: str
    said: Words
    allowed: Words | str = ""
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passed:
    """A row, column or sheet that was not read as data, and why."""

    sheet: str
    row: int
    what: str
    said: Words
