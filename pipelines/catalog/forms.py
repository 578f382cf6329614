"""What sources of result forms hand over: plain text on disk and how its columns are called here.

A form is one contest at one polling station. The text is never loaded into pandas: it stands in a plain file
that DuckDB reads, and `FormText` says which of its columns is which. Names are mapped, nothing is typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .load import table
from .model import Table

# Folders of typed partitions: forms (core.tps, core.result and core.upload in one row) and their votes.
FORMS, VOTES = "forms", "votes"
PROVENANCE = ("source_file", "source_row")
# Where the area of a form comes from: today's codes, or names that are looked up.
CODES, NAMES = "codes", "names"


@dataclass(frozen=True)
class FormText:
    """One plain text file of result forms.

    Attributes:
        source: folder below data/raw.
        relation: SQL table function that reads the plain file as text.
        columns: column of core.tps, core.result or core.upload -> SQL over `relation`, of type text.
        votes: SQL over `relation`: list of struct(kind, option_id, party_id, votes), all text; '' = none.
        source_file, source_row: SQL over `relation` (`rowid` counts its rows from 0).
        n_read: file below data/raw -> records of it in the plain text.
        n_lost: file below data/raw -> records that are none, each with a problem of its own.
        unreadable: lines that are no records (their place in the plain text is kept, so that lines count right).
        areas: `codes` or `names`.
    """

    source: str
    relation: str
    columns: Mapping[str, str]
    votes: str = ""
    source_file: str = ""
    source_row: str = "rowid + 2"
    n_read: Mapping[str, int] = field(default_factory=dict)
    n_lost: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[int, ...] = ()
    areas: str = CODES

    def write(self, path: Path) -> None:
        """Leave it as JSON for the next step."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> FormText:
        """Read what `write` left."""
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return FormText(**{**stored, "unreadable": tuple(stored["unreadable"])})


def form_tables() -> tuple[Table, Table, Table]:
    """The tables a form becomes one row of: core.tps, core.result, core.upload."""
    return table("core.tps"), table("core.result"), table("core.upload")


def vote_table() -> Table:
    """The table that holds the votes of a form: core.vote."""
    return table("core.vote")


def form_columns(tables: Sequence[Table] | None = None) -> list[str]:
    """Every column of a form but where it came from, each once."""
    names = (f.name for t in (tables or form_tables()) for f in t.fields if f.name not in PROVENANCE)
    return list(dict.fromkeys(names))
