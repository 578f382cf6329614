"""What a derived table is made of; where that is as in the served release, the table is taken over, not computed.

A module or query reads what it declares (`depends_on`) and nothing else, so a table is the same where those are, and
the code, the libraries and the seed. Tables are compared when they are there, so that one that comes out as it was
leaves everything below it as it is. A module that treats each family by itself says so (`PARTS`), and then only the
families whose rows differ are computed.

Any doubt means computing: another code, seed or library, no list of checksums, bytes that are not those of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """The file of the served release, where the present code made it with this seed and its bytes are unchanged."""
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
    """What the tables of a warehouse that is being built share with the served release, if there is one to trust."""

    def __init__(self, con: duckdb.DuckDBPyConnection, before: Path | None, is_same_day: bool) -> None:
        self._con, self._known, self._is_same_day = con, dict[str, bool](), is_same_day
        self._may_keep = before is not None
        if before is not None:
            kept.attach(con, before)
        # A table is read once however many modules ask for it; they never change what they are given.
        self._whole = cache(lambda name: load.read_table(con, name))

    def is_same(self, name: str) -> bool:
        """Whether a table that was filled is as in the served release; found out once."""
        if name not in self._known:
            self._known[name] = self._may_keep and kept.is_same(self._con, catalog.table(name))
        return self._known[name]

    def are_same(self, names: Sequence[str]) -> bool:
        """Whether all these tables are as in the served release."""
        return self._may_keep and all(map(self.is_same, names))

    def take_over(self, table: Table) -> int:
        """Fill a table from the served release; returns its rows."""
        self._known[table.full_name] = True
        return kept.take_over(self._con, table)

    def may_keep(self, module: ModuleType, names: Sequence[str]) -> bool:
        """Whether what a module makes of these tables would come out as in the served release."""
        return self.are_same(names) and (self._is_same_day or not is_of_a_day(module))

    def changed(self, module: ModuleType, names: Sequence[str]) -> Mapping[str, pd.DataFrame]:
        """For a module that treats families by themselves: table -> keys of the families that are to be computed.

        Empty where it has to compute everything.
        """
        parts = parts_of(module)
        if not parts or not self.may_keep(module, [n for n in names if n not in parts]):
            return {}
        try:
            found = [kept.differing(self._con, catalog.table(name), keys) for name, keys in parts.items()]
        except duckdb.Error:
            return {}  # another shape: all of it is made anew
        every = pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)
        return dict.fromkeys(parts, every)

    def reader(self, module: ModuleType, names: Sequence[str], changed: Mapping[str, pd.DataFrame]) -> Read:
        """How a module reads the tables that it declares; of `changed` ones only the families to be computed."""

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
        """Fill a table with what a module made; with the families that did not change, where it made only some."""
        if not changed:
            return load.fill_from_frame(self._con, table, frame)
        keys = next(iter(parts_of(module).values()))
        return kept.fill_in_part(self._con, table, frame, keys, next(iter(changed.values())))


def is_of_a_day(module: ModuleType) -> bool:
    """Whether a module judges on the day of the newest input; only such a module is told that day."""
    return bool(getattr(module, "OF_A_DAY", False))


def parts_of(module: ModuleType) -> Mapping[str, Sequence[str]]:
    """Tables that a module goes through family by family, each with the columns that name a family.

    Rows that it makes carry the same columns, and depend on no other family.
    """
    parts: Mapping[str, Sequence[str]] = getattr(module, "PARTS", {})
    return parts


def reads_of(tables: Sequence[Table]) -> list[str]:
    """Tables that a module may read, from the declarations of all that it makes; one of its own may be among them."""
    return sorted({name for table in tables for name in table.depends_on})
