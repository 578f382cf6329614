"""A small invented warehouse for every test, marked as simulated."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.site.dictionary import render_dictionary
from pipelines.reporting.site.index import render_index
from pipelines.reporting.site.render import render
from pipelines.warehouse import load
from tests.support.builds import built
from tests.support.invented import fill

NAME = "simulated.duckdb"
# A second thread finds nothing to do in a few rows, and costs a sixth of the time.
ALONE = "set threads = 1"


@contextmanager
def copy_of(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of a database that a test may change; filling one again takes twenty times as long."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / path.name
        shutil.copyfile(path, copied)
        with duckdb.connect(str(copied)) as con:
            con.execute(ALONE)
            yield con


@cache
def invented() -> Path:
    """The invented warehouse as a file, made once for all workers; nobody writes into it."""

    def make(folder: Path) -> None:
        with load.writing(folder / NAME) as con:  # opened in half the time of a file in DuckDB's own shape
            fill(con)

    return built("invented", make) / NAME


@pytest.fixture(scope="session")
def invented_file() -> Path:
    """The same, for a test that asks for it."""
    return invented()


@pytest.fixture
def warehouse(invented_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An invented warehouse a test may change."""
    with copy_of(invented_file) as con:
        yield con


@pytest.fixture(scope="session")
def read_only(invented_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same rows, opened read only, as reports are made in earnest."""
    with duckdb.connect(str(invented_file), read_only=True) as con:
        con.execute(ALONE)
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
