"""Are the raw files those that the sidecars describe?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from pipelines.jobs.run import DataRefusedError, Run
from pipelines.sources import discover, input_files, verify


def step(run: Run) -> Mapping[str, Any]:
    """Compare every file with its sidecar and start an empty work folder.

    Raises:
        DataRefusedError: a file is missing, unlisted or differs from its checksum.
    """
    problems = [problem for name in discover(run.raw) for problem in verify(run.raw / name)]
    if problems:
        raise DataRefusedError([p.message for p in problems])
    shutil.rmtree(run.work.parent, ignore_errors=True)
    run.work.mkdir(parents=True)
    n_files = sum(1 for name in discover(run.raw) for _ in input_files(run.raw / name))
    return {"files": n_files}
