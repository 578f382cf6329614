"""The typed tables become a DuckDB file, built aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.catalog.forms import FORMS, PROVENANCE, VOTES, vote_table
from pipelines.run import Run
from pipelines.warehouse import load


def step(run: Run) -> Mapping[str, Any]:
    """Create the file with its schemas and fill ref and core."""
    run.database.unlink(missing_ok=True)
    rows = 0
    loaded = [t for t in catalog.load() if t.is_loaded or t.is_filled_by_steps]
    with load.writing(run.database) as con:
        load.create_schemas(con)
        for table in loaded:
            typed = run.work / "typed"
            if table.is_large:
                folder = typed / (VOTES if table == vote_table() else FORMS)
                rows += load.fill_from_parts(con, table, folder, condition(table), table.name == "tps")
            elif (typed / f"{table.full_name}.parquet").exists():
                rows += load.fill_from_parquet(con, table, typed / f"{table.full_name}.parquet")
            else:
                load.create_table(con, table)
    return {"tables": len(loaded), "rows": rows}


def condition(table: Table) -> str:
    """Which rows of the typed forms become rows of a table."""
    if table.full_name == "core.tps":
        return "is_first_of_tps"
    if table.full_name == "core.upload":
        # A source that says nothing about uploads leaves no empty rows behind.
        about = [
            f.name for f in table.fields if f.name not in (*table.primary_key, "province_code", *PROVENANCE)
        ]
        return f"coalesce({', '.join(f'cast({c} as varchar)' for c in about)}) is not null"
    return "true"
