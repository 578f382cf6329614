"""Presidential result of 2024 per polling station (TPS), from Sirekap tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ..catalog.forms import FormText
from ..catalog.messages import Message
from .about import About, look_at_table
from .csv_text import TextTable
from .sirekap_table import read_tables, table_columns

PAIRS = {"paslon1": "100025", "paslon2": "100026", "paslon3": "100027"}
_COLUMNS = table_columns(PAIRS)
ABOUT = About(
    title=Message("sources.about_sirekap_2024"),
    needs=Message("sources.needs_sirekap_2024", columns=", ".join(_COLUMNS)),
    accepts=("*.csv", "*.csv.gz"),
    look=lambda path, file: look_at_table(
        path, file, _COLUMNS, lambda row: re.fullmatch(r"[0-9]{13}", row["kode_tps"]) is not None
    ),
    header=_COLUMNS,
)


def read(folder: Path) -> Iterator[TextTable]:
    """Yield nothing: this source holds forms only."""
    return iter(())


def read_forms(folder: Path, out: Path) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """Yield the forms of every province."""
    return read_tables(folder, out, "pemilu-2024", "ppwp", PAIRS)


def parts(files: list[Path]) -> tuple[list[list[Path]], list[Path]]:
    """Return one part per file: every file can be checked independently."""
    return [[file] for file in files], []
