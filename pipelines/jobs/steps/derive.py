"""Resolve the claims and fill the marts, in dependency order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from importlib import import_module
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.jobs import apart, confirmed, ingredients
from pipelines.jobs.run import Run
from pipelines.marts import Release
from pipelines.warehouse import load, releases

from ..forms import partitioned

SMALL = 2**28  # loaded bytes up to which derived tables are written in one transaction


def step(run: Run) -> Mapping[str, Any]:
    """Fill every table that is declared with a `.sql` file or a module of `pipelines.marts`.

    Tables with unchanged inputs are copied from the served release (`jobs/ingredients.py`); slow ones are
    computed in a second process (`jobs/apart.py`).
    """
    todo = [t for t in run.tables() if t.sql or t.derived]
    before = ingredients.served(run)
    is_small = run.database.stat().st_size < SMALL
    with apart.process(run) as other, load.writing(run.database, in_one=is_small) as con:
        known = ingredients.Ingredients(con, before, _day_of(run) == run.data_date)
        filling = _Filling(run, con, known, todo, other)
        filling.fill()
        confirmed.note(run, known.same_of(t.full_name for t in run.tables() if t.layer != "meta"))
    return {"tables": len(todo), "kept": filling.n_kept, "rows": filling.rows}


class _Filling:
    """Fills tables; results from the second process are inserted when needed, or at the end."""

    def __init__(
        self, run: Run, con: Any, known: ingredients.Ingredients, todo: list[Table], other: apart.Apart | None
    ) -> None:
        self._run, self._con, self._known, self._todo, self._other = run, con, known, todo, other
        self._made: dict[str, pd.DataFrame] = {}
        self._anew: dict[str, Mapping[str, pd.DataFrame]] = {}
        self._waiting: dict[str, apart.Waiting] = {}
        self.rows = self.n_kept = 0

    def fill(self) -> None:
        """Fill all tables, each after those it depends on.

        The second process gets its work as soon as it can begin. Otherwise, tables come first on which most
        others depend; those that need a result that is still being computed elsewhere come later.
        """
        needed = {t.full_name: {*t.depends_on} | {k.reference for k in t.foreign_keys} for t in self._todo}
        weight = Counter(name for one in needed for name in catalog.needed((one,)))
        left = sorted(self._todo, key=lambda table: -weight[table.full_name])
        while left:
            missing = {t.full_name for t in left} | self._computing()
            able = [t for t in left if not needed[t.full_name] & missing - {t.full_name}]
            table = next(filter(_is_apart, able), None) or next(iter(able), left[0])
            left.remove(table)
            self._reach(table)
        for module in list(self._waiting):
            self._collect(module)

    def _computing(self) -> set[str]:
        """Return the tables that are still being computed in the second process."""
        busy = {module for module, waiting in self._waiting.items() if not waiting.is_done}
        return {t.full_name for t in self._todo if t.derived in busy}

    def _reach(self, table: Table) -> None:
        """Fill the next table, or schedule it."""
        own = [t for t in self._todo if t.derived == table.derived] if table.derived else [table]
        names = ingredients.reads_of(own)
        there = {*names, *(key.reference for key in table.foreign_keys)}
        for module in [one for one in self._waiting if one != table.derived and self._makes(one, there)]:
            self._collect(module)
        if table.derived in self._waiting:
            self._waiting[table.derived].tables.append(table)
        elif table.sql:
            self._fill_from_sql(table)
        else:
            self._fill_from_module(table, names, [n for n in names if n not in {t.full_name for t in own}])

    def _makes(self, module: str, names: Collection[str]) -> bool:
        return any(t.full_name in names for t in self._todo if t.derived == module)

    def _collect(self, module: str) -> None:
        waiting = self._waiting.pop(module)
        self._made.update(waiting.made())
        for table in waiting.tables:
            self._fill(table)

    def _fill(self, table: Table) -> None:
        module = import_module(f"pipelines.marts.{table.derived}")
        frame = self._made.pop(table.full_name)
        self.rows += self._known.fill(table, frame, module, self._anew[table.derived])

    def _keep(self, table: Table) -> None:
        self.rows, self.n_kept = self.rows + self._known.take_over(table), self.n_kept + 1

    def _fill_from_sql(self, table: Table) -> None:
        if self._known.are_same(table.depends_on):
            self._keep(table)
        else:
            self.rows += load.fill_from_sql(self._con, table)

    def _fill_from_module(self, table: Table, names: list[str], outer: list[str]) -> None:
        module = import_module(f"pipelines.marts.{table.derived}")
        selects = module.selects() if hasattr(module, "selects") else {}
        if table.full_name in selects:
            select = partitioned.spread(self._run, self._con, table, selects[table.full_name])
            self.rows += load.fill_from_select(self._con, table, select)
            return
        if table.full_name not in self._made:
            if self._known.may_keep(module, outer):
                self._keep(table)
                return
            day = date.fromisoformat(self._run.data_date) if ingredients.is_of_a_day(module) else None
            self._anew[table.derived] = changed = self._known.changed(module, outer)
            read = self._known.reader(module, names, changed)
            release = Release(self._run.seed, day)
            if self._other is not None and apart.is_apart(table.derived):
                frames = {name: read(name) for name in outer}
                self._waiting[table.derived] = self._other.submit(table.derived, frames, release)
                self._waiting[table.derived].tables.append(table)
                return
            self._made.update(module.build(read, release))
        self._fill(table)


def _day_of(run: Run) -> str:
    """Return the day of the newest input of the served release."""
    release = releases.served(run.warehouse)
    return str(release.manifest.get("data_date")) if release else ""


def _is_apart(table: Table) -> bool:
    return bool(table.derived) and apart.is_apart(table.derived)
