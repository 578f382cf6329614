"""An office's own records, as `titikrawan add kejadian …` wrote them: never published by this project.

Each file `<kind>--<workbook>.csv` feeds the table that its kind is declared for; `source_file` begins with `own/`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..catalog.messages import Message
from ..catalog.workbooks import workbooks
from .csv_text import TextTable, read_csv
from .errors import refuse

NAME = "own"


def read(folder: Path) -> Iterator[TextTable]:
    """One table per file; a column that was declared after the file was written is empty in it.

    Raises:
        SourceError: a file of no known kind, or one that cannot be read.
    """
    for path in sorted(folder.glob("*.csv")):
        file = f"{NAME}/{path.name}"
        kind = workbooks().kinds.get(path.stem.partition("--")[0])
        if kind is None:
            raise refuse(file, Message("sources.own_kind", kinds=", ".join(workbooks().kinds)))
        with path.open(encoding="utf-8-sig", newline="") as stream:
            there = set(next(csv.reader(stream), []))
        missing = [f.name for f in kind.table.source_fields if f.name not in there]
        older = replace(kind.table, fields=tuple(f for f in kind.table.fields if f.name not in missing))
        found = read_csv(path, older, file)
        whole = found.frame.assign(**dict.fromkeys(missing, ""))[kind.table.field_names]
        yield replace(found, frame=whole)
