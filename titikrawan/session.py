"""A read-only connection that follows the served release."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd

from .place import find_warehouse


class Session:
    """A read-only connection; every query goes to the release that is served at that moment.

    Publishing moves a link. Before each query the session checks where the link leads and reopens the file if
    it has moved; data fetched earlier is unaffected.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Path | None = None
        self._con: duckdb.DuckDBPyConnection | None = None

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection to the currently served release."""
        file = self.path.resolve()
        if self._con is None or file != self._file:
            self.close()
            self._con, self._file = duckdb.connect(str(file), read_only=True), file
        return self._con

    def sql(self, query: str, params: Any = None) -> duckdb.DuckDBPyRelation:
        """Return a relation: `.df()`, `.pl()`, `.arrow()`, `.fetchall()`, or printed as a table."""
        return self.con.sql(query, params=params)

    def execute(self, query: str, params: Any = None) -> duckdb.DuckDBPyConnection:
        """See `duckdb.DuckDBPyConnection.execute`."""
        return self.con.execute(query, params)

    def df(self, query: str, params: Any = None) -> pd.DataFrame:
        """Return the result of a query as a frame."""
        return self.con.execute(query, params).df()

    def close(self) -> None:
        """Close the file; the next query opens it again."""
        if self._con is not None:
            self._con.close()
        self._con = self._file = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(path: str | Path | None = None) -> Session:
    """Open a read-only session on the warehouse (`find_warehouse` says where it is looked for).

    Raises:
        WarehouseNotFoundError: there is none.
    """
    return Session(find_warehouse(path))
