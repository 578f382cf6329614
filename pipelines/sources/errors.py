"""Errors in input files: each names the file, line, column and value, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..catalog.messages import Joined, UserError
from ..catalog.records import placed


@dataclass(frozen=True)
class InputProblem:
    """A problem in an input file; `line` and `column` are empty where it concerns the whole file."""

    file: str
    message: Mapping[str, str]
    line: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None


class SourceError(UserError):
    """An input file that cannot be read."""

    def __init__(self, problem: InputProblem) -> None:
        super().__init__(problem.message)
        self.args = (problem,)
        self.problem = problem
        self.file, self.line = problem.file, problem.line
        self.column, self.value = problem.column, problem.value

    def with_more(self, words: Mapping[str, str]) -> SourceError:
        """Return the same error with text appended to its message."""
        return SourceError(replace(self.problem, message=Joined(self.problem.message, words)))


def refuse(
    file: str,
    said: Mapping[str, str],
    *,
    line: int | None = None,
    column: str | None = None,
    value: str | None = None,
) -> SourceError:
    """A SourceError whose message begins with the place: `register/areas.csv, line 7, column level: …`."""
    return SourceError(InputProblem(file, placed(said, file, line, column or ""), line, column, value))
