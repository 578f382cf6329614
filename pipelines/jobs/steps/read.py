"""Read raw files into text frames on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.catalog.messages import Message
from pipelines.catalog.records import problem_frame
from pipelines.jobs.run import DataRefusedError, Run
from pipelines.sources import SourceError, TextTable, discover
from pipelines.sources.errors import refuse

from ..forms import one_machine
from . import frames


def _read(run: Run) -> list[TextTable]:
    found: list[TextTable] = []
    refused: list[SourceError] = []
    for name, read in discover(run.raw).items():
        try:
            found.extend(read(run.raw / name))
        except SourceError as error:
            refused.append(error)
    if refused:
        raise DataRefusedError([e.message for e in refused])
    return found


def _refuse_missing_folders(run: Run) -> None:
    """Refuse a run if the whole folder of a declared input is missing, since no reader would notice."""
    wanted = {source.source for table in run.tables() if not table.is_optional for source in table.sources}
    gone = sorted(name for name in wanted if not (run.raw / name).is_dir())
    if gone:
        raise DataRefusedError([refuse(name, Message("sources.missing_file")).message for name in gone])


def step(run: Run) -> Mapping[str, Any]:
    """Read every declared file as text; rows that cannot be split into columns are quarantined at once.

    Raises:
        DataRefusedError: a file cannot be read (encoding, header, empty, missing).
    """
    tables = _read(run)
    # Mapped tasks read the forms of their parts themselves.
    here = run.has_forms and not run.runner
    read_forms = one_machine.read(run.raw, run.work) if here else one_machine.FormsRead([], [], [])
    if read_forms.refused:
        raise DataRefusedError([e.message for e in read_forms.refused])
    by_name: dict[str, list[TextTable]] = {}
    for one in tables:
        by_name.setdefault(one.table, []).append(one)
    _refuse_missing_folders(run)
    for name, parts in by_name.items():
        frames.write(
            pd.concat([p.frame for p in parts], ignore_index=True), run.work / "text" / f"{name}.parquet"
        )
    problems = pd.concat(
        [*(t.problems for t in tables), *read_forms.problems] or [problem_frame()], ignore_index=True
    )
    frames.write(problems, run.work / "unreadable.parquet")
    counts: list[dict[str, Any]] = [
        {"source_file": t.file, "table_name": t.table, "n_read": t.n_read} for t in tables
    ]
    counts += read_forms.counts
    frames.write(pd.DataFrame(counts), run.work / "read.parquet")
    return {"rows_read": sum(int(c["n_read"]) for c in counts), "files": len(counts)}
