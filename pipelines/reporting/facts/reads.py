"""The warehouse as a page sees it: every query is recorded, to tell later whether the page would change.

A page is a function of the code and of the rows it reads. If the code is unchanged and every recorded query
still returns the same rows, the page would come out the same and need not be rebuilt.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import duckdb

from .bulk import Bulk
from .tables import named

Rows = list[tuple[Any, ...]]
Read = tuple[str, str, str]  # id of the query, its parameters as JSON, digest of its rows
_KEPT = 60_000  # rows cached for the next page, over all queries


def digest(text: str) -> str:
    """Return a short fingerprint of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


_digest = lru_cache(1_000)(digest)  # the same few statements recur


@dataclass(frozen=True)
class Result:
    """The fetched rows of a query."""

    description: tuple[tuple[Any, ...], ...]
    rows: Rows

    def fetchall(self) -> Rows:
        """All rows."""
        return self.rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row."""
        return self.rows[0] if self.rows else None


class Reads:
    """A read-only connection that records queries and caches answers for the next page of the same warehouse."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.texts: dict[str, str] = {}
        self._noted: dict[tuple[str, str], str] = {}
        self._answers: OrderedDict[tuple[str, str], tuple[Result, str]] = OrderedDict()
        self._n_rows = 0
        self._bulk = Bulk(con)

    def begin(self) -> None:
        """Forget what the last page read."""
        self._noted = {}

    def noted(self) -> tuple[Read, ...]:
        """Return what was read since `begin`, in order of first use."""
        return tuple((query, parameters, rows) for (query, parameters), rows in self._noted.items())

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Result:
        """Run a query, record it with a digest of the answer, and return the answer."""
        query = _digest(sql)
        self.texts[query] = sql
        key = (query, written(parameters))
        result, found = self._answer(key, sql, parameters)
        self._noted[key] = found
        return result

    def unnoted(self, sql: str) -> Result:
        """Return the answer to a query on which no page depends; runs once."""
        return self._answer((_digest(sql), "[]"), sql, ())[0]

    def gives_the_same(
        self, reads: Iterable[Read], texts: Mapping[str, str], same: frozenset[str] = frozenset()
    ) -> bool:
        """Return whether every recorded query still returns the same rows; a failing query does not.

        `same`: unchanged tables; a query that names no other table need not be run.
        """
        try:
            return all(
                self._answer((query, parameters), texts[query])[1] == rows
                for query, parameters, rows in reads
                if not (tables := named(texts[query])) or tables - same
            )
        except (duckdb.Error, KeyError):
            return False

    def _answer(
        self, key: tuple[str, str], sql: str, parameters: Sequence[Any] | None = None
    ) -> tuple[Result, str]:
        """Return rows and their digest; `parameters` are those written in the key."""
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        if parameters is None:
            parameters = read_back(key[1])
        if (found := self._bulk.answer(sql, parameters)) is not None:
            result = Result(*found)
        else:
            try:
                cursor = self.con.execute(sql, list(parameters))
                result = Result(tuple(cursor.description or ()), cursor.fetchall())
            except RuntimeError as error:
                if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl+C
                    raise KeyboardInterrupt from error
                raise
        self._answers[key] = (result, _digest_of(result))
        self._n_rows += len(result.rows) + 1
        while self._n_rows > _KEPT and len(self._answers) > 1:
            _, (oldest, _) = self._answers.popitem(last=False)
            self._n_rows -= len(oldest.rows) + 1
        return self._answers[key]


def _digest_of(result: Result) -> str:
    """Return a digest of names and rows."""
    return digest(repr(([column[0] for column in result.description], result.rows)))


def written(parameters: Sequence[Any]) -> str:
    """Return parameters as JSON; raises TypeError for a type that could not be read back."""
    if all(type(value) is str for value in parameters):
        return _written_texts(tuple(parameters))
    return json.dumps([_tagged(value) for value in parameters], ensure_ascii=False)


@lru_cache(20_000)
def _written_texts(parameters: tuple[str, ...]) -> str:
    return json.dumps(parameters, ensure_ascii=False)


def _tagged(value: Any) -> Any:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {"date": value.isoformat()}
    if isinstance(value, list | tuple):
        return [_tagged(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a query parameter of type {type(value).__name__} cannot be noted")


def read_back(text: str) -> list[Any]:
    """Return the parameters that `written` wrote."""
    return [_untagged(value) for value in json.loads(text)]


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        return dt.date.fromisoformat(value["date"])
    return [_untagged(item) for item in value] if isinstance(value, list) else value
