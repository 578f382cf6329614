"""Edits of results after publication: differences between stored versions of a station's answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

from ..storage import SharedStorage
from .records import RESULT, Record, read_records

if TYPE_CHECKING:
    import pandas as pd

STATUS = "http_status"


@dataclass(frozen=True)
class Change:
    """One figure that differs between two consecutive versions.

    Attributes:
        contest, tps: contest and polling station (TPS) of the result.
        field: path inside the answer, e.g. `chart.100025`; `http_status` where the whole answer appeared or
            was withdrawn.
        change: `published` (nothing before), `edited` (a value before and after) or `withdrawn` (nothing
            after).
        before, after: values as JSON; empty where the key did not exist.
        first_seen: when the earlier version was first seen (UTC); changed_at: when the later one was.
        modified: `Last-Modified` of the later version, if the server gave one.
    """

    contest: str
    tps: str
    field: str
    change: str
    before: str
    after: str
    first_seen: str
    changed_at: str
    modified: str


COLUMNS = tuple(f.name for f in fields(Change))


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf of a JSON value with its path; empty containers and null count as leaves."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from flatten(inner, f"{path}[{position}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False, sort_keys=True)


_NOTHING = frozenset({"", "null", "{}", "[]"})


def _kind(before: str, after: str) -> str | None:
    if before in _NOTHING:
        return None if after in _NOTHING else "published"
    return "withdrawn" if after in _NOTHING else "edited"


def between(before: Record, after: Record) -> Iterator[Change]:
    """Yield the changes from one version of an answer to the next, field by field."""
    if before.is_present and after.is_present:
        old, new = dict(flatten(before.value())), dict(flatten(after.value()))
    else:
        old, new = ({STATUS: str(r.status) if r.is_present else ""} for r in (before, after))
    for field in sorted(old.keys() | new.keys()):
        was, now = old.get(field, ""), new.get(field, "")
        if was != now and (kind := _kind(was, now)):
            yield Change(
                after.contest,
                after.code,
                field,
                kind,
                was,
                now,
                before.fetched_at,
                after.fetched_at,
                after.last_modified,
            )


def changes_of(records: Iterable[Record]) -> Iterator[Change]:
    """Yield the changes among one village's versions, ordered by polling station and time."""
    previous: Record | None = None
    for record in records:
        if record.kind != RESULT:
            continue
        if previous is not None and previous.code == record.code:
            yield from between(previous, record)
        previous = record


def read_changes(store: SharedStorage, contest: str, area: str = "") -> Iterator[Change]:
    """Yield all recorded changes below a province, regency or district (empty: all), village by village."""
    from .tree import ancestors

    for name in store.names("/".join(["hhcw", contest, *ancestors(area)])):
        yield from changes_of(read_records(store, name))


def changes_csv(changes: Iterable[Change]) -> tuple[bytes, int]:
    """Return the table as CSV (UTF-8, header, `\\n`) and its number of rows."""
    text, count = io.StringIO(newline=""), 0
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change in changes:
        writer.writerow(astuple(change))
        count += 1
    return text.getvalue().encode(), count


def changes_frame(store: SharedStorage, contest: str, area: str = "") -> pd.DataFrame:
    """Return the changes below an area as a text frame, one row per polling station, field and time."""
    import pandas as pd

    rows = [astuple(change) for change in read_changes(store, contest, area)]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
