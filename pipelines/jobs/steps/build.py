"""Load the typed tables into a new DuckDB file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.jobs.run import Run
from pipelines.warehouse import load


def step(run: Run) -> Mapping[str, Any]:
    """Create the file with its schemas and fill ref and core; result forms were already inserted by `validate`."""
    rows = 0
    loaded = [t for t in run.tables() if t.is_loaded or t.is_filled_by_steps]
    is_small = not run.database.exists()  # no result forms
    with load.writing(run.database, in_one=is_small) as con:
        load.create_schemas(con)
        for table in loaded:
            typed = run.work / "typed" / f"{table.full_name}.parquet"
            if table.is_large and load.exists(con, table):
                rows += load.count(con, table)
            elif typed.exists():
                rows += load.fill_from_parquet(con, table, typed)
            else:
                load.create_table(con, table)
    return {"tables": len(loaded), "rows": rows}
