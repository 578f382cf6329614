"""Compare the built release with the served one: changes in numbers and
words, and whether it looks like a mistake."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.jobs import changes, confirmed
from pipelines.jobs.run import Run
from pipelines.warehouse import load, releases
from pipelines.warehouse.compare import TableChange, compare, side_by_side

DIFF = "diff.json"
TABLES = "meta.changes"
NOTES = "meta.change_notes"


def step(run: Run) -> Mapping[str, Any]:
    """Compare with the served release; fill meta.changes and meta.change_notes; write diff.json."""
    if run.held:
        _take_back(run)
    diff = _diff(run)
    with load.writing(run.database) as con:
        for name, frame in frames(diff).items():
            load.fill_from_frame(con, catalog.table(name), frame)
        accepted = run.accept if diff["n_suspicious"] else None
        con.execute(
            "update meta.release set compared_with = ?, accepted_reason = ?",
            [diff["before"], accepted or diff.get("accepted")],
        )
    releases.write_json(run.work / DIFF, {key: diff[key] for key in diff if key != "accepted"})
    totals = {key: sum(one[key] for t in diff["tables"] for one in t["groups"]) for key in COUNTS}
    return {"tables_changed": len(diff["tables"]), **totals, "suspicious": diff["n_suspicious"]}


COUNTS = ("n_added", "n_removed", "n_changed")


def _take_back(run: Run) -> None:
    """Resume an accepted release from hold; its pages are rebuilt.

    They do not mention the acceptance yet, and the link to them must not block the folder for the new ones.
    """
    held = releases.held(run.warehouse)
    if held is not None and held.id == run.id:
        shutil.rmtree(run.work, ignore_errors=True)
        run.work.parent.mkdir(parents=True, exist_ok=True)
        held.folder.rename(run.work)
        (run.work / releases.REPORTS).unlink(missing_ok=True)
        for pages in run.work.glob(f"{releases.REPORTS}-*"):
            shutil.rmtree(pages)


def _diff(run: Run) -> dict[str, Any]:
    before = releases.served(run.warehouse)
    if before is not None and before.id == run.id:
        # If rebuilt, its description stays.
        said = read(before.folder)
        return said | {"n_suspicious": 0, "accepted": before.manifest.get("accepted")}
    if before is None:
        return as_json(None, run.id, (), ())
    with side_by_side(before.database, run.database, run.work / ".spill") as con:
        tables = compare(con, catalog.load(), confirmed.noted(run))
        found = changes.notes(con, tables)
    return as_json(before.id, run.id, tables, found)


def as_json(
    before: str | None, after: str, tables: Sequence[TableChange], found: Sequence[changes.Note]
) -> dict[str, Any]:
    """Return the content of diff.json."""
    return {
        "before": before,
        "after": after,
        "tables": [
            {
                "table": one.table,
                "n_before": one.n_before,
                "n_after": one.n_after,
                "columns_added": list(one.columns_added),
                "columns_removed": list(one.columns_removed),
                "groups": [vars(group) for group in one.groups],
            }
            for one in tables
        ],
        "n_notes": len(found),
        "n_suspicious": sum(note.is_suspicious for note in found),
        "notes": [
            {
                "kind": note.kind,
                "is_suspicious": note.is_suspicious,
                "table": note.table,
                "election_id": note.election_id,
                "area_code": note.area_code,
                "id": note.text["id"],
                "en": note.text["en"],
            }
            for note in changes.shown(found)
        ],
    }


def read(folder: Path) -> dict[str, Any]:
    """Return the diff.json of a release; one without changes if it is unusable."""
    nothing = as_json(None, folder.name.partition(".")[0], (), ())
    found = releases.read_json(folder / DIFF)
    try:
        frames(found)
        json.dumps(found["n_suspicious"] + found["n_notes"])
        return {key: found[key] for key in nothing}
    except (KeyError, TypeError, AttributeError, ValueError):
        return nothing


def frames(diff: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the rows of meta.changes and meta.change_notes."""
    groups = [
        {"table_name": one["table"], **{key: group[key] for key in ("election_id", "province_code", *COUNTS)}}
        for one in diff["tables"]
        for group in one["groups"]
    ]
    notes = [
        {
            "note_no": number,
            "kind": note["kind"],
            "is_suspicious": bool(note["is_suspicious"]),
            "table_name": note["table"],
            "election_id": note["election_id"],
            "area_code": note["area_code"],
            "text_id": note["id"],
            "text_en": note["en"],
        }
        for number, note in enumerate(diff["notes"], 1)
    ]
    return {TABLES: pd.DataFrame(groups), NOTES: pd.DataFrame(notes)}
