"""Repair what an interrupted run, another version or a manual change left: pointer, manifests, stray files.

Only files with names of our own format are deleted, and names never come from a file's content.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ..catalog.messages import Message
from . import publish
from .errors import WarehouseError
from .read import open_readonly
from .releases import (
    CURRENT,
    DATABASE,
    MANIFEST,
    NAME,
    PIN,
    REPORTS,
    SUMS,
    Release,
    all_releases,
    is_release,
    pinned,
    read_json,
    read_sums,
    served,
    verify,
    write_json,
    write_sums,
)

OLD_POINTER = "current.json"  # used before the pointer became a link
WORK = ".work"


def mend(warehouse: Path, reports: Path) -> list[Message]:
    """Repair the folders; returns messages for the user. The caller holds the lock.

    Args:
        warehouse: data/warehouse. reports: the folder that holds `latest`.
    """
    said: list[Message] = []
    _clear(warehouse, reports)
    _adopt(warehouse, reports)
    for release in all_releases(warehouse):
        said += _manifest(release)
    said += _pointer(warehouse, reports)
    if served(warehouse) is not None:
        publish.lay_paths(warehouse, reports)
    if (warehouse / PIN).exists() and pinned(warehouse) is None:
        (warehouse / PIN).unlink()
        said.append(Message("warehouse.mended_pin", file=PIN))
    publish.prune(warehouse)
    return said


def _clear(warehouse: Path, reports: Path) -> None:
    """Remove unfinished work of a killed run."""
    releases = warehouse / "releases"
    folders = [releases, *(one.folder for one in all_releases(warehouse))]
    for folder in (warehouse, reports, *folders):
        for path in folder.glob(".trash-*") if folder.is_dir() else ():
            shutil.rmtree(path)
    names = (CURRENT, DATABASE, "parquet", "csv", PIN, "latest", REPORTS, MANIFEST, SUMS)
    for folder in (warehouse, reports, *folders):
        for name in names:
            (folder / f".{name}.new").unlink(missing_ok=True)
    for path in (releases / WORK).iterdir() if (releases / WORK).is_dir() else ():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for one in all_releases(warehouse):
        publish.drop_pages(one.folder, {one.pages, *_newest_pages(one)})


def _newest_pages(release: Release) -> list[Path]:
    """Return the reports served before the current ones; they stay until the next ones are published."""
    others = [folder for folder in release.folder.glob(f"{REPORTS}-*") if folder != release.pages]
    return sorted(others, key=lambda folder: folder.stat().st_mtime_ns)[-1:]


def _adopt(warehouse: Path, reports: Path) -> None:
    """Convert the previous layout, in which reports had a separate folder
    and current.json named the served release."""
    for folder in sorted(reports.iterdir()) if reports.is_dir() else ():
        if not is_release(folder):
            continue
        release = Release(warehouse / "releases" / folder.name)
        if release.is_readable and release.pages is None:
            made = release.folder / ".pages"
            shutil.rmtree(made, ignore_errors=True)
            shutil.copytree(folder, made)
            publish.seal_pages(release.folder, made, {})
    old = warehouse / OLD_POINTER
    if not (warehouse / CURRENT).is_symlink():
        name = str(read_json(old).get("release_id", ""))
        former = Release(warehouse / "releases" / name) if NAME.fullmatch(name) else None
        if former and is_release(former.folder) and former.is_readable and former.pages:
            publish.serve(warehouse, reports, former)
    if served(warehouse) is not None:
        old.unlink(missing_ok=True)
        for folder in sorted(reports.iterdir()) if reports.is_dir() else ():
            if is_release(folder):
                publish.discard(folder)


def _manifest(release: Release) -> Iterator[Message]:
    """Rewrite unusable manifests and checksum lists from the contents of the database."""
    is_listed = read_sums(release.folder) is not None
    if release.manifest and is_listed:
        return
    said = about_database(release)
    if said is None:
        return  # not a servable release; pruning removes it
    if not release.manifest:
        stamp = datetime.fromtimestamp(release.database.stat().st_mtime, UTC)
        kept = {
            "release_id": release.id,
            "fingerprint": str(said.get("fingerprint", "")),
            "inputs": str(said.get("inputs_fingerprint", "")),
            "data_date": str(said.get("data_date", "")),
            "seed": said.get("seed"),
            "published_at": stamp.isoformat(timespec="microseconds"),
            "rebuilt_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        (release.folder / MANIFEST).unlink(missing_ok=True)
        write_json(release.folder / MANIFEST, kept)
        vars(release).pop("manifest", None)
    write_sums(release.folder)
    broken = SUMS if is_listed is False and release.manifest.get("rebuilt_at") is None else MANIFEST
    yield Message("warehouse.mended_manifest", file=f"releases/{release.name}/{broken}")


def about_database(release: Release) -> dict[str, Any] | None:
    """Return the row of meta.release, or None where the file is unreadable or belongs to another release."""
    for table in ("meta.release", "meta.runs"):  # the second is its name in older files
        try:
            with open_readonly(release.database) as con:
                cursor = con.execute(f"select * from {table}")  # noqa: S608 (one of two names)
                names = [column[0] for column in cursor.description or ()]
                row = cursor.fetchone()
        except (WarehouseError, duckdb.Error):
            continue
        found = dict(zip(names, row, strict=True)) if row else {}
        return found if found.get("release_id") == release.id else None
    return None


def _pointer(warehouse: Path, reports: Path) -> Iterator[Message]:
    """Serve the newest intact release if the pointer is broken."""
    kept = all_releases(warehouse)
    if served(warehouse) is not None or not kept:
        if not kept and (warehouse / CURRENT).is_symlink():
            (warehouse / CURRENT).unlink()
        return
    chosen = next((one for one in kept if one.is_readable and not verify(one)), None) or next(
        (one for one in kept if one.is_readable and about_database(one) is not None), None
    )
    if chosen is None:
        yield Message("warehouse.nothing_to_serve", file=CURRENT)
        return
    publish.serve(warehouse, reports, chosen)
    yield Message("warehouse.mended_pointer", file=CURRENT, release=chosen.name)
