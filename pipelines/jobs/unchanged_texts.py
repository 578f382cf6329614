"""Reuse the verdict on tables whose text is the same as in the served release.

Casting and checking a table depend on its text, on the tables that it references, on the code and on the
libraries. If all of these are unchanged, its rows, warnings and check results are those of the served release,
which Great Expectations has confirmed. A table that had a quarantined row is checked anew: a date may no longer
lie in the future.

The digests of the texts are in the manifest of the release. In any doubt the table is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from pipelines.catalog import Table
from pipelines.catalog.records import check_frame
from pipelines.jobs import ingredients
from pipelines.jobs.confirmed import Confirmed
from pipelines.quality import DTYPES, Validated
from pipelines.sources import discover_forms
from pipelines.warehouse import load, releases
from pipelines.warehouse.read import open_readonly

if TYPE_CHECKING:
    from pipelines.jobs.run import Run

TEXTS = "texts"  # in the manifest, and the name of the file in the work folder
_PLACE = ["source_file", "source_row"]


def noted(run: Run) -> Mapping[str, str]:
    """Return the digests of a run's texts: table -> SHA-256."""
    # A release that was on hold has them in its manifest.
    found = releases.read_json(run.work / f"{TEXTS}.json") or _in_manifest(run.work)
    return {str(name): str(value) for name, value in found.items()}


def _in_manifest(folder: Path) -> Mapping[str, Any]:
    texts = releases.read_json(folder / releases.MANIFEST).get(TEXTS)
    return texts if isinstance(texts, dict) else {}


class Before:
    """What the served release says of tables that come out the same; nothing if it cannot be relied on."""

    def __init__(self, run: Run) -> None:
        self._run = run
        database = None if discover_forms(run.raw) else ingredients.served(run)
        self._con: duckdb.DuckDBPyConnection | None = open_readonly(database) if database else None
        self._said = Confirmed(self._con) if self._con else None
        self._texts = _in_manifest(database.parent) if database else {}
        self._same: set[str] = set()
        self._digests: dict[str, str] = {}

    def __enter__(self) -> Before:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the digests for the manifest of the new release."""
        releases.write_json(self._run.work / f"{TEXTS}.json", self._digests)
        if self._con is not None:
            self._con.close()

    def validated(
        self, table: Table, path: Path, text: pd.DataFrame, unreadable: pd.DataFrame
    ) -> Validated | None:
        """Return what `quality.validate` gave for the same text, or None if the table has to be checked.

        Args:
            table: its declaration. path, text: (n rows) what was read, as a file and as a frame.
            unreadable: problems of rows that could not be split into columns.
        """
        with path.open("rb") as stream:
            known = hashlib.file_digest(stream, "sha256").hexdigest()
        self._digests[table.full_name] = known
        outer = {key.reference for key in table.foreign_keys} - {table.full_name}
        if (
            self._con is None
            or self._said is None
            or len(unreadable)
            or self._texts.get(table.full_name) != known
        ):
            return None
        if not outer <= self._same:
            return None
        try:
            found = self._found(self._con, self._said, table, text)
        except (duckdb.Error, KeyError, ValueError, TypeError):
            return None  # another shape
        if found is not None:
            self._same.add(table.full_name)
        return found

    def _found(
        self, con: duckdb.DuckDBPyConnection, said: Confirmed, table: Table, text: pd.DataFrame
    ) -> Validated | None:
        rows = load.read_table(con, table.full_name)
        if len(rows) != len(text):
            return None  # rows were quarantined, or added by a later step
        places = pd.MultiIndex.from_frame(rows[_PLACE])
        order = places.get_indexer(pd.MultiIndex.from_frame(text[_PLACE]))
        if not places.is_unique or (order < 0).any():
            return None
        types = {field.name: DTYPES[field.type] for field in table.fields if not field.is_private}
        typed = rows.iloc[order].reset_index(drop=True)[list(types)].astype(types)
        checks = said.checks(table.full_name)
        return Validated(typed, said.problems(table.full_name), check_frame(checks)) if checks else None
