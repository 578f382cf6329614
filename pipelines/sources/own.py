"""An office's own records, as written by `titikrawan add kejadian …`; this project never publishes them.

Each file `<kind>--<workbook>.csv` feeds the table declared for its kind; `source_file` begins with `own/`.
`kantor.csv` says which area an office is responsible for (`titikrawan office`).
`calendar.csv` holds the coming voting days.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..catalog import Table, table
from ..catalog.messages import Message
from ..catalog.workbooks import workbooks
from .csv_text import TextTable, read_csv
from .errors import refuse

NAME = "own"
OFFICES = "kantor.csv"
CALENDAR = "calendar.csv"


def read(folder: Path) -> Iterator[TextTable]:
    """Yield one table per file; columns declared after the file was written are empty.

    Raises:
        SourceError: a file of an unknown kind, or one that cannot be read.
    """
    for path in sorted(folder.glob("*.csv")):
        file = f"{NAME}/{path.name}"
        declared = _table(path)
        if declared is None:
            raise refuse(file, Message("sources.own_kind", kinds=", ".join(workbooks().kinds)))
        if path.name == CALENDAR:  # written by hand: every column is required
            yield read_csv(path, declared, file)
            continue
        with path.open(encoding="utf-8-sig", newline="") as stream:
            there = set(next(csv.reader(stream), []))
        missing = [f.name for f in declared.source_fields if f.name not in there]
        older = replace(declared, fields=tuple(f for f in declared.fields if f.name not in missing))
        found = read_csv(path, older, file)
        whole = found.frame.assign(**dict.fromkeys(missing, ""))[declared.field_names]
        yield replace(found, frame=whole)


def _table(path: Path) -> Table | None:
    if path.name == OFFICES:
        return table("ref.offices")
    if path.name == CALENDAR:
        return table("ref.voting_days")
    kind = workbooks().kinds.get(path.stem.partition("--")[0])
    return kind.table if kind else None
