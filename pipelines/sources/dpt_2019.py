"""Fixed voter list (DPT) of 2019 by sex, for every area of Situng, keyed by Situng's codes: core.dpt."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from ..catalog import table
from ..catalog.messages import Message
from .about import About, look_at_table
from .csv_text import TextTable
from .errors import refuse
from .inputs import input_paths
from .plain_csv import unpack_csv

_COLUMNS = ("parent_id", "parent_name", "child_depth", "child_id", "child_name", "n_tps", "dpt_l", "dpt_p")
ABOUT = About(
    title=Message("sources.about_dpt_2019"),
    needs=Message("sources.needs_dpt_2019", columns=", ".join(_COLUMNS)),
    accepts=("dpt*.csv", "dpt*.csv.gz"),
    look=lambda path, file: look_at_table(
        path, file, _COLUMNS, lambda row: re.fullmatch(r"-?[0-9]+", row["child_id"]) is not None
    ),
    header=_COLUMNS,
)
_LEVELS = {"1": "province", "2": "regency", "3": "district", "4": "village"}
# The source's marker for a missing figure.
_NONE = "-1"


def read(folder: Path) -> Iterator[TextTable]:
    """Yield one table of all areas.

    Raises:
        SourceError: the file is missing or unreadable.
    """
    paths = input_paths(folder, ABOUT.accepts)
    if not paths:
        raise refuse(
            folder.name,
            Message("sources.no_dpt_file"),
        )
    for path in paths:
        yield _read(path, f"{folder.name}/{path.name}")


def _read(path: Path, file: str) -> TextTable:
    declared = table("core.dpt")
    with TemporaryDirectory() as aside:
        plain_path = Path(aside) / "plain.csv"
        plain = unpack_csv(path, plain_path, _COLUMNS, declared.full_name, file)
        rows = csv.DictReader(io.StringIO(plain_path.read_text(encoding="utf-8")))
        lost = set(plain.unreadable)
        listed = [(line, row) for line, row in enumerate(rows, 2) if line not in lost]
    frame = pd.DataFrame(
        {
            "election_id": ["pemilu-2019"] * len(listed),
            "source_code": [r["child_id"] for _, r in listed],
            "parent_source_code": [r["parent_id"] for _, r in listed],
            "level": [_LEVELS.get(r["child_depth"], r["child_depth"]) for _, r in listed],
            "name": [r["child_name"] for _, r in listed],
            **{
                ours: ["" if r[theirs] == _NONE else r[theirs] for _, r in listed]
                for ours, theirs in (("n_tps", "n_tps"), ("dpt_male", "dpt_l"), ("dpt_female", "dpt_p"))
            },
            "source_file": [file] * len(listed),
        },
        dtype="str",
    )
    frame["source_row"] = pd.Series([line for line, _ in listed], dtype="int64")
    return TextTable(declared.full_name, frame, plain.n_read + plain.n_lost, plain.problems, file)
