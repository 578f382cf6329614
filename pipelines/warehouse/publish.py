"""Publish a built release atomically, retain the last ones, and roll back on request.

Everything is written and synced first; then one link is renamed. If the program dies before that, the old
release keeps serving; if it dies afterwards, the new one does; `mend` removes the leftovers. The layout is
described in `releases`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..catalog.messages import DATA_REFUSED, Message
from .errors import WarehouseError
from .releases import (
    CURRENT,
    DATABASE,
    HELD,
    MANIFEST,
    PIN,
    REPORTS,
    SUMS,
    Release,
    all_releases,
    digest,
    faults,
    find,
    is_being_read,
    pin,
    read_json,
    served,
    sync,
    sync_tree,
    verify,
    write_json,
    write_sums,
)

KEEP = 5
# Parts of a release; anything else in a work folder is left behind.
PARTS = (DATABASE, "parquet", "csv", "diff.json", REPORTS)


@contextmanager
def locked(warehouse: Path) -> Iterator[None]:
    """Hold the write lock; a second run fails at once instead of mixing files."""
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / ".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WarehouseError(Message("warehouse.locked")) from error
        yield


def point(link: Path, target: str) -> None:
    """Point a link at `target` atomically; a file or folder in its place is moved away first."""
    if link.is_symlink() and link.readlink() == Path(target):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    if link.is_dir() and not link.is_symlink():
        discard(link)
    aside.replace(link)
    sync(link.parent)


def discard(path: Path) -> None:
    """Delete a folder: rename it away atomically, then empty it."""
    aside = path.with_name(f".trash-{path.name.lstrip('.')}")
    if aside.exists():
        shutil.rmtree(aside)
    path.rename(aside)
    shutil.rmtree(aside)


def lay_paths(warehouse: Path, reports: Path) -> None:
    """Create the paths that people use, each through `current`."""
    point(warehouse / DATABASE, f"{CURRENT}/{DATABASE}")
    point(warehouse / "parquet", f"{CURRENT}/parquet")
    point(warehouse / "csv", f"{CURRENT}/csv")
    reports.mkdir(parents=True, exist_ok=True)
    there = os.path.relpath(warehouse.resolve() / CURRENT / REPORTS, reports.resolve())
    point(reports / "latest", there)


def serve(warehouse: Path, reports: Path, release: Release) -> None:
    """Publish: from here on readers see this release, with database, Parquet and reports together."""
    if not release.is_readable:
        raise WarehouseError(Message("warehouse.release_without_database", release=release.name))
    if served(warehouse) is None:  # nothing is served yet, or nothing usable
        point(warehouse / CURRENT, f"releases/{release.name}")
        lay_paths(warehouse, reports)
        return
    lay_paths(warehouse, reports)
    point(warehouse / CURRENT, f"releases/{release.name}")


def publish(
    warehouse: Path,
    reports: Path,
    work: Path,
    manifest: Mapping[str, Any],
    about_pages: Mapping[str, Any] | None = None,
) -> Release:
    """Turn a work folder into a release and serve it; delete the oldest releases beyond `KEEP`.

    If a rebuild of the served release gives the same result, that release stays, with the new reports.

    Args:
        manifest: of the release; `release_id` names the folder.
        about_pages: description of the reports; `langs`: languages of the entry page.

    Raises:
        WarehouseError: the work folder has no database.
    """
    if not (work / DATABASE).is_file():
        raise WarehouseError(Message("warehouse.release_without_database", release=manifest["release_id"]))
    current = served(warehouse)
    keep_only(work, PARTS)
    for folder in ("parquet", "csv"):  # none of the paths that people use may be dangling
        (work / folder).mkdir(exist_ok=True)
    if current and current.id == manifest["release_id"] and _came_out_the_same(current, work):
        if (work / REPORTS).is_dir():
            publish_pages(warehouse, reports, current, work / REPORTS, about_pages or {})
        shutil.rmtree(work)
        return Release(current.folder)
    _seal(work, manifest, about_pages or {})
    release = Release(_place(warehouse, str(manifest["release_id"])))
    work.rename(release.folder)
    sync(release.folder.parent)
    try:
        serve(warehouse, reports, release)
    except OSError:
        discard(release.folder)  # an unpublished release must not fill the disk
        raise
    shutil.rmtree(warehouse / "releases" / HELD, ignore_errors=True)
    (warehouse / PIN).unlink(missing_ok=True)
    prune(warehouse)
    return release


def _seal(work: Path, manifest: Mapping[str, Any], about_pages: Mapping[str, Any]) -> None:
    """Complete a work folder to a release and sync it to disk."""
    if (work / REPORTS).is_symlink():
        raise ValueError(f"{work / REPORTS}: pages are a folder until they are sealed")
    if (work / REPORTS).is_dir():
        seal_pages(work, work / REPORTS, about_pages)
    write_json(work / MANIFEST, manifest)
    write_sums(work)
    sync_tree(work)


def hold(warehouse: Path, work: Path, manifest: Mapping[str, Any], about_pages: Mapping[str, Any]) -> Release:
    """Store a built release without serving it; a previously held one is deleted."""
    keep_only(work, PARTS)
    _seal(work, manifest, about_pages)
    place = warehouse / "releases" / HELD
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    release = Release(place / str(manifest["release_id"]))
    work.rename(release.folder)
    sync(place)
    return release


def _came_out_the_same(release: Release, work: Path) -> bool:
    """Return whether a rebuilt release has the same tables as the served one, which is still intact."""

    def tables(folder: Path) -> dict[str, str]:
        paths = (path for path in sorted((folder / "parquet").rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): digest(path) for path in paths}

    return not verify(release) and tables(release.folder) == tables(work)


def _place(warehouse: Path, release_id: str) -> Path:
    """Return a free folder for a release: its id, or with a number if the served one has the same id."""
    current = served(warehouse)
    names = [release_id, *(f"{release_id}.{n}" for n in range(2, 1000))]
    for folder in (warehouse / "releases" / name for name in names):
        if not (folder.exists() or folder.is_symlink()):
            return folder
        if current is None or folder.name != current.name:
            if folder.is_symlink() or folder.is_file():
                folder.unlink()
            else:
                discard(folder)
            return folder
    raise WarehouseError(Message("warehouse.no_free_name", release=release_id))


def keep_only(work: Path, names: tuple[str, ...]) -> None:
    """Delete everything in a folder except these names."""
    for path in work.iterdir():
        if path.name in names:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def seal_pages(release: Path, made: Path, about: Mapping[str, Any], before: Path | None = None) -> Path:
    """Turn a folder of pages into the reports of a release atomically; returns the folder they are in.

    Args:
        release: folder of the release. made: the pages, on the same disk; the folder is moved.
        about: description for the manifest of the reports. before: earlier reports that share some files.
    """
    write_json(made / MANIFEST, about)
    sums = write_sums(made, before)
    sync_tree(made)
    # The same pages may exist there already; if some of those files were lost, a folder with another name
    # replaces it.
    names = (f"{REPORTS}-{sums[at : at + 12]}" for at in range(0, len(sums), 12))
    target = next(one for name in names if not (one := release / name).exists() or not faults(one))
    if target.exists():
        shutil.rmtree(made)
    else:
        made.rename(target)
        sync(release)
    point(release / REPORTS, target.name)
    return target


def publish_pages(
    warehouse: Path, reports: Path, release: Release, made: Path, about: Mapping[str, Any]
) -> None:
    """Replace the reports of a release and serve it; the previous reports stay until the next replacement."""
    before = release.pages
    now = seal_pages(release.folder, made, about, before)
    serve(warehouse, reports, Release(release.folder))
    drop_pages(release.folder, {now, before})
    prune(warehouse)


def drop_pages(release: Path, keep: set[Path | None]) -> None:
    """Delete report folders of a release that are no longer served."""
    for folder in release.glob(f"{REPORTS}-*"):
        if folder not in keep and not folder.is_symlink():
            discard(folder)


def prune(warehouse: Path, keep: int = KEEP) -> list[str]:
    """Delete the oldest releases beyond `keep`, and replaced rebuilds; returns their names.

    The served release and releases being read are never deleted.
    """
    current = served(warehouse)
    dropped, seen = [], {current.id} if current else set()
    for release in all_releases(warehouse):
        if current and release.name == current.name:
            continue
        if release.id in seen or len(seen) >= keep:
            if not is_being_read(release):
                discard(release.folder)
                dropped.append(release.name)
        else:
            seen.add(release.id)
    return dropped


def rollback(warehouse: Path, reports: Path, inputs: str, name: str | None = None) -> Release:
    """Verify an earlier release in full, serve it again and pin it; returns it.

    Args:
        inputs: fingerprint of the current inputs; the pin ends when the inputs change.
        name: which one; None = the one published before the served one.

    Raises:
        WarehouseError: there is no such release, or it is damaged.
    """
    with locked(warehouse):
        release = find(warehouse, name) if name else _before(warehouse)
        if release.folder.parent.name == HELD:
            raise WarehouseError(Message("warehouse.is_held", release=release.name), exit_code=DATA_REFUSED)
        if found := verify(release):
            listed = ", ".join(f"{fault.file} ({fault.kind})" for fault in found[:5])
            raise WarehouseError(
                Message("warehouse.not_whole", release=release.name, files=listed), exit_code=DATA_REFUSED
            )
        pin(warehouse, release, inputs)  # pin first: without the move it has no effect
        serve(warehouse, reports, release)
    return release


def _before(warehouse: Path) -> Release:
    kept, current = all_releases(warehouse), served(warehouse)
    names = [one.name for one in kept]
    at = names.index(current.name) + 1 if current else len(names)
    if at >= len(names):
        raise WarehouseError(Message("warehouse.no_earlier_release"))
    return kept[at]


def current_release(warehouse: Path) -> dict[str, Any] | None:
    """Return the served release's manifest with its id, name and description of reports; None without one."""
    release = served(warehouse)
    if release is None:
        return None
    about = read_json(release.pages / MANIFEST) if release.pages else {}
    langs = [one for one in about.get("langs") or () if isinstance(one, str)]
    return {**release.manifest, "release_id": release.id, "name": release.name, "langs": langs}


__all__ = [
    "KEEP",
    "SUMS",
    "current_release",
    "locked",
    "prune",
    "publish",
    "publish_pages",
    "rollback",
    "serve",
]
