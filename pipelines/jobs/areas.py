"""Resolve the requested areas against the inputs: a wrong code is refused before anything is built."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from pipelines.catalog import table
from pipelines.reporting.facts.find import find
from pipelines.reporting.facts.queries import NATION, Area


def codes(raw: Path, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct codes of areas requested by code or name.

    If the inputs hold no list of areas, the request is used as it is: the run reports what is missing.
    Raises ReportError for an unknown area; it names the nearest.
    """
    known = _known(raw)
    if not known:
        return tuple(dict.fromkeys(asked))
    return tuple(dict.fromkeys(find(known, text).code for text in asked))


def _known(raw: Path) -> dict[str, Area]:
    """Return areas by code from the raw files of `ref.areas`; the rows are validated by the run, not here."""
    found: dict[str, Area] = {}
    for source in table("ref.areas").sources:
        path = raw / source.path
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            for row in csv.DictReader(stream):
                code, level = row.get("area_code") or "", row.get("level") or ""
                if code:
                    found[code] = Area(code, row.get("name") or "", level, row.get("parent_code"))
    if found:
        found.setdefault(NATION, Area(NATION, "Indonesia", "national", None))
    return found
