"""Raw files become text frames on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines.catalog.records import problem_frame
from pipelines.run import DataRefusedError, Run
from pipelines.sources import SourceError, TextTable, discover

from . import files


def _read(run: Run) -> list[TextTable]:
    found, refused = [], []
    for name, read in discover(run.raw).items():
        try:
            found.extend(read(run.raw / name))
        except SourceError as error:
            refused.append(error)
    if refused:
        raise DataRefusedError({lang: [e.message[lang] for e in refused] for lang in ("id", "en")})
    return found


def step(run: Run) -> Mapping[str, Any]:
    """Read every declared file as text; rows that cannot be put into columns go to quarantine at once.

    Raises:
        DataRefusedError: a file cannot be read at all (encoding, header, empty, missing).
    """
    tables = _read(run)
    by_name: dict[str, list[TextTable]] = {}
    for one in tables:
        by_name.setdefault(one.table, []).append(one)
    for name, parts in by_name.items():
        files.write(
            pd.concat([p.frame for p in parts], ignore_index=True), run.work / "text" / f"{name}.parquet"
        )
    problems = pd.concat([t.problems for t in tables] or [problem_frame()], ignore_index=True)
    files.write(problems, run.work / "unreadable.parquet")
    counts = [{"source_file": t.file, "table_name": t.table, "n_read": t.n_read} for t in tables]
    files.write(pd.DataFrame(counts), run.work / "read.parquet")
    return {"rows_read": sum(t.n_read for t in tables), "files": len(tables)}
