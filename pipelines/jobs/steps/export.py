"""Write Parquet, CSV and their data packages beside the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.jobs import judging
from pipelines.jobs.run import Run
from pipelines.warehouse import about, export, load


def step(run: Run) -> Mapping[str, Any]:
    """Write every table as Parquet and the small ones as CSV, ordered by key, each folder with
    `datapackage.json`.

    Nothing is exported before Great Expectations has confirmed the checks.

    Raises:
        EngineError: it disagrees, or cannot be trusted.
    """
    judging.agreed(run)
    tables = run.tables()
    parquet, csv = run.work / "parquet", run.work / "csv"
    with load.writing(run.database) as con:
        written = export.export_parquet(con, tables, parquet, run.id)
        written += export.export_csv(con, tables, csv)
        licences = about.licences(con, tables)
    package = {
        "name": "titik-rawan",
        "title": "titik-rawan: past Indonesian elections, re-votes, late recapitulation and disputes",
        "description": "Sourced claims on past Indonesian elections, resolved; what is certain and what is not.",
        "version": run.id,
        "created": f"{run.data_date}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "contributors": [{"title": "titik-rawan contributors", "role": "author"}],
        "keywords": ["elections", "Indonesia", "PSU", "rekapitulasi", "PHPU"],
        "fingerprint": run.fingerprint,
    }
    for folder in (parquet, csv):
        export.write_datapackage(tables, folder, package, licences)
    return {"files": len(written), "bytes": sum(p.stat().st_size for p in written)}
