"""Parquet and its data package beside the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.jobs.run import Run
from pipelines.warehouse import export, load


def step(run: Run) -> Mapping[str, Any]:
    """Write every table as Parquet, ordered by key, with `datapackage.json`."""
    tables = run.tables()
    folder = run.work / "parquet"
    with load.writing(run.database) as con:
        written = export.export_parquet(con, tables, folder, run.id)
    about = {
        "name": "titik-rawan",
        "title": "titik-rawan: past Indonesian elections, re-votes, late recapitulation and disputes",
        "version": run.id,
        "created": f"{run.data_date}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "fingerprint": run.fingerprint,
    }
    export.write_datapackage(tables, folder, about)
    return {"files": len(written), "bytes": sum(p.stat().st_size for p in written)}
