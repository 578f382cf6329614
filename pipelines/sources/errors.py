"""Errors of the inputs: each says which file, line, column and value, and what to do, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class InputProblem:
    """What is wrong with an input file; `line` and `column` are empty where the whole file is meant."""

    file: str
    message: Mapping[str, str]
    line: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None


class SourceError(Exception):
    """An input file that cannot be read at all; `.message["id"]` and `.message["en"]` say it in full."""

    def __init__(self, problem: InputProblem) -> None:
        super().__init__(problem.message["en"])
        self.problem = problem
        self.message = problem.message
        self.file, self.line = problem.file, problem.line
        self.column, self.value = problem.column, problem.value


def refuse(
    file: str,
    english: str,
    indonesian: str,
    *,
    line: int | None = None,
    column: str | None = None,
    value: str | None = None,
) -> SourceError:
    """A SourceError whose messages begin with the place: `register/areas.csv, line 7, column level: …`."""
    places = {
        "en": [file, f"line {line}" if line else "", f"column {column}" if column else ""],
        "id": [file, f"baris {line}" if line else "", f"kolom {column}" if column else ""],
    }
    texts = {"en": english, "id": indonesian}
    message = {lang: f"{', '.join(filter(None, places[lang]))}: {texts[lang]}" for lang in ("id", "en")}
    return SourceError(InputProblem(file, message, line, column, value))
