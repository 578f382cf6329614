"""What lies in `data/warehouse`: releases, which one is served, and whether they are whole.

    data/warehouse/current           -> releases/<name>, the one pointer: every path that people use goes through it
    data/warehouse/titikrawan.duckdb -> current/titikrawan.duckdb
    data/warehouse/parquet           -> current/parquet
    reports/latest                   -> ../data/warehouse/current/reports
    data/warehouse/releases/<name>/  titikrawan.duckdb, parquet/, diff.json, manifest.json, SHA256SUMS
                                     reports -> reports-<digest>/ with a manifest.json and SHA256SUMS of its own

The data of a release never change. Its reports may gain pages: a whole new folder is made beside the old one, then the
link `reports` moves. Whoever needs several files of one release resolves `current` once and stays below that folder.

A release is known by the name of its folder, which must look like one of ours. What manifests and pointers say is
never used as a path.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..catalog.messages import USAGE, Message
from .errors import WarehouseError

DATABASE = "titikrawan.duckdb"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
CURRENT = "current"
REPORTS = "reports"
HELD = ".held"
PIN = "pinned.json"
# A release built again from the same inputs and code stands beside the served one under `<id>.<n>`.
NAME = re.compile(r"(?P<id>\d{4}-\d{2}-\d{2}-[0-9a-f]{12})(\.\d{1,3})?", re.ASCII)
_PAGES = re.compile(r"reports-[0-9a-f]{12}", re.ASCII)
_SUM = re.compile(r"(?P<sum>[0-9a-f]{64})  (?P<file>[^\x00-\x1f]+)", re.ASCII)
_MOST_BYTES = 64_000_000  # no list of ours is longer


@dataclass(frozen=True)
class Release:
    """One release that lies here: a folder with one of our names."""

    folder: Path

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def id(self) -> str:
        """Date of the newest input and beginning of the fingerprint."""
        return self.name.partition(".")[0]

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @cached_property
    def pages(self) -> Path | None:
        """The folder of the present reports, or None."""
        return _pages(self.folder)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the manifest says, checked; empty where it is missing or broken."""
        found = read_json(self.folder / MANIFEST)
        if found.get("release_id") != self.id:
            return {}
        texts = ("fingerprint", "published_at")
        return found if all(isinstance(found.get(key), str) for key in texts) else {}

    @property
    def is_readable(self) -> bool:
        """Whether it has what a reader needs at least."""
        return self.database.is_file()


def _pages(folder: Path) -> Path | None:
    try:
        target = (folder / REPORTS).readlink().name
    except OSError:
        return None
    found = folder / target
    return found if _PAGES.fullmatch(target) and found.is_dir() and not found.is_symlink() else None


def read_json(path: Path) -> dict[str, Any]:
    """An object from a JSON file of ours; empty where there is none that can be used."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    aside.write_text(text + "\n", encoding="utf-8")
    sync(aside)
    aside.replace(path)


def is_release(folder: Path) -> bool:
    """Whether a folder is one of our releases by its name; links are not."""
    return NAME.fullmatch(folder.name) is not None and folder.is_dir() and not folder.is_symlink()


def all_releases(warehouse: Path) -> list[Release]:
    """All releases that lie here, newest published first; those without a usable manifest last."""
    try:
        folders = sorted((warehouse / "releases").iterdir())
    except OSError:
        return []
    found = [Release(folder) for folder in folders if is_release(folder)]
    return sorted(found, key=lambda one: (str(one.manifest.get("published_at", "")), one.name), reverse=True)


def served(warehouse: Path) -> Release | None:
    """The release that readers see, or None where the pointer is missing, broken or leads elsewhere."""
    try:
        target = (warehouse / CURRENT).readlink()
    except OSError:
        return None
    folder = warehouse / "releases" / target.name
    if target != Path("releases", target.name) or not is_release(folder):
        return None
    release = Release(folder)
    return release if release.is_readable else None


def held(warehouse: Path) -> Release | None:
    """The release that was built and waits for somebody to accept it, or None."""
    try:
        folders = sorted((warehouse / "releases" / HELD).iterdir())
    except OSError:
        return None
    return next((one for one in map(Release, folders) if is_release(one.folder) and one.is_readable), None)


def find(warehouse: Path, name: str) -> Release:
    """The release with this name, id or unmistakable beginning of one; also the one that is held.

    Raises:
        WarehouseError: there is none, or several.
    """
    waiting = held(warehouse)
    kept = [*all_releases(warehouse), *([waiting] if waiting else [])]
    exact = [one for one in kept if name in (one.name, one.id)]
    found = exact or [one for one in kept if name and one.name.startswith(name)]
    if len({one.id for one in found}) != 1:
        raise WarehouseError(Message("warehouse.no_release", release=name), exit_code=USAGE)
    current = served(warehouse)
    return next((one for one in found if current and one.name == current.name), found[0])


@contextmanager
def reading(warehouse: Path) -> Iterator[Release]:
    """The served release, kept from being pruned while it is read.

    Raises:
        WarehouseError: there is no release yet.
    """
    for _ in range(100):
        release = served(warehouse)
        if release is None:
            break
        try:
            handle = os.open(release.database, os.O_RDONLY)
        except OSError:
            continue  # pruned in this very moment: another one is served by now
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if release.database.exists():
                yield release
                return
        finally:
            os.close(handle)
    raise WarehouseError(Message("warehouse.none_yet"))


def is_being_read(release: Release) -> bool:
    """Whether a program of ours reads the release now."""
    try:
        handle = os.open(release.database, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a disk without such locks
    finally:
        os.close(handle)
    return False


def pinned(warehouse: Path) -> dict[str, Any] | None:
    """The pin, where the served release is the pinned one: `release_id`, `inputs` at that time, `since`."""
    pin, release = read_json(warehouse / PIN), served(warehouse)
    holds = release is not None and pin.get("release_id") == release.id and isinstance(pin.get("inputs"), str)
    return pin if holds else None


def pin(warehouse: Path, release: Release, inputs: str) -> None:
    """Note that a release stays until `unpin` or until the inputs are others."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(warehouse / PIN, {"release_id": release.id, "inputs": inputs, "since": now})


def unpin(warehouse: Path) -> bool:
    """Let the next run publish again; whether there was a pin."""
    was = (warehouse / PIN).exists()
    (warehouse / PIN).unlink(missing_ok=True)
    return was


# Checksums


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_of(folder: Path) -> dict[str, Path]:
    """Files of a release or of a folder of reports that belong to it; not those of the reports of a release."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if _PAGES.fullmatch(inner.parts[0]) or inner.as_posix() in (REPORTS, SUMS):
            continue
        if path.is_symlink() or not path.is_dir():
            found[inner.as_posix()] = path
    return found


def write_sums(folder: Path, before: Path | None = None) -> str:
    """Write SHA256SUMS, as `sha256sum -c` reads it; returns the digest of the list.

    A file that is one with a file of the same name in the folder `before`, on the same disk, has the sum listed there.
    """
    listed = (read_sums(before) or {}) if before else {}
    places = {_place(before / name): name for name in listed} if before else {}

    def sum_of(path: Path) -> str:
        place = _place(path) if places else None
        return listed[places[place]] if place and place in places else digest(path)

    text = "".join(f"{sum_of(path)}  {name}\n" for name, path in files_of(folder).items())
    aside = folder / f".{SUMS}.new"
    aside.write_text(text, encoding="utf-8")
    sync(aside)
    aside.replace(folder / SUMS)
    return hashlib.sha256(text.encode()).hexdigest()


def _place(path: Path) -> tuple[str, int, int] | None:
    """Name of a file and where its bytes lie; None for a link or where there is no file."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (path.name, found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def read_sums(folder: Path) -> dict[str, str] | None:
    """File -> checksum, or None where the list is missing or not one of ours."""
    path = folder / SUMS
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            return None
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    found = [_SUM.fullmatch(line) for line in lines]
    return {m["file"]: m["sum"] for m in found if m} if lines and all(found) else None


@dataclass(frozen=True)
class Fault:
    """A file that is not what the release says: `kind` is missing, changed, unlisted or unreadable."""

    file: str
    kind: str


def faults(folder: Path) -> list[Fault]:
    """What differs between a folder and its SHA256SUMS; every file is read."""
    listed = read_sums(folder)
    if listed is None:
        return [Fault(SUMS, "unreadable")]
    there, found = files_of(folder), []
    for name in sorted(listed.keys() | there.keys()):
        if name not in there:
            found.append(Fault(name, "missing"))
        elif name not in listed:
            found.append(Fault(name, "unlisted"))
        else:
            try:
                is_same = not there[name].is_symlink() and digest(there[name]) == listed[name]
                found += [] if is_same else [Fault(name, "changed")]
            except OSError:
                found.append(Fault(name, "unreadable"))
    return found


def verify(release: Release) -> list[Fault]:
    """Whether a release and its reports are what they were when they were published; every file is read."""
    found = faults(release.folder)
    if not release.manifest and not any(fault.file == MANIFEST for fault in found):
        found.append(Fault(MANIFEST, "unreadable"))
    if release.pages is None:
        return [*found, Fault(REPORTS, "missing")]
    return [*found, *(Fault(f"{REPORTS}/{fault.file}", fault.kind) for fault in faults(release.pages))]


# Durability


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until all of a folder is on the disk; files that another folder shares are there already."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            continue
        if path.is_dir() or path.stat().st_nlink == 1:
            sync(path)
    sync(folder)
