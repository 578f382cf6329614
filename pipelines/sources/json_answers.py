"""JSON answers in any packaging: a tree of files, zip archives, JSON lines, or many answers in one document.

Every answer is one record: `place` numbers the records of a file from 1, in file order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.messages import Message
from .errors import SourceError, refuse
from .inputs import input_paths
from .limits import MAX_DOCUMENT
from .sirekap_record import RecordError
from .unpack import chunks, read_document, zip_members

PATTERNS = ("*.zip", "*.json", "*.json.gz", "*.ndjson", "*.ndjson.gz", "*.jsonl", "*.jsonl.gz")
_LINES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
STATION = re.compile(r"[0-9]{13}")
AREA = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{10}")
# Keys that scrapers use for the code of an answer in a bundle.
CODE_KEYS = ("kode", "code", "kode_tps", "kodeTps", "id_tps", "tps_id")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        file: below data/raw. place: position of the record in the file, from 1. path: URL path of the answer,
            which identifies the contest. body: the raw bytes. given: the parsed value, where it was part of a
            larger document.
    """

    file: str
    place: int
    path: str
    body: bytes
    given: Any = None

    @property
    def code(self) -> str:
        """Code of the station or area; falls back to the file name."""
        return self.path.rsplit("/", 1)[-1].removesuffix(".json")

    def value(self) -> Any:
        """Return the parsed JSON of the answer.

        Raises:
            RecordError: it is not JSON, too deep, or holds text that is not Unicode.
        """
        return parse(self.body) if self.given is None else self.given


def parse(body: bytes) -> Any:
    """Parse JSON and check that it is usable.

    Raises:
        RecordError: it is not JSON, too deep, or holds text that is not Unicode.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"))
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise RecordError("nested too deeply") from None
    except UnicodeEncodeError:
        raise RecordError("a text that is not Unicode (a lone surrogate)") from None
    except ValueError as error:
        raise RecordError(f"not JSON: {str(error)[:120]}") from None
    return value


def answers(folder: Path) -> Iterator[Answer]:
    """Yield every answer below `folder`, ordered by file and path.

    Raises:
        SourceError: a file cannot be unpacked, or is larger than allowed.
    """
    for path in input_paths(folder, PATTERNS, deep=True):
        file = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        yield from answers_of(path, file)


def answers_of(path: Path, file: str) -> Iterator[Answer]:
    """Yield every answer of one file."""
    place = 0
    for where, body, line in _documents(path, file):
        for answer in _split(file, place + 1, where, body):
            place += 1
            yield answer if line is None else Answer(file, line, answer.path, answer.body, answer.given)


def _documents(path: Path, file: str) -> Iterator[tuple[str, bytes, int | None]]:
    """Yield (path, bytes, line number for JSON lines) of every document of a file."""
    if path.suffix.lower() == ".zip":
        for name, body in zip_members(path, file):
            yield name, body, None
    elif path.name.endswith(_LINES):
        yield from _versions(path, file)
    else:
        yield file.removesuffix(".gz"), read_document(path, file), None


def _split(file: str, place: int, path: str, body: bytes) -> Iterator[Answer]:
    """Yield the answers of a document: the document itself, or those of a bundle."""
    whole = Answer(file, place, path, body)
    if STATION.fullmatch(whole.code) or not path.endswith(".json"):
        yield whole
        return
    try:
        value = parse(body)
    except RecordError:
        yield whole  # the caller reports what is wrong with it
        return
    bundle = dict(_bundle(value)) if isinstance(value, dict) else None
    items = list(bundle.items()) if bundle else _listed(value)
    if not items:
        yield Answer(file, place, path, body, value) if value is not None else whole
        return
    above = path.rpartition("/")[0]
    for n, (code, item) in enumerate(items):
        text = json.dumps(item, ensure_ascii=False)[:500].encode()
        yield Answer(file, place + n, f"{above}/{whole.code}/{code}.json", text, item)


def _bundle(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the answers of an object whose keys are station codes."""
    if value and all(STATION.fullmatch(key) for key in value):
        yield from value.items()


def _listed(value: Any) -> list[tuple[str, Any]]:
    """Return the answers of a list in which any item is a result; a list of areas or stations is one answer."""
    if not isinstance(value, list):
        return []
    named = [(code_of(item), item) for item in value]
    # The station list of a village also holds station codes, but no results.
    is_bundle = any(
        isinstance(item, dict) and {"chart", "tungsura", "administrasi", "caleg"} & item.keys()
        for _, item in named
    )
    return [(code or f"item {n}", item) for n, (code, item) in enumerate(named, 1)] if is_bundle else []


def code_of(item: Any) -> str:
    """Return the code that an item of a bundle states, without dots; empty where it states none."""
    if isinstance(item, dict):
        for key in CODE_KEYS:
            if isinstance(item.get(key), str | int) and not isinstance(item[key], bool):
                code = str(item[key]).replace(".", "")
                return code if re.fullmatch(r"[0-9]+", code) else ""
    return ""


def _versions(path: Path, file: str) -> Iterator[tuple[str, bytes, int]]:
    """Yield the last version of every answer in a JSON-lines file; reads it twice to save memory."""
    last: dict[str, int] = {}
    for number, line in lines_of(path, file):
        where, is_there, _ = _line(line, number)
        if is_there:
            last[where] = number
        else:
            last.pop(where, None)
    wanted = set(last.values())
    for number, line in lines_of(path, file):
        if number in wanted:
            where, _, body = _line(line, number)
            yield where, body, number


def _line(line: bytes, number: int) -> tuple[str, bool, bytes]:
    """Return (path, has an answer, its bytes) of a line: a record of `titikrawan acquire` or a bare answer."""
    nowhere = f"line {number}.json"
    try:
        record = json.loads(line)
        if isinstance(record, dict) and "path" in record and "body" in record:
            where = str(record["path"])
            where.encode()
            body = record["body"]
            return where, body is not None, str(body or "").encode()
        if code := code_of(record):
            return f"line {number}/{code}.json" if STATION.fullmatch(code) else nowhere, True, line
    except (ValueError, TypeError, RecursionError):
        pass
    return nowhere, True, line


def lines_of(path: Path, file: str) -> Iterator[tuple[int, bytes]]:
    """Yield (number, line) of the lines that are not blank."""
    rest, number = b"", 0
    for chunk in chunks(path, file):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_DOCUMENT:
            raise _too_long(file, number + len(whole) + 1)
        for line in whole:
            number += 1
            if line.strip():
                yield number, line
    if rest.strip():
        yield number + 1, rest


def _too_long(file: str, line: int) -> SourceError:
    size = MAX_DOCUMENT >> 20
    return refuse(
        file,
        Message("sources.long_line", size=size),
        line=line,
    )
