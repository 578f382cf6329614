"""Choices offered on Prefect's page, as enumerations: areas and elections by name, languages, runners.

Areas that the register does not name (districts, villages) are given by their code.
"""

from __future__ import annotations

import csv
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from pydantic import StringConstraints

from flows.settings import find_root
from pipelines.catalog.vocabulary import LANGS, REPORT_LEVELS, RUNNERS

NATION = "00"
ALL, NONE = "all", "none"
""""No choice" for elections and for runners. The page shows a list at once only for required parameters."""


def _rows(root: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a register file; none if it is unreadable, which the run itself reports."""
    try:
        with (root / "data" / "raw" / "register" / name).open(encoding="utf-8", newline="") as stream:
            return [
                {str(key): str(value or "") for key, value in row.items()} for row in csv.DictReader(stream)
            ]
    except (OSError, ValueError, csv.Error):
        return []


def _areas(root: Path) -> dict[str, str]:
    found = {NATION: "Indonesia"}
    for row in _rows(root, "areas.csv"):
        code = row.get("area_code", "")
        if row.get("level") in REPORT_LEVELS and code.isdecimal() and code.isascii():
            found.setdefault(code, f"{row.get('name', '')}")
    return dict(sorted(found.items()))


def _elections(root: Path) -> list[str]:
    return list(
        dict.fromkeys(row["election_id"] for row in _rows(root, "elections.csv") if row.get("election_id"))
    )


def choices(name: str, values: dict[str, str]) -> Any:
    """Return an enumeration of texts; `values`: name of a member -> its value."""
    return Enum(name, values, type=str)


_ROOT = find_root()
AreaChoice = choices(
    "AreaChoice", {f"area_{code}": f"{code} {name}".strip() for code, name in _areas(_ROOT).items()}
)
AreaCode = Annotated[str, StringConstraints(pattern="^[0-9]{2,10}$")]
ElectionChoice = choices("ElectionChoice", {one: one for one in (ALL, *_elections(_ROOT))})
LangChoice = choices("LangChoice", {one: one for one in LANGS})
RunnerChoice = choices("RunnerChoice", {one: one for one in (NONE, *RUNNERS)})


def area_code(chosen: Any) -> str:
    """Return the code of a chosen area, given as "code" or "code and name"."""
    return str(getattr(chosen, "value", chosen)).partition(" ")[0]


def chosen(choice: Any) -> str:
    """Return what was chosen; empty for "no choice"."""
    value = str(getattr(choice, "value", choice))
    return "" if value in (ALL, NONE) else value
