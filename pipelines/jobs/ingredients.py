"""Reuse derived tables of the served release whose inputs, code, libraries and seed are unchanged.

A module or query reads only what it declares (`depends_on`), so its table is unchanged if those tables, the
code, the libraries and the seed are. Tables are compared once they are filled, so that a table that comes out
the same leaves everything downstream unchanged. A module that processes each family separately declares
`PARTS`, and then only the families whose rows differ are computed.

In any doubt the table is computed: other code, seed or libraries, no list of checksums, or checksums that do
not match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.jobs.fingerprints import Inputs, data_fingerprint
from pipelines.jobs.run import Run
from pipelines.marts import Read
from pipelines.warehouse import kept, load, releases


def served(run: Run) -> Path | None:
    """Return the file of the served release if the current code built it
    with this seed and its bytes are unchanged."""
    release = releases.served(run.warehouse)
    if run.force or release is None or release.manifest.get("seed") != run.seed:
        return None
    inputs, sums = release.manifest.get("inputs"), releases.read_sums(release.folder)
    if not isinstance(inputs, str) or sums is None:
        return None
    if data_fingerprint(Inputs(inputs, ""), run.seed) != release.manifest["fingerprint"]:
        return None
    listed = (releases.MANIFEST, releases.DATABASE)
    try:
        whole = all(sums.get(name) == releases.digest(release.folder / name) for name in listed)
    except OSError:
        return None
    return release.database if whole else None


class Ingredients:
    """Tables that a new warehouse has in common with the served release, if there is a trustworthy one."""

    def __init__(self, con: duckdb.DuckDBPyConnection, before: Path | None, is_same_day: bool) -> None:
        self._con, self._known, self._is_same_day = con, dict[str, bool](), is_same_day
        self._may_keep = before is not None
        if before is not None:
            kept.attach(con, before)
        # Each table is read once, however many modules need it; modules never modify their inputs.
        self._whole = cache(lambda name: load.read_table(con, name))
        self._differing = cache(lambda name, keys: kept.differing(con, catalog.table(name), keys))

    def is_same(self, name: str) -> bool:
        """Return whether a filled table equals that of the served release; computed once."""
        if name not in self._known:
            self._known[name] = self._may_keep and kept.is_same(self._con, catalog.table(name))
        return self._known[name]

    def same_of(self, names: Iterable[str]) -> list[str]:
        """Return those of these filled tables that equal those of the served release."""
        return [name for name in names if self.is_same(name)]

    def are_same(self, names: Sequence[str]) -> bool:
        """Return whether all these tables equal those of the served release."""
        return self._may_keep and all(map(self.is_same, names))

    def take_over(self, table: Table) -> int:
        """Copy a table from the served release; returns its number of rows."""
        self._known[table.full_name] = True
        return kept.take_over(self._con, table)

    def may_keep(self, module: ModuleType, names: Sequence[str]) -> bool:
        """Return whether a module would compute the same result as in the served release."""
        return self.are_same(names) and (self._is_same_day or not is_of_a_day(module))

    def changed(self, module: ModuleType, names: Sequence[str]) -> Mapping[str, pd.DataFrame]:
        """For a module that processes families separately: return table -> keys of the families to compute.

        Empty if everything must be computed.
        """
        parts = parts_of(module)
        if not parts or not self.may_keep(module, [n for n in names if n not in parts]):
            return {}
        try:
            found = [self._differing(name, tuple(keys)) for name, keys in parts.items()]
        except duckdb.Error:
            return {}  # the columns differ: compute all of it
        every = pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)
        return dict.fromkeys(parts, every)

    def reader(self, module: ModuleType, names: Sequence[str], changed: Mapping[str, pd.DataFrame]) -> Read:
        """Return the function with which a module reads its declared tables;
        `changed` tables only for changed families."""

        @cache
        def read(name: str) -> pd.DataFrame:
            if name not in names:
                raise ValueError(
                    f"{module.__name__} reads {name}, but does not declare that it depends on it"
                )
            frame = self._whole(name)
            if name not in changed:
                return frame
            keys = list(changed[name].columns)
            wanted = pd.MultiIndex.from_frame(changed[name])
            is_wanted = pd.MultiIndex.from_frame(frame[keys]).isin(wanted)
            return frame[is_wanted].reset_index(drop=True)

        return read

    def fill(
        self, table: Table, frame: pd.DataFrame, module: ModuleType, changed: Mapping[str, pd.DataFrame]
    ) -> int:
        """Fill a table with a module's result, adding unchanged families from
        the served release if it computed only some."""
        if not changed:
            return load.fill_from_frame(self._con, table, frame)
        keys = next(iter(parts_of(module).values()))
        return kept.fill_in_part(self._con, table, frame, keys, next(iter(changed.values())))


def is_of_a_day(module: ModuleType) -> bool:
    """Return whether a module depends on the day of the newest input; only such a module is given that day."""
    return bool(getattr(module, "OF_A_DAY", False))


def parts_of(module: ModuleType) -> Mapping[str, Sequence[str]]:
    """Return the tables that a module processes family by family, each with the columns that identify a family.

    The module's output rows have the same columns and depend on no other family.
    """
    parts: Mapping[str, Sequence[str]] = getattr(module, "PARTS", {})
    return parts


def reads_of(tables: Sequence[Table]) -> list[str]:
    """Return the tables that a module may read, by the declarations of all its outputs; may include its own."""
    return sorted({name for table in tables for name in table.depends_on})
