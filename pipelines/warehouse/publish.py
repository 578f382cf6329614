"""Swap a whole, checked release into place, keep the last ones, and go back when asked.

`data/warehouse/` holds `releases/<id>/` (database, Parquet, manifest, reports), `titikrawan.duckdb` (a copy of the
current one, replaced in one step, so that readers are never blocked) and `current.json` (which one that is).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..catalog.messages import Message
from .load import WarehouseError

DATABASE = "titikrawan.duckdb"
MANIFEST = "manifest.json"
KEEP = 5


def current_release(warehouse: Path) -> dict[str, Any] | None:
    """Manifest of the published release, or None."""
    pointer = warehouse / "current.json"
    if not pointer.exists():
        return None
    return read_manifest(warehouse, str(json.loads(pointer.read_text(encoding="utf-8"))["release_id"]))


def read_manifest(warehouse: Path, release_id: str) -> dict[str, Any] | None:
    """Manifest of one release, or None where it is not kept."""
    path = warehouse / "releases" / release_id / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def list_releases(warehouse: Path) -> list[dict[str, Any]]:
    """Manifests of all kept releases, newest published first, each with `is_current`."""
    current = current_release(warehouse)
    found = []
    for path in sorted((warehouse / "releases").glob(f"*/{MANIFEST}")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["is_current"] = bool(current and current["release_id"] == manifest["release_id"])
        found.append(manifest)
    return sorted(found, key=lambda m: str(m["published_at"]), reverse=True)


@contextmanager
def locked(warehouse: Path) -> Iterator[None]:
    """Hold the right to write; a second run fails at once instead of mixing files."""
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WarehouseError(Message("warehouse.locked")) from error
        yield


def replace_file(source: Path, target: Path) -> None:
    """Put a copy of `source` at `target` in one step: readers see the old file or the new one, never half of one."""
    aside = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, aside)
    with aside.open("rb") as handle:
        os.fsync(handle.fileno())
    aside.replace(target)


def replace_link(target: str, link: Path) -> None:
    """Point a relative symbolic link at `target` in one step."""
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(link)


def replace_folder(source: Path, target: Path) -> None:
    """Move a folder to `target`; one that stands there makes way first and is deleted when the new one is in place."""
    aside = target.with_name(f".{target.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.replace(aside)
    shutil.move(str(source), str(target))
    shutil.rmtree(aside, ignore_errors=True)


def point_to(warehouse: Path, reports: Path, release_id: str) -> None:
    """Make a kept release the published one: reports first, then the database, then the pointer."""
    release = warehouse / "releases" / release_id
    database = release / DATABASE
    if not database.exists():
        raise WarehouseError(Message("warehouse.release_without_database", release=release_id))
    if (reports / release_id).is_dir():
        replace_link(release_id, reports / "latest")
    replace_link(f"releases/{release_id}/parquet", warehouse / "parquet")
    replace_file(database, warehouse / DATABASE)
    pointer = warehouse / ".current.json.new"
    pointer.write_text(json.dumps({"release_id": release_id}) + "\n", encoding="utf-8")
    pointer.replace(warehouse / "current.json")


def publish(warehouse: Path, reports: Path, work: Path, manifest: dict[str, Any]) -> None:
    """Move a built release from its work folder into place, point to it, and drop the oldest beyond `KEEP`."""
    release_id = str(manifest["release_id"])
    for name in (
        ".spill",
        "text",
        "typed",
        "problems.parquet",
        "checks.parquet",
        "unreadable.parquet",
        "read.parquet",
    ):
        path = work / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if (work / "reports").is_dir():
        reports.mkdir(parents=True, exist_ok=True)
        replace_folder(work / "reports", reports / release_id)
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (work / MANIFEST).write_text(text + "\n", encoding="utf-8")
    replace_folder(work, warehouse / "releases" / release_id)
    point_to(warehouse, reports, release_id)
    prune(warehouse, reports)


def prune(warehouse: Path, reports: Path, keep: int = KEEP) -> list[str]:
    """Delete the oldest releases beyond `keep`, never the published one; returns their ids."""
    dropped = [str(m["release_id"]) for m in list_releases(warehouse)[keep:] if not m["is_current"]]
    for release_id in dropped:
        shutil.rmtree(warehouse / "releases" / release_id)
        shutil.rmtree(reports / release_id, ignore_errors=True)
    return dropped


def rollback(warehouse: Path, reports: Path, release_id: str | None = None) -> str:
    """Publish an earlier release again; returns its id.

    Args:
        release_id: which one; None = the one published before the current.

    Raises:
        WarehouseError: there is no such release.
    """
    kept = list_releases(warehouse)
    if release_id is None:
        position = next((i for i, m in enumerate(kept) if m["is_current"]), -1)
        if position < 0 or position + 1 >= len(kept):
            raise WarehouseError(Message("warehouse.no_earlier_release"))
        release_id = str(kept[position + 1]["release_id"])
    elif release_id not in {str(m["release_id"]) for m in kept}:
        raise WarehouseError(Message("warehouse.no_release", release=release_id))
    with locked(warehouse):
        point_to(warehouse, reports, release_id)
    return release_id
