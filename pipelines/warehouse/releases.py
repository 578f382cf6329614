"""Contents of `data/warehouse`: the releases, which one is served, and whether they are intact.

    data/warehouse/current           -> releases/<name>, the one pointer: every path that people use goes
        through it
    data/warehouse/titikrawan.duckdb -> current/titikrawan.duckdb
    data/warehouse/parquet           -> current/parquet
    reports/latest                   -> ../data/warehouse/current/reports
    data/warehouse/releases/<name>/  titikrawan.duckdb, parquet/, diff.json, manifest.json, SHA256SUMS
                                     reports -> reports-<digest>/ with a manifest.json and SHA256SUMS of its own

The data of a release never change. Its reports may gain pages: a complete new folder is created beside the old
one, then the link `reports` moves. Code that needs several files of one release resolves `current` once and
stays below that folder.

A release is identified by the name of its folder, which must match our format. The contents of manifests and
pointers are never used as paths.
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
# A release rebuilt from the same inputs and code is stored beside the served one as `<id>.<n>`.
NAME = re.compile(r"(?P<id>\d{4}-\d{2}-\d{2}-[0-9a-f]{12})(\.\d{1,3})?", re.ASCII)
_PAGES = re.compile(r"reports-[0-9a-f]{12}", re.ASCII)
_SUM = re.compile(r"(?P<sum>[0-9a-f]{64})  (?P<file>[^\x00-\x1f]+)", re.ASCII)
_MOST_BYTES = 64_000_000  # larger than any list we write


@dataclass(frozen=True)
class Release:
    """One stored release: a folder whose name has our format."""

    folder: Path

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def id(self) -> str:
        """Date of the newest input and first digits of the fingerprint."""
        return self.name.partition(".")[0]

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @cached_property
    def pages(self) -> Path | None:
        """The folder of the current reports, or None."""
        return _pages(self.folder)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The checked contents of the manifest; empty if it is missing or broken."""
        found = read_json(self.folder / MANIFEST)
        if found.get("release_id") != self.id:
            return {}
        texts = ("fingerprint", "published_at")
        return found if all(isinstance(found.get(key), str) for key in texts) else {}

    @property
    def is_readable(self) -> bool:
        """Whether it has the minimum a reader needs."""
        return self.database.is_file()


def _pages(folder: Path) -> Path | None:
    try:
        target = (folder / REPORTS).readlink().name
    except OSError:
        return None
    found = folder / target
    return found if _PAGES.fullmatch(target) and found.is_dir() and not found.is_symlink() else None


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in one of our JSON files; empty if the file is missing or unusable."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file atomically."""
    aside = path.with_name(f".{path.name}.new")
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    aside.write_text(text + "\n", encoding="utf-8")
    sync(aside)
    aside.replace(path)


def is_release(folder: Path) -> bool:
    """Return whether a folder is a release, by its name; links are not."""
    return NAME.fullmatch(folder.name) is not None and folder.is_dir() and not folder.is_symlink()


def all_releases(warehouse: Path) -> list[Release]:
    """Return all stored releases, last published first; those without a usable manifest come last."""
    try:
        folders = sorted((warehouse / "releases").iterdir())
    except OSError:
        return []
    found = [Release(folder) for folder in folders if is_release(folder)]
    return sorted(found, key=lambda one: (str(one.manifest.get("published_at", "")), one.name), reverse=True)


def served(warehouse: Path) -> Release | None:
    """Return the release that readers see, or None where the pointer is missing, broken or leads elsewhere."""
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
    """Return the release that was built and awaits acceptance, or None."""
    try:
        folders = sorted((warehouse / "releases" / HELD).iterdir())
    except OSError:
        return None
    return next((one for one in map(Release, folders) if is_release(one.folder) and one.is_readable), None)


def find(warehouse: Path, name: str) -> Release:
    """Return the release with this name, id or unambiguous prefix; includes the held one.

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
    """Yield the served release, protected from pruning while it is read.

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
            continue  # pruned just now: another one is served by now
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            if release.database.exists():
                yield release
                return
        finally:
            os.close(handle)
    raise WarehouseError(Message("warehouse.none_yet"))


def is_being_read(release: Release) -> bool:
    """Return whether one of our programs is reading the release."""
    try:
        handle = os.open(release.database, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a disk without file locks
    finally:
        os.close(handle)
    return False


def pinned(warehouse: Path) -> dict[str, Any] | None:
    """Return the pin if the served release is pinned: `release_id`, `inputs` at that time, `since`."""
    pin, release = read_json(warehouse / PIN), served(warehouse)
    holds = release is not None and pin.get("release_id") == release.id and isinstance(pin.get("inputs"), str)
    return pin if holds else None


def pin(warehouse: Path, release: Release, inputs: str) -> None:
    """Pin a release until `unpin` or until the inputs change."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(warehouse / PIN, {"release_id": release.id, "inputs": inputs, "since": now})


def unpin(warehouse: Path) -> bool:
    """Remove the pin, so that the next run can publish; returns whether there was one."""
    was = (warehouse / PIN).exists()
    (warehouse / PIN).unlink(missing_ok=True)
    return was


# Checksums


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files that belong to a release or a folder of reports; for a release, without its reports."""
    found: dict[str, Path] = {}
    for here, folders, files in os.walk(folder):
        inner = os.path.relpath(here, folder).replace(os.sep, "/")
        before = "" if inner == "." else f"{inner}/"
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        found |= {f"{before}{name}": Path(here) / name for name in [*files, *links]}
    return {
        name: found[name]
        for name in sorted(found, key=lambda name: name.split("/"))
        if not _PAGES.fullmatch(name.partition("/")[0]) and name not in (REPORTS, SUMS)
    }


def write_sums(folder: Path, before: Path | None = None) -> str:
    """Write SHA256SUMS, as `sha256sum -c` reads it; returns the digest of the list.

    A file that is hard-linked to the file of the same name in `before` takes over the checksum listed there.
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
    """Return the name of a file and its location on disk; None for a link or a missing file."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (path.name, found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def read_sums(folder: Path) -> dict[str, str] | None:
    """Return file -> checksum, or None where the list is missing or not in our format."""
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
    """A file that differs from the release's list: `kind` is missing, changed, unlisted or unreadable."""

    file: str
    kind: str


def faults(folder: Path) -> list[Fault]:
    """Return the differences between a folder and its SHA256SUMS; reads every file."""
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
    """Return the differences between a release with its reports and their checksums; reads every file."""
    found = faults(release.folder)
    if not release.manifest and not any(fault.file == MANIFEST for fault in found):
        found.append(Fault(MANIFEST, "unreadable"))
    if release.pages is None:
        return [*found, Fault(REPORTS, "missing")]
    return [*found, *(Fault(f"{REPORTS}/{fault.file}", fault.kind) for fault in faults(release.pages))]


# Durability


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until a whole folder is on disk; files shared with another folder already are."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            continue
        if path.is_dir() or path.stat().st_nlink == 1:
            sync(path)
    sync(folder)
