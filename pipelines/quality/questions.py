"""A validation task: rows of a table, the values its keys may have, and the SQL that marks bad rows per
condition.

It can be stored on disk for another process, as Arrow files with a JSON file beside them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from ..catalog import Table
from ..catalog.sql import quote

ROWS = "checked"  # relation that holds the rows of a frame during the check
NUMBER = "row no"


@dataclass(frozen=True)
class Question:
    """A validation task for the rows of one table.

    Attributes:
        name: of the table. types: (column, SQL type). rows: its rows, numbered from 0 in column `NUMBER`.
        references: relation -> valid key values. marks: SQL over `ROWS`, true where a row is bad.
    """

    name: str
    types: Sequence[tuple[str, str]]
    rows: pa.Table
    references: Mapping[str, pa.Table]
    marks: Sequence[str]

    @classmethod
    def of(
        cls, table: Table, typed: pd.DataFrame, references: Mapping[str, pd.DataFrame], marks: Sequence[str]
    ) -> Question:
        """Build the task for a typed frame with index 0 … n-1."""
        rows = pa.Table.from_pandas(typed[table.field_names], preserve_index=False)
        return cls(
            table.full_name,
            [(field.name, field.sql_type) for field in table.fields],
            rows.append_column(NUMBER, pa.array(range(len(typed)), pa.int64())),
            {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in references.items()},
            marks,
        )

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a connection that has `ROWS`, typed as declared, and the references."""
        with _room() as con:
            types = ", ".join(f"cast({quote(name)} as {kind}) as {quote(name)}" for name, kind in self.types)
            con.register("incoming", self.rows)
            con.execute(f"create table {ROWS} as select {quote(NUMBER)}, {types} from incoming")  # noqa: S608 (declared names)
            con.unregister("incoming")
            for name, values in self.references.items():
                con.register("incoming", values)
                con.execute(f"create table {quote(name)} as select * from incoming")  # noqa: S608 (quoted)
                con.unregister("incoming")
            yield con

    def leave(self, path: Path, found: Mapping[int, int]) -> None:
        """Write the task and its answer to `path` and Arrow files beside it."""
        files = {ROWS: self.rows, **self.references}
        for name, table in files.items():
            with (
                pa.OSFile(str(_beside(path, name)), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as out,
            ):
                out.write_table(table)
        said = {
            "name": self.name,
            "types": list(self.types),
            "references": list(self.references),
            "marks": list(self.marks),
            "found": list(found.items()),
        }
        path.write_text(json.dumps(said), encoding="utf-8")

    @classmethod
    def left(cls, path: Path) -> tuple[Question, Mapping[int, int]]:
        """Read the task and the answer written by `leave`."""
        said = json.loads(path.read_text(encoding="utf-8"))
        question = cls(
            said["name"],
            [(name, kind) for name, kind in said["types"]],
            _arrow(_beside(path, ROWS)),
            {name: _arrow(_beside(path, name)) for name in said["references"]},
            said["marks"],
        )
        return question, {int(place): int(n) for place, n in said["found"]}


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:
    """Return the database of this process: opening one takes longer than checking a small table."""
    return duckdb.connect(":memory:", config={"threads": 1})


_NUMBERS = count()


@contextmanager
def _room() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection to an empty, private database."""
    with _database(os.getpid()).cursor() as con:
        name = quote(f"question {next(_NUMBERS)}")
        con.execute(f"attach ':memory:' as {name}")
        con.execute(f"use {name}")
        try:
            yield con
        finally:
            con.execute("use memory")
            con.execute(f"detach {name}")


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{path.stem}.{name}.arrow")


def _arrow(path: Path) -> pa.Table:
    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()
