"""Which records an office made of its own area: only these are heard before what others wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from .claim_tree import NATION
from .rows import records

RANK = "own_rank"
NOT_OWN = 1
_FOLDER = "own/"


def mark_own(statements: pd.DataFrame, offices: pd.DataFrame | None) -> pd.DataFrame:
    """Statements with the column `own_rank`: how early an office's word about its own area is heard.

    Args:
        statements: any table of claims with `source_file` and `area_code`.
        offices: ref.offices: workbook, area_code; None or empty = no office has declared an area.

    Returns:
        The frame with `own_rank`: 1 where nobody speaks of an area of their own; minus the length of the office's code
        where an office does, so that of two offices the nearer one goes first (the nation's has rank 0).
    """
    areas: dict[str, list[str]] = {}
    for row in records(offices):
        areas.setdefault(row["workbook"] or "", []).append(str(row["area_code"]))
    ranks = [
        _rank(str(file or ""), str(code or ""), areas)
        for file, code in zip(statements["source_file"], statements["area_code"], strict=True)
    ]
    return statements.assign(**{RANK: pd.Series(ranks, index=statements.index, dtype="int64")})


def own_rank(row: Mapping[str, Any]) -> int:
    """Rank of a row as `mark_own` left it; smaller is heard first."""
    return int(row[RANK]) if RANK in row else NOT_OWN


def _rank(file: str, area_code: str, areas: Mapping[str, list[str]]) -> int:
    if not file.startswith(_FOLDER):
        return NOT_OWN
    workbook = PurePosixPath(file).stem.partition("--")[2]
    mine = areas.get(workbook, areas.get("", []))
    inside = [
        0 if code == NATION else -len(code) for code in mine if code == NATION or area_code.startswith(code)
    ]
    return min(inside, default=NOT_OWN)
