"""A small invented warehouse for every test, marked as simulated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from .invented import fill


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh invented warehouse a test may change."""
    with duckdb.connect() as con:
        fill(con)
        yield con


@pytest.fixture(scope="session")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same rows in a file, opened read only, as reports are made in earnest."""
    path: Path = tmp_path_factory.mktemp("warehouse") / "simulated.duckdb"
    with duckdb.connect(str(path)) as con:
        fill(con)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con
