"""Clean up run folders in the shared storage: each run marks its own; a published run removes older leftovers.

Removed are runs that were published, and runs that began more than `DAYS` days ago. The folder of the run just
published stays until the next publication. A younger, unpublished run may still be in progress, here or
elsewhere.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.jobs.run import Run
from pipelines.storage import SharedStorage, StorageError

DAYS = 7
MARKER = "titikrawan-run.json"
PROJECT = "titik-rawan"
# Everything that a run writes into its folder (form_parts, form_tasks); anything else is not ours and stays.
OURS = ("raw", "references", "parts", "audit", "superseded.parquet")
RELEASE_ID = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")
log = logging.getLogger(__name__)


def place_of(run: Run) -> str:
    """Return the URL for the parts of this run; parts left by an
    interrupted run with the same inputs and code are reused."""
    return f"{run.place.rstrip('/')}/{run.id}" if run.place else str(run.work / "parts")


def begin(run: Run, now: datetime | None = None) -> None:
    """Mark the run's folder in the storage, which also tests whether the storage works.

    Raises:
        StorageError: it does not.
    """
    if run.runner and run.place:
        _mark(run, "begun", now or datetime.now(UTC))


def finish(run: Run, now: datetime | None = None) -> list[str]:
    """Remove leftovers of older runs after publication; returns their ids.

    Raises:
        StorageError: the storage no longer works. The release has been published nevertheless.
    """
    if not (run.runner and run.place):
        return []
    now = now or datetime.now(UTC)
    _mark(run, "published", now)
    place, removed = SharedStorage(run.place), []
    for name in place.folders():
        if name != run.id and RELEASE_ID.fullmatch(name) and _is_over(place, name, now):
            for ours in OURS:
                place.remove(f"{name}/{ours}")
            place.remove(f"{name}/{MARKER}")  # last, so that an interrupted removal is resumed
            place.remove_empty(name)
            log.info("removed what run %s left below the place", name)
            removed.append(name)
    return removed


def _mark(run: Run, state: str, now: datetime) -> None:
    marker = {"project": PROJECT, "release": run.id, "state": state, "since": now.isoformat()}
    SharedStorage(run.place).put_json(marker, f"{run.id}/{MARKER}")


def _is_over(place: SharedStorage, name: str, now: datetime) -> bool:
    """Return whether a folder is marked as a run of this project that will not be continued."""
    if not place.has(f"{name}/{MARKER}"):
        return False
    try:
        marker: Any = place.get_json(f"{name}/{MARKER}")
        is_its_own = marker["project"] == PROJECT and marker["release"] == name
        age = now - datetime.fromisoformat(marker["since"])
        return is_its_own and (marker["state"] == "published" or age > timedelta(days=DAYS))
    except (StorageError, KeyError, TypeError, ValueError):
        return False  # not our marker, so not our folder
