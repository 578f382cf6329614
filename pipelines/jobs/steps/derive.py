"""Claims are resolved and marts filled, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

import pandas as pd

from pipelines.jobs.run import Run
from pipelines.marts import Release
from pipelines.warehouse import load

from ..forms import partitioned


def step(run: Run) -> Mapping[str, Any]:
    """Fill every table that is declared with a `.sql` file or a module of `pipelines.marts`."""
    made: dict[str, pd.DataFrame] = {}
    release = Release(run.seed, date.fromisoformat(run.data_date))
    rows = 0
    todo = [t for t in run.tables() if t.sql or t.derived]
    with load.writing(run.database) as con:
        # A table is read once however many modules ask for it; they never change what they are given.
        read = cache(lambda name: load.read_table(con, name))
        for table in todo:
            if table.sql:
                rows += load.fill_from_sql(con, table)
                continue
            module = import_module(f"pipelines.marts.{table.derived}")
            selects = module.selects() if hasattr(module, "selects") else {}
            if table.full_name in selects:
                select = partitioned.spread(run, con, table, selects[table.full_name])
                rows += load.fill_from_select(con, table, select)
                continue
            if table.full_name not in made:
                made.update(module.build(read, release))
            rows += load.fill_from_frame(con, table, made.pop(table.full_name))
    return {"tables": len(todo), "rows": rows}
