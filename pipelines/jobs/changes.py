"""Changes between two releases in words: the ten most important ones, and those that look like a mistake.

Suspicious are changes that rarely happen to a correct record: a falling count, an area that is no longer known,
a table that loses more than a twentieth of its rows. Added or removed columns and tables are not suspicious.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.catalog import code_lists
from pipelines.catalog.messages import Given, Message, Text
from pipelines.catalog.printable import printable
from pipelines.catalog.vocabulary import LANGS, codes
from pipelines.warehouse.compare import AFTER, BEFORE, NONE, TableChange, has

MOST = 10
MOST_LOST = 0.05  # share of its rows that a table may lose
ZEROS, PLACES = "mart.three_zeros", "mart.first_places"
# Tables whose added or removed rows matter most to readers.
TOLD = ("core.revote_claim", "core.dispute_case", "core.recap_milestone", "mart.incidents", "core.tps")


@dataclass(frozen=True)
class Note:
    """One change in words. `weight`: larger is more important."""

    kind: str
    text: Text
    table: str
    election_id: str = NONE
    area_code: str = NONE
    is_suspicious: bool = False
    weight: tuple[int, ...] = ()


def notes(con: duckdb.DuckDBPyConnection, tables: Sequence[TableChange]) -> list[Note]:
    """Return every change worth a sentence: suspicious ones first, then by importance.

    Args:
        con: from `compare.side_by_side`. tables: from `compare.compare`.
    """
    found = [*_shrunk(tables), *_values(con), *_places(con), *_rows(tables)]
    return sorted(found, key=lambda one: (one.is_suspicious, one.weight), reverse=True)


def _shrunk(tables: Iterable[TableChange]) -> Iterator[Note]:
    for one in tables:
        if one.n_before is None or one.n_after is None or one.table.startswith("meta."):
            continue
        if one.n_after < one.n_before * (1 - MOST_LOST):
            text = Message("jobs.change_shrunk", table=one.table, before=one.n_before, after=one.n_after)
            yield Note("table_shrank", text, one.table, is_suspicious=True, weight=(9, one.n_before))


# Rows of the three zeros that changed; a missing row counts as "no data".
_ZEROS = f"""
with old as (select election_id, area_code, outcome, area_name, level, value, coverage from {BEFORE}.{ZEROS}),
new as (select election_id, area_code, outcome, area_name, level, value, coverage from {AFTER}.{ZEROS}),
names as (
    select election_id, name_id, name_en from {AFTER}.ref.elections
    union
    select election_id, name_id, name_en from {BEFORE}.ref.elections
    where election_id not in (select election_id from {AFTER}.ref.elections)
)
select
    election_id, area_code, outcome, coalesce(new.area_name, old.area_name) as area_name,
    coalesce(new.level, old.level) as level, old.value as before, new.value as after, names.name_id, names.name_en
from old full join new using (election_id, area_code, outcome) left join names using (election_id)
where old.value is distinct from new.value
order by all
"""  # noqa: S608 (constants)


def _values(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    columns = ("election_id", "area_code", "outcome", "area_name", "level", "value", "coverage")
    if not (has(con, ZEROS, *columns) and has(con, "ref.elections", "election_id", "name_id", "name_en")):
        return
    order = {level: len(codes("level")) - at for at, level in enumerate(codes("level"))}
    for row in _fetch(con, _ZEROS):
        before, after = row["before"], row["after"]
        size = abs((after or 0) - (before or 0))
        about = _said(row)
        if after is None:
            kind, text = "became_unknown", Message("jobs.change_unknown", before=before, **about)
        elif before is None:
            kind, text = "became_known", Message("jobs.change_known", after=after, **about)
        else:
            kind = "fell" if after < before else "rose"
            text = Message("jobs.change_value", before=before, after=after, **about)
        yield Note(
            kind,
            text,
            ZEROS,
            row["election_id"],
            row["area_code"],
            is_suspicious=kind in ("became_unknown", "fell"),
            weight=(8 if after is None else 7, order.get(row["level"], 0), size),
        )


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    outcome = code_lists()["outcome"].get(row["outcome"], {})
    named = {lang: row[f"name_{lang}"] or row["election_id"] for lang in LANGS}
    return {
        "area": one_line(row["area_name"]),
        "election": Given({lang: one_line(name) for lang, name in named.items()}),
        "outcome": Given({lang: outcome.get(f"short_{lang}", row["outcome"]) for lang in named}),
        "unit": Given({lang: outcome.get(f"unit_{lang}", "") for lang in named}),
    }


_PLACES = f"""
with old as (select parent_code, area_code, area_name, rank from {BEFORE}.{PLACES}),
new as (select parent_code, area_code, area_name, rank from {AFTER}.{PLACES})
select
    parent_code, area_code, coalesce(new.area_name, old.area_name) as area_name, old.rank as before, new.rank as after,
    coalesce(parent.name, parent_code) as parent_name
from old full join new using (parent_code, area_code)
left join {AFTER}.ref.areas as parent on parent.area_code = parent_code
where old.rank is null or new.rank is null
order by all
"""  # noqa: S608 (constants)


def _places(con: duckdb.DuckDBPyConnection) -> Iterator[Note]:
    """Yield the areas that join or leave the list of places to look at first."""
    if not has(con, PLACES, "parent_code", "area_code", "area_name", "rank"):
        return
    if not has(con, "ref.areas", "area_code", "name"):
        return
    for row in _fetch(con, _PLACES):
        about = {"area": one_line(row["area_name"]), "parent": one_line(row["parent_name"])}
        is_new = row["before"] is None
        text = (
            Message("jobs.change_place_new", rank=row["after"], **about)
            if is_new
            else Message("jobs.change_place_gone", rank=row["before"], **about)
        )
        rank = int(row["after"] if is_new else row["before"])
        kind = "place_new" if is_new else "place_gone"
        yield Note(
            kind, text, PLACES, area_code=row["area_code"], weight=(6, -len(row["parent_code"]), -rank)
        )


def _rows(tables: Iterable[TableChange]) -> Iterator[Note]:
    for one in tables:
        added, removed, changed = (one.total(name) for name in ("n_added", "n_removed", "n_changed"))
        if not (added or removed or changed) or one.table.startswith("meta."):
            continue
        text = Message("jobs.change_rows", table=one.table, added=added, removed=removed, changed=changed)
        is_told = one.table in TOLD
        yield Note("rows", text, one.table, weight=(5 if is_told else 1, added + removed + changed))


def one_line(text: Any) -> str:
    """Return a name as one line, without terminal control characters."""
    return " ".join(printable(text).split())


def _fetch(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def shown(found: Sequence[Note]) -> list[Note]:
    """Return the ten changes to report. A change of a district also changes its regency, its province and the
    nation; so of the values of one election that moved in one direction, more than three are reported only if
    there is room."""
    first: list[Note] = []
    later: list[Note] = []
    seen: dict[tuple[str, str], int] = {}
    for note in found:
        key = (note.kind, note.election_id)
        seen[key] = seen.get(key, 0) + 1
        (first if note.table != ZEROS or seen[key] <= 3 else later).append(note)
    kept = {id(note) for note in (*first, *later)[:MOST]}
    return [note for note in found if id(note) in kept]
