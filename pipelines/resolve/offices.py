"""Identify records that an office made about its own area: these take precedence over what others wrote."""

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
    """Return the statements with the column `own_rank`: the precedence of an office's statement on its own
    area.

    Args:
        statements: any table of claims with `source_file` and `area_code`.
        offices: ref.offices: workbook, area_code; None or empty = no office has declared an area.

    Returns:
        The frame with `own_rank`: 1 where nobody writes about their own area; minus the length of the office's
        code where an office does, so that the nearer of two offices comes first (the national office has rank
        0).
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
    """Return the rank set by `mark_own`; smaller ranks take precedence."""
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
