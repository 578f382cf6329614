"""Edits of published results, from the changes-*.csv of `titikrawan acquire`: core.result_change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..catalog import Table, table
from .csv_text import TextTable, read_csv
from .inputs import input_paths
from .sirekap_record import contest_named

PATTERN = "changes-*.csv"
COLUMNS = ("contest", "tps", "field", "change", "before", "after", "first_seen", "changed_at", "modified")
# Fields of an answer that hold results; the others say when and by which program it was produced.
_RESULT = r"(chart|caleg|administrasi|tungsura|psu)\b.*|http_status"
_MOMENTS = ("first_seen", "changed_at")


def read_changes(folder: Path) -> Iterator[TextTable]:
    """Yield one table per file: edits and withdrawals of results after their publication.

    The files also list first publications and every new timestamp. Those show the progress of the count, not
    edits, and are skipped.

    Raises:
        SourceError: a file cannot be read, or its header does not match.
    """
    declared = table("core.result_change")
    for path in input_paths(folder, (PATTERN,)):
        text = read_csv(path, _layout(declared))
        rows = text.frame
        is_edit = (rows["change"] != "published") & rows["field"].str.fullmatch(_RESULT)
        rows = rows[is_edit].reset_index(drop=True)
        named = [contest_named(c, code) for c, code in zip(rows["contest"], rows["tps"], strict=True)]
        frame = pd.DataFrame(
            {
                "election_id": pd.Series([election for election, _ in named], dtype="str"),
                "contest": pd.Series([contest for _, contest in named], dtype="str"),
                "tps_id": rows["tps"],
                "province_code": rows["tps"].str[:2],
                **{name: rows[name] for name in ("field", "change", "before", "after", "modified")},
                # `Z` only states UTC, which the catalog already declares for the column.
                **{name: rows[name].str.removesuffix("Z") for name in _MOMENTS},
                "source_file": rows["source_file"],
                "source_row": rows["source_row"],
            }
        )
        yield TextTable(
            declared.full_name,
            frame[declared.field_names],
            len(frame) + len(text.problems),
            text.problems,
            text.file,
        )


def _layout(declared: Table) -> Table:
    """Return the table with the columns that the files have."""
    return replace(declared, fields=tuple(replace(declared.fields[0], name=name) for name in COLUMNS))
