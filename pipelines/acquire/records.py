"""Stored answers: compressed JSON lines, one per version of a URL, written atomically."""

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
    """One version of the answer at a URL.

    Attributes:
        kind: `areas` (list of areas below `code`) or `result` (of polling station `code`).
        contest: `ppwp`, …; empty for lists.
        code: area or polling station.
        path: path below the base URL.
        status: 200, or 404 / 410 where the server reported that nothing exists.
        etag, last_modified: as the server gave them, for conditional requests; empty when it gave none.
        fetched_at: when this version was first seen, UTC, ISO 8601 with `Z`.
        sha256: of the decompressed bytes of the answer; empty for 404.
        body: the answer verbatim, as text; None for 404.
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
        """Return the answer as JSON; None where the server reported that nothing exists.

        Raises:
            AcquireError: the file was modified by hand.
        """
        try:
            return None if self.body is None else json.loads(self.body.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise _damaged(self.path, error) from None

    def line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"


def from_line(line: str) -> Record:
    """Parse a line into a Record; raises ValueError or TypeError when it is not one."""
    record = Record(**json.loads(line))
    texts = (record.contest, record.code, record.path, record.etag, record.last_modified, record.fetched_at)
    if record.kind not in (AREAS, RESULT) or not all(isinstance(t, str) for t in (*texts, record.sha256)):
        raise ValueError("not a record of an answer")
    if not isinstance(record.status, int) or not isinstance(record.body, str | None):
        raise TypeError("not a record of an answer")
    if record.kind == AREAS and record.body is not None:
        check_list(json.loads(record.body.removeprefix("\ufeff")))
    record.line().encode()  # a lone surrogate could never be written back
    return record


def _damaged(name: str, error: Exception) -> AcquireError:
    said = str(error).encode("utf-8", "backslashreplace").decode()
    return AcquireError(Message("acquire.damaged_file", name=name, error=said))


def now() -> str:
    """Return the current UTC time to the second, in the format of records."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pack(records: Iterable[Record]) -> bytes:
    """Return the bytes of a file: lists first, then by code, versions by time; deterministic."""
    rank = {AREAS: 0, RESULT: 1}
    ordered = sorted(records, key=lambda r: (rank[r.kind], r.code))  # stable sort: versions keep their order
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as stream:
        for record in ordered:
            stream.write(record.line().encode())
    return buffer.getvalue()


def unpack(data: bytes, name: str) -> Iterator[Record]:
    """Yield the records in the bytes of a file.

    Raises:
        AcquireError: the file is damaged (an interruption cannot cause this, since files are replaced
            atomically).
    """
    try:
        # Not splitlines(): it also breaks at U+2028, which JSON allows inside a string.
        for line in gzip.decompress(data).decode().split("\n"):
            if line:
                yield from_line(line)
    except (EOFError, OSError, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise _damaged(name, error) from error


def read_records(store: SharedStorage, name: str) -> list[Record]:
    """Return all versions stored in file `name`; an empty list when the file does not exist."""
    data = store.read(name)
    return [] if data is None else list(unpack(data, name))


def latest(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """Return the newest version per (kind, code)."""
    return {(r.kind, r.code): r for r in records}
