"""A small invented warehouse for every test, marked as simulated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting import render, render_dictionary, render_index
from tests.support.invented import fill


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


@pytest.fixture(scope="session")
def site(read_only: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the invented warehouse as they lie on a disk: entry page, reports, checklists, dictionary."""
    out: Path = tmp_path_factory.mktemp("site")
    for code in ("00", "31", "3171"):
        for lang in ("id", "en"):
            render(read_only, code, lang, out, ("html", "checklist.html"), ("id", "en"), "index.html")
    render_dictionary(read_only, ("id", "en"), out)
    render_index(read_only, ("id", "en"), out)
    return out
