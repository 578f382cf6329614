"""mart.findings: findings of evaluations by provision: which recur, which are open, which are overdue."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.catalog.vocabulary import OPEN_FINDINGS

from . import Read, Release

ALIKE = 85.0
"""Minimum similarity (rapidfuzz token_sort_ratio, 0 to 100) at which
another finding is suggested; never merged."""
OF_A_DAY = True
MOST_COMPARED = 400
"""Maximum number of findings of one area to compare with each other; above it, nothing is suggested."""


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return one row per finding; deadlines are evaluated on the day of the
    newest input, stated in `judged_on`."""
    found = read("core.finding")
    areas = read("ref.areas").set_index("area_code")["name"]
    order = read("ref.provisions").set_index("provision_code")["order"]
    problem = found["problem"].map(_plain)
    n_elections = found["election_id"].groupby([found["area_code"], problem]).transform("nunique")
    if release.data_date is None:
        raise ValueError("deadlines are judged on a day")
    judged_on = pd.Timestamp(release.data_date)
    is_open = found["recommendation"].notna() & found["finding_status"].isin(OPEN_FINDINGS)
    made = found.assign(
        area_name=found["area_code"].map(areas),
        provision_order=found["provision_code"].map(order).astype("Int64"),
        n_elections=n_elections.astype("Int64"),
        is_recurring=n_elections.gt(1),
        possibly_same_as=_alike(found.assign(problem=problem)),
        is_open=is_open,
        is_overdue=is_open & (pd.to_datetime(found["deadline"]) < judged_on),
        judged_on=judged_on,
    )
    return {"mart.findings": made[catalog.table("mart.findings").field_names]}


def _plain(text: object) -> str:
    """Normalise a problem for comparison: lower case, no repeated blanks."""
    return " ".join(unicodedata.normalize("NFKC", str(text)).lower().split())


def _alike(found: pd.DataFrame) -> pd.Series[Any]:
    """Return similar (but not identical) findings of the same area at another election; else empty."""
    said: dict[Any, str | None] = dict.fromkeys(found.index)
    for _, group in found.groupby("area_code"):
        if 1 < len(group) <= MOST_COMPARED:
            columns = (group["finding_id"], group["election_id"], group["problem"])
            said |= _alike_in(list(zip(group.index, *columns, strict=True)))
    return pd.Series(said, index=found.index, dtype="object")


def _alike_in(rows: Sequence[tuple[Any, str, str, str]]) -> dict[Any, str]:
    from rapidfuzz import fuzz  # imported late: most releases have no findings

    near: dict[Any, str] = {}
    for index, _, election, problem in rows:
        others = [
            name
            for _, name, when, other in rows
            if when != election and other != problem and fuzz.token_sort_ratio(problem, other) >= ALIKE
        ]
        if others:
            near[index] = ";".join(sorted(others))
    return near
