"""Claims are resolved and marts filled, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

import pandas as pd

from pipelines.jobs import ingredients
from pipelines.jobs.run import Run
from pipelines.marts import Release
from pipelines.warehouse import load, releases

from ..forms import partitioned


def step(run: Run) -> Mapping[str, Any]:
    """Fill every table that is declared with a `.sql` file or a module of `pipelines.marts`.

    What the served release has of the same ingredients is taken over (`jobs/ingredients.py`).
    """
    made: dict[str, pd.DataFrame] = {}
    anew: dict[str, Mapping[str, pd.DataFrame]] = {}
    rows = n_kept = 0
    todo = [t for t in run.tables() if t.sql or t.derived]
    before = ingredients.served(run)
    with load.writing(run.database) as con:
        known = ingredients.Ingredients(con, before, _day_of(run) == run.data_date)
        for table in todo:
            if table.sql:
                if known.are_same(table.depends_on):
                    rows, n_kept = rows + known.take_over(table), n_kept + 1
                else:
                    rows += load.fill_from_sql(con, table)
                continue
            module = import_module(f"pipelines.marts.{table.derived}")
            selects = module.selects() if hasattr(module, "selects") else {}
            if table.full_name in selects:
                select = partitioned.spread(run, con, table, selects[table.full_name])
                rows += load.fill_from_select(con, table, select)
                continue
            own = [t for t in todo if t.derived == table.derived]
            names = ingredients.reads_of(own)
            outer = [name for name in names if name not in {t.full_name for t in own}]
            if table.full_name not in made and known.may_keep(module, outer):
                rows, n_kept = rows + known.take_over(table), n_kept + 1
                continue
            if table.full_name not in made:
                day = date.fromisoformat(run.data_date) if ingredients.is_of_a_day(module) else None
                anew[table.derived] = known.changed(module, outer)
                read = known.reader(module, names, anew[table.derived])
                made.update(module.build(read, Release(run.seed, day)))
            rows += known.fill(table, made.pop(table.full_name), module, anew[table.derived])
    return {"tables": len(todo), "kept": n_kept, "rows": rows}


def _day_of(run: Run) -> str:
    """Day of the newest input of the served release."""
    release = releases.served(run.warehouse)
    return str(release.manifest.get("data_date")) if release else ""
