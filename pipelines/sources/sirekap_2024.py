"""Presidential result of 2024 per TPS: Sirekap, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ..catalog.forms import FormText
from .csv_text import TextTable
from .sirekap_table import read_tables

ACCEPTS = ("*.csv", "*.csv.gz")
PAIRS = {"paslon1": "100025", "paslon2": "100026", "paslon3": "100027"}


def read(folder: Path) -> Iterator[TextTable]:
    """This source holds forms only."""
    return iter(())


def read_forms(folder: Path, out: Path) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """The forms of every province."""
    return read_tables(folder, out, "pemilu-2024", "ppwp", PAIRS)


def parts(files: list[Path]) -> tuple[list[list[Path]], list[Path]]:
    """Every file can be checked by itself."""
    return [[file] for file in files], []
