"""Digests of everything a release depends on: inputs, code, declarations, libraries and seed.

The areas reported on and the code of the reports are not included; reports have their own fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipelines.sources.inputs import is_hidden

# Libraries whose version can change the bytes of the data.
LIBRARIES = ("duckdb", "numba", "numpy", "pandas", "pyarrow", "scipy")
# Message files that are not used in any table.
_UNSEEN_MESSAGES = frozenset({"acquire.po", "cli.po", "flows.po", "reader.po", "report.po"})
_KINDS = frozenset({".po", ".py", ".sql", ".yaml"})
_HERE = Path(__file__).parents[1]
# Packages and modules that do not affect the data: reports, command line, downloads, simulation, release
# storage.
_NO_DATA = (
    "acquire",
    "catalog/actions",
    "catalog/cookbook.py",
    "catalog/cookbook.yaml",
    "catalog/facts.yaml",
    "catalog/written.py",
    "cli",
    "jobs/acquire.py",
    "jobs/beside.py",
    "jobs/steps/page_workers.py",
    "jobs/steps/pages.py",
    "jobs/steps/preload.py",
    "jobs/steps/publish.py",
    "jobs/steps/report.py",
    "reporting",
    "simulation",
    "warehouse/mend.py",
    "warehouse/publish.py",
    "warehouse/releases.py",
    "workbooks",
)
# Folders below data/raw that are not inputs: workbooks waiting to be imported.
_NO_INPUT = ("inbox/",)


@dataclass(frozen=True)
class Inputs:
    """All input files: `digest` of names and content; `stamps`: their file system metadata when they were read."""

    digest: str
    stamps: str


def input_paths(folder: Path) -> Iterator[Path]:
    """Yield the files below an input folder that a release depends on, including sidecars."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not is_hidden(name) and not name.as_posix().startswith(_NO_INPUT):
            yield path


def read_inputs(raw: Path) -> Inputs:
    """Read every input once."""
    content, stamps = hashlib.sha256(), hashlib.sha256()
    for path in input_paths(raw):
        name = path.relative_to(raw).as_posix()
        stamps.update(_stamp(name, path))  # taken before reading, so that a change during reading is noticed
        content.update(f"{name}\0".encode("utf-8", "surrogateescape"))
        with path.open("rb") as stream:
            content.update(hashlib.file_digest(stream, "sha256").digest())
    return Inputs(content.hexdigest(), stamps.hexdigest())


def read_stamps(raw: Path, below: Path | None = None) -> str:
    """Return the current file system metadata of the inputs (of one
    source): equal means nothing was written since."""
    stamps = hashlib.sha256()
    for path in input_paths(below or raw):
        stamps.update(_stamp(path.relative_to(raw).as_posix(), path))
    return stamps.hexdigest()


def _stamp(name: str, path: Path) -> bytes:
    seen = path.stat()
    told = (name, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return repr(told).encode("utf-8", "surrogateescape")


def data_code() -> Iterator[Path]:
    """Yield the modules, declarations and queries that affect the data."""
    for path in sorted(_HERE.rglob("*")):
        name = path.relative_to(_HERE).as_posix()
        is_outside = any(name == out or name.startswith(f"{out}/") for out in _NO_DATA)
        if path.suffix in _KINDS and path.name not in _UNSEEN_MESSAGES and not is_outside:
            yield path


def data_fingerprint(inputs: Inputs, seed: int) -> str:
    """Return the SHA-256 of everything that determines the data: equal fingerprints mean equal releases."""
    total = hashlib.sha256(inputs.digest.encode())
    for path in data_code():
        total.update(path.relative_to(_HERE).as_posix().encode())
        total.update(path.read_bytes())
    total.update(json.dumps({"seed": seed, "libraries": libraries()}, sort_keys=True).encode())
    return total.hexdigest()


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that can affect the data."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def data_date(raw: Path) -> str:
    """Return the day on which the newest input was obtained, from the sidecars; ISO."""
    from pipelines.sources.sidecar import day_of

    days = ["1970-01-01"]
    for sidecar in sorted(raw.glob("*/datapackage.json")):
        try:
            package = json.loads(sidecar.read_text(encoding="utf-8"))
            said = [day_of(r.get("accessed")) for r in package.get("resources", ())]
            days += [day.isoformat() for day in said if day]
        except (ValueError, OSError, AttributeError, TypeError, RecursionError):
            continue  # the step `inputs` reports invalid sidecars
    return max(days)
