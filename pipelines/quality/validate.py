"""Validate one table: text in, typed rows out, and every problem on the way, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..catalog import Table
from ..catalog.messages import Message
from ..catalog.records import QUARANTINED, problem_frame
from . import messages
from .cast import Cast, cast
from .checks import check_rows
from .conditions import Condition, conditions
from .engine import EngineError, Later, failing_rows
from .findings import PROVENANCE, Findings


@dataclass(frozen=True)
class Validated:
    """Outcome for the rows of one table: rows of the text = rows of `typed` + quarantined rows.

    Attributes:
        typed: kept rows with the dtypes of `cast.DTYPES`, without private columns.
        problems: one row per broken condition of a row (columns of `meta.quarantine`).
        checks: one row per check (columns of `meta.checks`).
    """

    typed: pd.DataFrame
    problems: pd.DataFrame
    checks: pd.DataFrame


def validate(
    table: Table,
    text: pd.DataFrame,
    references: Mapping[str, pd.DataFrame],
    unreadable: pd.DataFrame | None = None,
    later: Later | None = None,
) -> Validated:
    """Cast and check the rows of one table.

    Args:
        table: its declaration.
        text: (n rows) declared columns as text ('' = empty), `source_file` text, `source_row` int.
        references: full name -> typed rows of every other table that its foreign keys reference.
        unreadable: problems of rows that could not be split into columns; they count towards the threshold.
        later: where Great Expectations checks (`engine.failing_rows`).

    Raises:
        EngineError: the validation itself cannot be trusted.
        CatalogError: a declared rule is not valid SQL.
    """
    text = text.reset_index(drop=True)
    found = Findings(table, text)
    _exact_duplicates(found)
    distinct = np.array([i for i in range(len(text)) if i not in found.refused], dtype=np.int64)
    done = cast(table, text.iloc[distinct].reset_index(drop=True))
    _refused_cells(found, done, distinct)
    wanted = conditions(table)
    broken = failing_rows(table, wanted, done.frame, references, later)
    known = _known_values(table, done.frame, references)
    for index, rows in broken.items():
        _broken_condition(found, wanted[index], distinct[rows], known)
    kept = np.array([i not in found.refused for i in distinct], dtype=bool)
    kept = _drop_orphans(found, done.frame, kept, distinct)
    typed = done.frame[kept].drop(columns=[f.name for f in table.fields if f.is_private])
    typed = typed.reset_index(drop=True)
    problems = problem_frame(sorted(found.rows, key=lambda r: (r["source_file"], r["source_row"])))
    _reconcile(text, typed, problems)
    # A superseded answer is not a data error, so it does not count towards the threshold.
    lost = problem_frame() if unreadable is None else unreadable[unreadable["rule"] != "superseded"]
    n_unreadable = len(lost.drop_duplicates(list(PROVENANCE)))
    checks = check_rows(table, wanted, found.counts, len(text), len(typed), n_unreadable)
    return Validated(typed, problems, checks)


def _exact_duplicates(found: Findings) -> None:
    columns = [c for c in found.text.columns if c not in PROVENANCE]
    groups = found.text.groupby(columns, sort=False, dropna=False).ngroup() if len(found.text) else None
    if groups is None or groups.is_unique:
        return
    first: dict[int, int] = {}
    files, lines = (found.text[name].to_list() for name in PROVENANCE)
    for position, group in enumerate(groups):
        origin = first.setdefault(group, position)
        if origin != position:
            words = messages.duplicate(files[origin], int(lines[origin]))
            found.add(position, "duplicate_row", (), words, "duplicate_row")


def _refused_cells(found: Findings, done: Cast, distinct: np.ndarray) -> None:
    for column, bad in done.refused.items():
        kind = found.table.field(column).type
        cells = found.text[column].to_list()
        for position in distinct[bad]:
            words = messages.not_a(kind, cells[position])
            found.add(int(position), "type", (column,), words, f"type({column})")


def _broken_condition(
    found: Findings, condition: Condition, positions: np.ndarray, known: Mapping[str, tuple[str, ...]]
) -> None:
    warn = condition.severity == "warn"
    cells = {c: found.text[c].to_list() for c in condition.columns}
    others = _same_key(found.text, condition, positions) if condition.rule == "unique" else {}
    for position in map(int, positions):
        # A cell already found wrong is not reported again by the rules that use it.
        if any((position, column) in found.cells for column in condition.columns):
            continue
        values = {c: str(cells[c][position]) for c in condition.columns}
        if condition.rule == "unique":
            words, rule = messages.conflict(condition.columns, others[position]), "conflicting_duplicate"
        else:
            words, rule = messages.broken(found.table, condition, values, known), condition.rule
        found.add(position, rule, condition.columns, words, condition.id, warn)


def _same_key(text: pd.DataFrame, condition: Condition, positions: np.ndarray) -> dict[int, list[str]]:
    """Return position -> locations of the other rows with the same key."""
    rows = text.loc[positions]
    same: dict[int, list[str]] = {}
    for _, group in rows.groupby(list(condition.columns), sort=False, dropna=False):
        places = {
            i: f"{f}:{n}"
            for i, f, n in zip(group.index, group["source_file"], group["source_row"], strict=True)
        }
        same |= {int(i): [p for j, p in places.items() if j != i][:5] for i in places}
    return same


def _drop_orphans(found: Findings, typed: pd.DataFrame, kept: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    """Quarantine rows that reference a quarantined row of their own table, until there are none."""
    own = [k for k in found.table.foreign_keys if k.reference == found.table.full_name]
    for key in own * (len(kept) if own and not kept.all() else 0):
        ok = _found_in(typed, key.fields, typed[kept], key.reference_fields).to_numpy()
        orphans = np.flatnonzero(kept & ~ok)
        if not len(orphans):
            break
        for i in orphans:
            words = messages.parent_refused(found.table.full_name)
            check = f"foreign_key({', '.join(key.fields)})"
            found.add(int(distinct[i]), "foreign_key", key.fields, words, check)
        kept = kept & ok
    return kept


def _found_in(
    frame: pd.DataFrame, columns: Sequence[str], target: pd.DataFrame, target_columns: Sequence[str]
) -> pd.Series:
    """Return (n rows) bool: the values of `columns` occur in `target`, or one of them is empty."""
    incomplete = frame[list(columns)].isna().any(axis=1)
    known = pd.MultiIndex.from_frame(target[list(target_columns)].drop_duplicates())
    return pd.Series(pd.MultiIndex.from_frame(frame[list(columns)]).isin(known), frame.index) | incomplete


def _known_values(
    table: Table, typed: pd.DataFrame, references: Mapping[str, pd.DataFrame]
) -> dict[str, tuple[str, ...]]:
    frames = {**references, table.full_name: typed}
    return {
        k.fields[0]: tuple(map(str, frames[k.reference][k.reference_fields[0]].dropna().unique()))
        for k in table.foreign_keys
        if len(k.fields) == 1
    }


def _reconcile(text: pd.DataFrame, typed: pd.DataFrame, problems: pd.DataFrame) -> None:
    """Check per file that rows read = rows kept + rows quarantined; anything else is a bug in this program."""
    gone = problems[problems["disposition"] == QUARANTINED].drop_duplicates(list(PROVENANCE))
    for file, n_read, n_kept, n_gone in _per_file(text, typed, gone):
        if n_read != n_kept + n_gone:
            raise EngineError(
                Message("quality.rows_lost", file=file, n_read=n_read, n_kept=n_kept, n_gone=n_gone)
            )


def _per_file(*frames: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    counts = [f["source_file"].value_counts() for f in frames]
    for file in sorted({str(f) for c in counts for f in c.index}):
        yield (file, *(int(c.get(file, 0)) for c in counts))
