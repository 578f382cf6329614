"""The interface between sources and the form pipeline: plain text on disk and the mapping of its columns.

A form is one contest at one polling station (TPS). The text is never loaded into pandas: it stays in a plain
file that DuckDB reads, and `FormText` maps its columns to ours. Columns are renamed; no types are converted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate, count, groupby
from pathlib import Path
from typing import Any

from .declared import table
from .model import Table
from .sql import file_list

PROVENANCE = ("source_file", "source_row")
# How the area of a form is identified: today's codes, or names to look up.
CODES, NAMES = "codes", "names"
# Line number of a record in a plain file with a header, unless given otherwise.
LINE = "rowid + 2"


@dataclass(frozen=True)
class FormText:
    """One plain text file of result forms.

    Attributes:
        source: folder below data/raw.
        relation: SQL table function that reads the plain file as text; `{files}` stands for the list of
            `files`.
        files: plain files that `relation` reads, if it reads any.
        columns: column of core.tps, core.result or core.upload -> SQL over `relation`, of type text.
        pairs: candidate pair id -> SQL over `relation`: its votes, as text. For forms that all have the same
            choices.
        votes: SQL over `relation`: list of struct(kind, option_id, party_id, votes), all text; '' = none. For
            forms that list their own choices.
        source_file, source_row: SQL over `relation` (`rowid` counts its rows from 0).
        piece: SQL over `relation`: which of several joined texts a row comes from.
        n_read: file below data/raw -> number of its records in the plain text.
        n_lost: file below data/raw -> number of its malformed records, each reported as a problem.
        unreadable: malformed lines (kept as placeholders in the plain text, so that line numbers stay right).
        areas: `codes` or `names`.
    """

    source: str
    relation: str
    columns: Mapping[str, str]
    files: tuple[str, ...] = ()
    pairs: Mapping[str, str] = field(default_factory=dict)
    votes: str = ""
    source_file: str = ""
    source_row: str = LINE
    piece: str = "0"
    n_read: Mapping[str, int] = field(default_factory=dict)
    n_lost: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[int, ...] = ()
    areas: str = CODES

    @property
    def rows(self) -> str:
        """SQL for the rows of `relation`, with `file_index` (from 0) where it reads files."""
        if not self.files:
            return f"select * from {self.relation}"  # noqa: S608 (declared by a source)
        listed = file_list(self.files)
        return f"select *, file_index::bigint as file_index from {self.relation.replace('{files}', listed)}"  # noqa: S608

    @property
    def n_rows(self) -> int:
        """Number of rows of `relation`: records and placeholders of malformed lines."""
        return sum(self.n_read.values()) + len(self.unreadable)

    def write(self, path: Path) -> None:
        """Save it as JSON for the next step."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> FormText:
        """Load what `write` saved."""
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(stored[name]) for name in ("files", "unreadable")}
        return FormText(**{**stored, **lists})


def is_constant(sql: str) -> bool:
    """Return whether a column is the same literal for all forms of a text."""
    return re.fullmatch(r"'[^']+'", sql) is not None


def form_tables() -> tuple[Table, Table, Table]:
    """Return the tables that each get one row per form: core.tps, core.result, core.upload."""
    return table("core.tps"), table("core.result"), table("core.upload")


def vote_table() -> Table:
    """Return the table that holds the votes of a form: core.vote."""
    return table("core.vote")


def form_columns(tables: Sequence[Table] | None = None) -> list[str]:
    """Return every column of a form, each once, without the columns of origin."""
    names = (f.name for t in (tables or form_tables()) for f in t.fields if f.name not in PROVENANCE)
    return list(dict.fromkeys(names))


def join_texts(texts: Sequence[FormText]) -> FormText:
    """Join several texts of one shape: each statement on a text costs as much as thousands of forms.

    `unreadable` then refers to the row numbers of the joined text.
    """
    if len(texts) == 1:
        return texts[0]
    first = texts[0]
    starts = list(accumulate((t.n_rows for t in texts), initial=0))[:-1]
    unreadable = [line + start for text, start in zip(texts, starts, strict=True) for line in text.unreadable]
    if all(len(t.files) == 1 and t.relation == first.relation for t in texts):
        # One reader over all files is faster than one reader per file.
        relation, files = first.relation, tuple(f for t in texts for f in t.files)
        piece, file, start = "file_index", _nth(t.source_file for t in texts), _nth(map(str, starts))
    else:
        relation, files = f"({' union all by name '.join(map(_piece, texts, starts, count()))})", ()
        piece, file, start = "piece", "piece_file", "piece_start"
    return replace(
        first,
        relation=relation,
        files=files,
        source_file=file,
        source_row=f"{LINE} - {start}" if first.source_row == LINE else first.source_row,
        piece=piece,
        n_read=_total(t.n_read for t in texts),
        n_lost=_total(t.n_lost for t in texts),
        unreadable=tuple(unreadable),
    )


def _nth(values: Iterable[str]) -> str:
    return f"[{', '.join(values)}][file_index + 1]"


def _piece(text: FormText, start: int, number: int) -> str:
    added = f"{text.source_file} as piece_file, {start} as piece_start, {number} as piece"
    return f"select *, {added} from ({text.rows})"  # noqa: S608 (declared by a source)


def _total(counts: Iterator[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for file, n in one.items():
            total[file] = total.get(file, 0) + n
    return total


def batches(texts: Sequence[FormText], max_rows: int) -> Iterator[FormText]:
    """Yield adjacent texts of one shape, joined up to `max_rows` rows; texts with area names are all joined."""
    shape = lambda t: (t.areas, t.source, t.columns, t.pairs, t.votes, t.source_row)  # noqa: E731
    for (areas, *_), group in groupby(texts, shape):
        waiting: list[FormText] = []
        for text in group:
            if waiting and areas == CODES and sum(t.n_rows for t in waiting) + text.n_rows > max_rows:
                yield join_texts(waiting)
                waiting = []
            waiting.append(text)
        yield join_texts(waiting)
