"""Read the warehouse (read-only): the area, its surroundings, the elections and the release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import duckdb

from pipelines.catalog.messages import Message
from pipelines.catalog.vocabulary import LANGUAGES

from ..errors import ReportError
from ..language import numbers
from .bulk import WITHIN
from .reads import Reads

Con = duckdb.DuckDBPyConnection | Reads

NATION = "00"
# The level into which a level is divided.
BELOW = {"national": "province", "province": "regency", "regency": "district", "district": "village"}


@dataclass(frozen=True)
class Area:
    """An area of the warehouse; `name` is cleaned for display."""

    code: str
    name: str
    level: str
    parent_code: str | None

    @property
    def is_nation(self) -> bool:
        return self.code == NATION


@dataclass(frozen=True)
class Election:
    """An election: full name in the language, voting day, kind."""

    election_id: str
    name: str
    kind: str
    voting_date: dt.date

    @property
    def short(self) -> str:
        """`pilkada-2017-r2` -> `Pilkada 2017 (2)`: the id, for axes and narrow columns."""
        name, _, rest = self.election_id.partition("-")
        year, _, round_ = rest.partition("-r")
        return numbers.clean(f"{name.capitalize()} {year}" + (f" ({round_})" if round_ else ""))


@dataclass(frozen=True)
class Release:
    """Which data the report shows."""

    release_id: str
    fingerprint: str
    data_date: dt.date
    project_version: str
    seed: int
    is_simulated: bool


def fetch(con: Con, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return all rows of a query as dictionaries."""
    cursor = con.execute(sql, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def area(con: Con, code: str) -> Area:
    """Return the area with that code; raises ReportError with the nearest names if there is none."""
    found = fetch(
        con, "select area_code, name, level, parent_code from ref.areas where area_code = ?", [str(code)]
    )
    if not found:
        near = fetch(
            con,
            "select area_code, name from ref.areas where level in ('national', 'province', 'regency')"
            " order by levenshtein(area_code, ?), area_code limit 3",
            [str(code)],
        )
        hints = ", ".join(f"{row['area_code']} {numbers.clean(row['name'])}" for row in near)
        none = Message("report.no_areas")
        raise ReportError(Message("report.no_area", code=numbers.clean(code), hints=hints or none))
    row = found[0]
    return Area(row["area_code"], numbers.clean(row["name"]), row["level"], row["parent_code"])


def elections(con: Con, lang: str) -> dict[str, Election]:
    """Return all elections by id, oldest first."""
    rows = fetch(con, "select * from ref.elections order by voting_date, election_id")
    return {
        row["election_id"]: Election(
            row["election_id"],
            numbers.clean(row[f"name_{LANGUAGES[lang].columns}"]),
            row["kind"],
            row["voting_date"],
        )
        for row in rows
    }


def release(con: Con) -> Release:
    """Return the release of this warehouse; raises ReportError if it names none."""
    newest = "select {} from meta.release order by release_id desc limit 1"
    lasting = fetch(con, newest.format("project_version, seed, is_simulated"))
    if not lasting:
        raise ReportError(Message("report.no_release"))
    # Not recorded: an unchanged page keeps the release it comes from.
    present = newest.format("release_id, fingerprint, data_date")
    found = con.unnoted(present) if isinstance(con, Reads) else con.execute(present)
    names = [column[0] for column in found.description or ()]
    return Release(**lasting[0], **dict(zip(names, found.fetchall()[0], strict=True)))


def areas(con: Con) -> dict[str, Area]:
    """Return all areas by code, sorted. Not recorded: what a page needs of other areas is in its links."""
    if isinstance(con, Reads):
        if con not in _AREAS:
            _AREAS[con] = areas(con.con)
        return _AREAS[con]
    rows = con.execute(
        "select area_code, name, level, parent_code from ref.areas order by area_code"
    ).fetchall()
    return {code: Area(code, numbers.clean(name), level, parent) for code, name, level, parent in rows}


_AREAS: WeakKeyDictionary[Reads, dict[str, Area]] = WeakKeyDictionary()  # read once per site


def within(here: Area, column: str = "area_code") -> tuple[str, list[Any]]:
    """Return an SQL condition and parameters for `column` lying in the area: the nation contains everything.

    A former province (`64-2015`) is larger than the province that kept its code, so it lies only in itself.
    """
    if here.is_nation:
        return "true", []
    return WITHIN.replace("area_code", column), [here.code, here.code]
