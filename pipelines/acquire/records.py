"""Answers on disk: compressed lines of JSON, one per version of an address, written whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ..catalog.messages import Message
from ..storage import SharedStorage
from .content import check_list
from .errors import AcquireError

AREAS, RESULT = "areas", "result"


@dataclass(frozen=True)
class Record:
    """One version of what an address answered.

    Attributes:
        kind: `areas` (list of areas below `code`) or `result` (of polling station `code`).
        contest: `ppwp`, …; empty for lists.
        code: area or polling station.
        path: address below the base address.
        status: 200, or 404 / 410 where the server said that there is nothing.
        etag, last_modified: as the server gave them, for asking again; empty when it gave none.
        fetched_at: when this version was first seen, UTC, ISO 8601 with `Z`.
        sha256: of the bytes of the answer, unpacked; empty for 404.
        body: the answer as it was, as text; None for 404.
    """

    kind: str
    contest: str
    code: str
    path: str
    status: int
    etag: str
    last_modified: str
    fetched_at: str
    sha256: str
    body: str | None

    @property
    def is_present(self) -> bool:
        return self.status == 200

    def value(self) -> Any:
        """The answer as JSON; None where the server said that there is nothing.

        Raises:
            AcquireError: somebody changed the file.
        """
        try:
            return None if self.body is None else json.loads(self.body.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise _damaged(self.path, error) from None

    def line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"


def from_line(line: str) -> Record:
    """A Record from its line; raises ValueError or TypeError when the line is not one."""
    record = Record(**json.loads(line))
    texts = (record.contest, record.code, record.path, record.etag, record.last_modified, record.fetched_at)
    if record.kind not in (AREAS, RESULT) or not all(isinstance(t, str) for t in (*texts, record.sha256)):
        raise ValueError("not a record of an answer")
    if not isinstance(record.status, int) or not isinstance(record.body, str | None):
        raise TypeError("not a record of an answer")
    if record.kind == AREAS and record.body is not None:
        check_list(json.loads(record.body.removeprefix("\ufeff")))
    record.line().encode()  # a lone surrogate could never be written again
    return record


def _damaged(name: str, error: Exception) -> AcquireError:
    said = str(error).encode("utf-8", "backslashreplace").decode()
    return AcquireError(Message("acquire.damaged_file", name=name, error=said))


def now() -> str:
    """This second, UTC, as records carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack(records: Iterable[Record]) -> bytes:
    """The bytes of a file: lists first, then by code, versions in order of time; equal input, equal bytes."""
    rank = {AREAS: 0, RESULT: 1}
    ordered = sorted(records, key=lambda r: (rank[r.kind], r.code))  # stable: versions keep their order
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as stream:
        for record in ordered:
            stream.write(record.line().encode())
    return buffer.getvalue()


def unpack(data: bytes, name: str) -> Iterator[Record]:
    """The records of a file's bytes.

    Raises:
        AcquireError: the file is damaged (cannot happen by an interruption, since files are replaced whole).
    """
    try:
        # Not splitlines(): a text may hold U+2028, which is a line break to it and none to JSON.
        for line in gzip.decompress(data).decode().split("\n"):
            if line:
                yield from_line(line)
    except (EOFError, OSError, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise _damaged(name, error) from error


def read_records(store: SharedStorage, name: str) -> list[Record]:
    """All versions kept in file `name`; empty when there is no such file."""
    data = store.read(name)
    return [] if data is None else list(unpack(data, name))


def latest(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """The newest version per (kind, code)."""
    return {(r.kind, r.code): r for r in records}
