"""Builds that many tests read: made once for one state of code and inputs, for all workers and later sessions.

They lie in `.pytest_cache/builds/`. A test that changes files takes a copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines import catalog
from pipelines.jobs import run as job
from pipelines.jobs.fingerprints import libraries
from pipelines.warehouse import releases

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / ".pytest_cache" / "builds"
KEEP = 2
SOURCES = ("register", "lineage", "tiles")
AREAS, LANGS = ("3171",), ("id",)


@cache
def state() -> str:
    """What a build depends on: the inputs in the repository, the code, the libraries, and the helpers of tests."""
    total = hashlib.sha256(json.dumps([libraries(), version("matplotlib"), version("typst")]).encode())
    folders = [ROOT / "pipelines", ROOT / "tests" / "support", *(ROOT / "data" / "raw" / s for s in SOURCES)]
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.parent.name != "__pycache__" and path.is_file():
            total.update(path.relative_to(ROOT).as_posix().encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def built(name: str, make: Callable[[Path], object], of: str = "") -> Path:
    """The folder that `make` filled; whoever asks first makes it while the others wait.

    Args:
        name: of what is built.
        make: fills an empty folder.
        of: what the build depends on; empty: on code and inputs.
    """
    BUILDS.mkdir(parents=True, exist_ok=True)
    folder = BUILDS / f"{name}-{of or state()}"
    done = folder / ".done"
    with (BUILDS / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
            others = sorted(BUILDS.glob(f"{name}-*"), key=lambda p: p.stat().st_mtime)
            for old in others[:-KEEP]:
                shutil.rmtree(old, ignore_errors=True)
    return folder


def copy_inputs(root: Path, raw: Path = ROOT / "data" / "raw") -> None:
    """The register and the lineage of areas; what else a person may have put beside them is no part of a test."""
    for name in SOURCES:
        shutil.copytree(raw / name, root / "data" / "raw" / name)


def publish(root: Path) -> None:
    """The main job on the real register, published with one report; `facts.json` keeps what its steps said."""
    copy_inputs(root)
    planned = job.plan(root, AREAS, LANGS)
    assert planned is not None
    facts = [(one.name, dict(one.facts)) for one in job.run_all(planned)]
    (root / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def published() -> Path:
    """A project folder with the real register, published once with one report."""
    return built("published", publish)


@dataclass(frozen=True)
class Release:
    """A published release as tests read it."""

    id: str
    seed: int
    work: Path

    @property
    def database(self) -> Path:
        return self.work / releases.DATABASE


def release(root: Path) -> Release:
    """The release that a project folder serves."""
    found = releases.served(root / "data" / "warehouse")
    assert found is not None
    return Release(found.id, found.manifest["seed"], found.folder)


@cache
def tables_of_forms() -> tuple[str, ...]:
    """Every derived table that result forms of polling stations go into."""
    forms = {t.full_name for t in catalog.load() if t.is_large and not (t.sql or t.derived)}
    derived = (t.full_name for t in catalog.load() if t.sql or t.derived)
    return tuple(name for name in derived if forms & catalog.needed([name]))
