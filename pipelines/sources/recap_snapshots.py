"""Snapshots of recapitulation by area: which results were in at which time (core.recap_progress), and the
newest.

A mapping with `gives: recap` declares the columns. The time of a snapshot comes from a column
(`published_at`), from the mapping (`taken_at: 2014-07-16 22:00`) or from the file name
(`da1-2014-07-16-22.csv`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.vocabulary import AREA_LEVELS
from .mapping import GRAINS, TableMapping, code, number

_IN_NAME = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)[-_T ]?(\d\d)?[.:-]?(\d\d)?(?!\d)")


def taken_at(cells: Mapping[str, str], mapping: TableMapping, file_name: str) -> str:
    """Return the time of the snapshot as text; empty where it is unknown, which the table then refuses."""
    if "published_at" in mapping.columns:
        return cells.get(mapping.columns["published_at"], "").strip()
    if mapping.taken_at:
        return mapping.taken_at
    found = _IN_NAME.search(file_name)
    return "{}-{}-{} {}:{}:00".format(*found.groups("00")) if found else ""


def progress(cells: Mapping[str, str], mapping: TableMapping, file_name: str) -> dict[str, Any]:
    """Return one row of core.recap_progress."""
    votes = {o: number(cells.get(column, ""), mapping.numbers) for o, column in mapping.choices.items()}
    # A value that is not a number stays as it is, for the table's checks to refuse.
    odd = next((v for v in votes.values() if v and not v.isdigit()), "")
    counted = [int(v) for v in votes.values() if v.isdigit()] if not odd else []
    is_in = any(counted)
    names = {
        level: cells.get(mapping.columns[level], "").strip()
        for level in AREA_LEVELS
        if level in mapping.columns
    }
    unit_code = "" if mapping.by_name else code(cells, mapping)
    return {
        "election_id": mapping.election,
        "contest": mapping.contest,
        "level": mapping.grain,
        "unit": unit_code or "/".join(names.get(level, "") for level in AREA_LEVELS[: _depth(mapping)]),
        "unit_code": unit_code,
        **{level: names.get(level, "") for level in AREA_LEVELS[:3]},
        "seen_at": taken_at(cells, mapping, file_name),
        "is_in": "true" if is_in else "false",
        "votes_valid": odd or (str(sum(counted)) if is_in else ""),
        "figures": ";".join(f"{option}={votes[option]}" for option in sorted(votes)) if is_in else "",
    }


def _depth(mapping: TableMapping) -> int:
    return list(GRAINS).index(mapping.grain) + 1


def results(made: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield core.area_result rows from core.recap_progress rows whose area has a code and has reported."""
    for row in made:
        if not row["unit_code"] or row["is_in"] != "true":
            continue
        for figure in str(row["figures"]).split(";"):
            option, _, votes = figure.partition("=")
            yield {
                "election_id": row["election_id"],
                "contest": row["contest"],
                "area_code": row["unit_code"],
                "level": row["level"],
                "kind": "pair",
                "option_id": option,
                "votes": votes,
                "progress_percent": "",
                "published_at": row["seen_at"],
                "source_file": row["source_file"],
                "source_row": row["source_row"],
            }
