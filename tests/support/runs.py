"""Runs over given files of result forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.jobs import run as job
from pipelines.sources import seal
from tests.support.builds import copy_inputs, tables_of_forms


def run_with(
    root: Path,
    sources: dict[str, list[Path]],
    only: tuple[str, ...] = (),
    runner: str = "",
    with_files: bool = True,
) -> job.Run:
    """The job over the register and the given files (linked): the tables of forms, or others.

    Args:
        with_files: with their Parquet and CSV too, not only in the database.
    """
    copy_inputs(root)
    for source, paths in sources.items():
        folder = root / "data" / "raw" / source
        folder.mkdir(parents=True)
        for path in paths:
            (folder / path.name).symlink_to(path)
        seal(folder)
    planned = job.plan(root, only=only or tables_of_forms())
    assert planned is not None
    planned = replace(planned, runner=runner)
    job.run_all(planned, job.plain if with_files else _without_files)
    return planned


def _without_files(step: job.Step) -> job.Function:
    return _nothing if step.name == "export" else job.plain(step)


def _nothing(run: job.Run) -> Mapping[str, Any]:
    return {}
