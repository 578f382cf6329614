"""Is this machine ready? Each finding says what was seen and, where it is bad, what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Versions with which the main job fails, and why; the same limits as in pyproject.toml.
LIMITS: Mapping[str, tuple[tuple[int, ...] | None, str]] = {
    "prefect": ((3, 9), "3.8"),
    "fastapi": ((0, 151), "0.150"),
    "sqlalchemy": ((2, 1), "2.0"),
    "great-expectations": ((1, 25), "1.24"),
    "duckdb": ((2,), "1.5"),
    "pandas": ((4,), "3"),
    "matplotlib": ((4,), "3.10"),
    "typst": ((0, 16), "0.15"),
}
NEEDED_BYTES = 500_000_000
INSTALL = {"id": "pasang versi terkunci: make setup", "en": "install the locked versions: make setup"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    about: Mapping[str, str]
    seen: str
    is_good: bool
    advice: Mapping[str, str]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _libraries() -> Iterator[Finding]:
    for name, (below, _) in LIMITS.items():
        try:
            seen = version(name)
            good = below is None or _numbers(seen) < below
        except PackageNotFoundError:
            seen, good = "-", False
        yield Finding({"id": f"pustaka {name}", "en": f"library {name}"}, seen, good, INSTALL)


def _folders(root: Path) -> Iterator[Finding]:
    for name in ("data/warehouse", "reports"):
        folder = root / name
        place = next(p for p in (folder, *folder.parents) if p.exists())
        good = os.access(place, os.W_OK)
        advice = {"id": f"beri hak tulis pada {name}", "en": f"make {name} writable"}
        yield Finding({"id": f"hak tulis {name}", "en": f"write access to {name}"}, str(good), good, advice)
    free = shutil.disk_usage(root).free
    advice = {"id": "kosongkan ruang disk", "en": "free some disk space"}
    seen = f"{free / 1e9:.1f} GB"
    yield Finding({"id": "ruang disk", "en": "disk space"}, seen, free > NEEDED_BYTES, advice)


def _inputs(root: Path) -> Finding:
    from pipelines.sources import SourceError, discover, verify

    about = {"id": "berkas masukan", "en": "input files"}
    try:
        problems = [
            p for name in discover(root / "data" / "raw") for p in verify(root / "data" / "raw" / name)
        ]
    except SourceError as error:
        return Finding(about, "-", False, error.message)
    advice = problems[0].message if problems else {"id": "", "en": ""}
    return Finding(about, f"{len(problems)} problems" if problems else "sha256", not problems, advice)


def _warehouse(root: Path) -> Finding:
    from pipelines.warehouse.load import WarehouseError
    from pipelines.warehouse.read import open_readonly

    about = {"id": "gudang data", "en": "warehouse"}
    advice = {"id": "jalankan: titikrawan run", "en": "run: titikrawan run"}
    try:
        with open_readonly(root / "data" / "warehouse" / "titikrawan.duckdb") as con:
            row = con.execute("select release_id from meta.runs").fetchone()
        return Finding(about, str(row[0]) if row else "-", row is not None, advice)
    except WarehouseError as error:
        return Finding(about, str(error), False, advice)


def examine(root: Path) -> Iterator[Finding]:
    """Look at Python, libraries, folders, inputs and warehouse."""
    good = sys.version_info >= (3, 11)
    advice = {"id": "pasang Python 3.11 atau lebih baru", "en": "install Python 3.11 or newer"}
    seen = ".".join(map(str, sys.version_info[:3]))
    yield Finding({"id": "Python", "en": "Python"}, seen, good, advice)
    yield from _libraries()
    yield from _folders(root)
    yield _inputs(root)
    yield _warehouse(root)
