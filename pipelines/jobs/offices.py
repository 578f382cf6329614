"""Areas for which an office is responsible: data/raw/own/kantor.csv, one row per workbook and area."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.catalog import columns
from pipelines.catalog.messages import Message
from pipelines.catalog.vocabulary import AREA_LEVELS
from pipelines.sources import seal
from pipelines.sources.own import OFFICES
from pipelines.workbooks.findings import WorkbookError
from pipelines.workbooks.register import read_register
from pipelines.workbooks.text import slug

COLUMNS = [c for c in columns("ref.offices") if not c.startswith("source_")]


def offices(root: Path) -> list[dict[str, str]]:
    """Return the declarations: workbook (empty = every other), area_code, office_name."""
    path = root / "data" / "raw" / "own" / OFFICES
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [{c: row.get(c) or "" for c in COLUMNS} for row in csv.DictReader(stream)]


def declare(root: Path, areas: Sequence[str], workbook: str = "", name: str = "") -> list[Mapping[str, str]]:
    """Declare that the office whose workbooks are added here is responsible for `areas`; replaces earlier
    declarations.

    Args:
        areas: codes or names of areas. workbook: only for the workbook of this name; empty: for every other
            one.
        name: name of the office; empty: of the area.

    Returns:
        The rows as written.

    Raises:
        WorkbookError: no such area, or several of that name.
    """
    places = read_register(root / "data" / "raw" / "register").places
    stem = slug(workbook) if workbook else ""
    made = []
    for text in areas:
        found = [places.by_code[text]] if text in places.by_code else []
        for level in () if found else AREA_LEVELS[:3]:
            found = found or places.named(level, text)[1]
        if text == "00":
            made.append({"workbook": stem, "area_code": text, "office_name": name or "KPU"})
            continue
        if len(found) != 1:
            nearest = places.nearest("regency", text, None) if not found else []
            known = [f"{a.code} {places.full_name(a.code)}" for a in found] or nearest
            raise WorkbookError(Message("jobs.office_area", value=text, known="; ".join(known) or "-"))
        made.append(
            {
                "workbook": stem,
                "area_code": found[0].code,
                "office_name": name or places.full_name(found[0].code),
            }
        )
    rows = [*(row for row in offices(root) if row["workbook"] != stem), *made]
    target = root / "data" / "raw" / "own" / OFFICES
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.new")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (row["workbook"], row["area_code"])))
    aside.replace(target)
    seal(target.parent)
    return list(rows)
