"""Open a warehouse for reading."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ..catalog.messages import Message
from .errors import WarehouseError


def open_readonly(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a read-only connection. Reconnect to see a new release: the handle stays on the file it opened.

    The path is resolved to the release first: DuckDB shares one open file per path within a process.

    Raises:
        WarehouseError: there is no warehouse yet.
    """
    if not path.exists():
        raise WarehouseError(Message("warehouse.none_yet"))
    try:
        return duckdb.connect(str(path.resolve()), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(Message("warehouse.cannot_open", name=path.name, error=error)) from error
