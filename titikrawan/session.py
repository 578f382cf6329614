"""A read-only connection that follows the release that is served."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd

from .place import find_warehouse


class Session:
    """A read-only connection to the served release; every query goes to the release that is served at that moment.

    A publication moves one link. The session looks where the link leads before each query and opens the file anew when
    it leads elsewhere; what was fetched before stays as it was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Path | None = None
        self._con: duckdb.DuckDBPyConnection | None = None

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection to the release that is served now."""
        file = self.path.resolve()
        if self._con is None or file != self._file:
            self.close()
            self._con, self._file = duckdb.connect(str(file), read_only=True), file
        return self._con

    def sql(self, query: str, params: Any = None) -> duckdb.DuckDBPyRelation:
        """A relation: `.df()`, `.pl()`, `.arrow()`, `.fetchall()`, or shown as a table."""
        return self.con.sql(query, params=params)

    def execute(self, query: str, params: Any = None) -> duckdb.DuckDBPyConnection:
        """As of `duckdb.DuckDBPyConnection.execute`."""
        return self.con.execute(query, params)

    def df(self, query: str, params: Any = None) -> pd.DataFrame:
        """The answer of a query as a frame."""
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
    """A read-only session on the warehouse (see `find_warehouse` for where it is looked for).

    Raises:
        WarehouseNotFoundError: there is none.
    """
    return Session(find_warehouse(path))
