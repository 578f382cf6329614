"""The context of every section: the open warehouse, the area, the language, and the sources cited so far."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import LANGUAGES

from ..language import numbers
from ..language.phrases import Phrases
from ..language.words import DASH, Words
from ..model import Cell, Note, Source
from .caveats import texts
from .queries import Area, Con, Election, Release, fetch
from .reads import Reads

Row = Mapping[str, Any]
TABLE = "select 1 as found from duckdb_tables() where schema_name || '.' || table_name = ?"
ALL_TABLES = "select schema_name || '.' || table_name as name from duckdb_tables()"
_ISO_DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d")


@dataclass
class Context:
    """Collects the cited pages and the tables used while sections are built."""

    con: Con
    area: Area
    lang: str
    elections: Mapping[str, Election]
    release: Release
    voting_day: dt.date | None = None
    _numbers: dict[str, int] = field(default_factory=dict)
    _sources: list[Source] = field(default_factory=list)
    _known: dict[str, bool] = field(default_factory=dict)
    _all_tables: frozenset[str] | None = None
    _rows: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    _warned: set[str] = field(default_factory=set)
    tables: dict[str, None] = field(default_factory=dict)
    lists_caveats: bool = False  # the page lists all caveats in one place, so none is shown beside its table

    @property
    def columns(self) -> str:
        """Language suffix of bilingual name columns: `row[f"ground_{ctx.columns}"]`."""
        return LANGUAGES[self.lang].columns

    @property
    def say(self) -> Phrases:
        return Phrases(self.lang)

    @property
    def words(self) -> Words:
        return Words(self.lang)

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(self._sources)

    def rows(self, table: str, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run a query on `{table}`, once for this page; naming the table makes the report print its caveats.

        A table that this warehouse lacks is treated as empty.
        """
        if not self.has(table):
            return []
        self.tables[table] = None
        asked = (sql.replace("{table}", table), repr(parameters))
        if asked not in self._rows:
            self._rows[asked] = fetch(self.con, asked[0], parameters)
        return [dict(row) for row in self._rows[asked]]

    def has(self, *tables: str) -> bool:
        """Return whether the warehouse has all these tables."""
        return all(self._has(table) for table in tables)

    def _has(self, table: str) -> bool:
        """Check one table per query: a page must not depend on whether some unrelated table exists.

        Where nothing is recorded, all tables are listed at once: the list takes as long as one of its rows.
        """
        if not isinstance(self.con, Reads):
            if self._all_tables is None:
                self._all_tables = frozenset(row["name"] for row in fetch(self.con, ALL_TABLES))
            return table in self._all_tables
        if table not in self._known:
            self._known[table] = bool(fetch(self.con, TABLE, [table]))
        return self._known[table]

    def cite(self, row: Row) -> tuple[int, ...]:
        """Return the number of the page cited by a row, in order of first use; empty without a title or URL."""
        url, title = numbers.web_address(row.get("source_url")), numbers.clean(row.get("source_title") or "")
        key = url or title
        if not key:
            return ()
        if key not in self._numbers:
            self._numbers[key] = len(self._sources) + 1
            day = row.get("source_date") or row.get("claim_date")
            written = numbers.long_date(day, self.lang) if isinstance(day, dt.date) else ""
            self._sources.append(Source(self._numbers[key], title or url, written, url))
        return (self._numbers[key],)

    def source_cell(self, row: Row) -> Cell:
        """Return a cell with the source numbers of a row."""
        found = self.cite(row)
        return Cell("" if found else DASH, None, found, "" if found else "muted")

    def election_name(self, election_id: str) -> str:
        """Return the full name of an election; its id where the warehouse does not know it."""
        known = self.elections.get(election_id)
        return known.name if known else numbers.clean(election_id)

    def election_heading(self, election_id: str) -> str:
        """Return the name and voting day of an election."""
        known = self.elections.get(election_id)
        return f"{known.name}, {numbers.long_date(known.voting_date, self.lang)}" if known else election_id

    def plain(self, value: str) -> str:
        """Return a number, a date or one of the few words stored as text, formatted for the language."""
        if value.isdigit() and len(value) < 16:
            return numbers.integer(int(value), self.lang)
        if _ISO_DAY.fullmatch(value):
            return numbers.short_date(dt.date.fromisoformat(value), self.lang)
        if value.replace(" ", "_") in catalog.code_lists()["coverage"]:
            return self.words.label("coverage", value.replace(" ", "_"))
        return numbers.clean(value)

    def caveats(self, *table_names: str) -> tuple[Note, ...]:
        """Return the usage warnings of the tables, for display below them,
        without those already shown on this page."""
        if self.lists_caveats:
            return ()
        found = {k: v for k, v in texts(table_names, self.lang).items() if k not in self._warned}
        self._warned.update(found)
        return (Note(self.say("caveats.beside", texts=" ".join(found.values()))),) if found else ()
