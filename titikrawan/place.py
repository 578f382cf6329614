"""Locate the warehouse."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, Message, UserError

DATABASE = Path("data", "warehouse", "titikrawan.duckdb")
VARIABLE = "TITIKRAWAN_WAREHOUSE"


class WarehouseNotFoundError(UserError):
    """There is no warehouse where it was looked for."""

    exit_code = ENVIRONMENT


def find_warehouse(path: str | Path | None = None) -> Path:
    """Return the database file: the given one, the one in TITIKRAWAN_WAREHOUSE, or that of the nearest project.

    Args:
        path: the file, the folder of a release, or a project folder.

    Raises:
        WarehouseNotFoundError: there is none; the message lists where it was looked for.
    """
    named = path or os.environ.get(VARIABLE)
    if named:
        tried = [Path(named)]
    else:
        here = Path.cwd()
        tried = [here, *here.parents, Path(__file__).resolve().parents[1]]
    for place in tried:
        for file in (place, place / DATABASE.name, place / DATABASE):
            if file.is_file():
                return file
    raise WarehouseNotFoundError(Message("reader.no_warehouse", place=tried[0], variable=VARIABLE))
