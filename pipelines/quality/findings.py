"""Problems of one table, collected during validation."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from ..catalog import Table
from ..catalog.records import KEPT_WITH_WARNING, QUARANTINED
from . import messages
from .hints import Words

PROVENANCE = ("source_file", "source_row")


@dataclass
class Findings:
    """Problems collected during validation.

    Attributes:
        rows: problems so far, with the columns of `meta.quarantine`.
        refused: positions of rows to quarantine.
        cells: (position, column) of cells known to be wrong, each sufficient to quarantine its row.
        counts: name of a check -> number of rows that fail it.
    """

    table: Table
    text: pd.DataFrame
    rows: list[dict[str, Any]] = field(default_factory=list)
    cells: set[tuple[int, str]] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        return [{str(k): v for k, v in record.items()} for record in self.text.to_dict("records")]

    @cached_property
    def private(self) -> set[str]:
        return {f.name for f in self.table.fields if f.is_private}

    def add(
        self,
        position: int,
        rule: str,
        columns: tuple[str, ...],
        words: Words,
        check: str,
        warn: bool = False,
    ) -> None:
        """Record that the row at `position` breaks `rule`; counts towards the check named `check`."""
        record = self.records[position]
        texts = {n: "(private)" if n in self.private else v for n, v in record.items() if n not in PROVENANCE}
        value = ", ".join(str(texts.get(name, record[name])) for name in columns)
        file, row = record["source_file"], int(record["source_row"])
        self.rows.append(
            messages.problem(
                self.table.full_name,
                rule,
                words,
                (file, row),
                ", ".join(columns),
                value,
                raw_row=json.dumps(texts, ensure_ascii=False),
                disposition=KEPT_WITH_WARNING if warn else QUARANTINED,
                shown=value if len(columns) == 1 else "",
            )
        )
        self.counts[check] += 1
        if not warn:
            self.refused.add(position)
            if len(columns) == 1:
                self.cells.add((position, columns[0]))
