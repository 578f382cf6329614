"""Copy the inputs: from here on the run reads exactly the bytes from which its id was computed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipelines.catalog.messages import Message
from pipelines.jobs.fingerprints import input_paths, read_stamps
from pipelines.jobs.run import DataRefusedError, Run
from pipelines.sources import discover, input_files, verify

# Larger sources are linked instead, and checked again after they were read.
MOST_BYTES, MOST_FILES = 64_000_000, 2_000


def step(run: Run) -> Mapping[str, Any]:
    """Create an empty work folder, copy the inputs, and compare every file with its sidecar.

    Raises:
        DataRefusedError: a file is missing, unlisted, does not match its checksum, or was changed meanwhile.
    """
    shutil.rmtree(run.work.parent, ignore_errors=True)
    live = run.root / "data" / "raw"
    names = list(discover(live))
    run.raw.mkdir(parents=True)
    for name in names:
        _take_in(live / name, run.raw / name)
    if run.stamps and read_stamps(live) != run.stamps:
        raise changed(names)
    problems = [problem for name in names for problem in verify(run.raw / name)]
    if problems:
        raise DataRefusedError([p.message for p in problems])
    n_files = sum(1 for name in names for _ in input_files(run.raw / name))
    return {"files": n_files}


def _take_in(source: Path, target: Path) -> None:
    """Copy a source as it is now; link a large one."""
    files, n_bytes = [], 0
    for path in input_paths(source):
        files.append(path)
        n_bytes += path.stat().st_size
        if n_bytes > MOST_BYTES or len(files) > MOST_FILES:
            target.symlink_to(source.resolve(), target_is_directory=True)
            target.with_name(f".{target.name}.stamps").write_text(read_stamps(source), encoding="utf-8")
            return
    target.mkdir()
    for path in files:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def unchanged(run: Run) -> None:
    """After reading everything, check whether linked sources were modified meanwhile.

    Raises:
        DataRefusedError: naming the sources.
    """
    linked = sorted(path for path in run.raw.iterdir() if path.is_symlink()) if run.raw.is_dir() else []
    noted = {path: path.with_name(f".{path.name}.stamps").read_text(encoding="utf-8") for path in linked}
    if touched := [path.name for path in linked if read_stamps(path) != noted[path]]:
        raise changed(touched)


def changed(names: Iterable[str]) -> DataRefusedError:
    """Return the error that inputs were modified while they were read."""
    listed = ", ".join(f"data/raw/{name}" for name in names)
    return DataRefusedError([Message("jobs.inputs_changed", names=listed)])
