"""A small register that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.catalog import Table, table
from pipelines.sources.csv_text import TextTable, read_csv
from tests.fixtures import REGISTER

REVOTES = "revotes.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small register, in a folder called `register`."""
    return Path(shutil.copytree(REGISTER, tmp_path / "register"))


@pytest.fixture
def revotes() -> Table:
    return table("core.revote_claim")


@pytest.fixture
def read(folder: Path, revotes: Table) -> Callable[[], TextTable]:
    return lambda: read_csv(folder / REVOTES, revotes)
