"""Unpack added files safely: nothing outside the folder, no decompression bombs, no truncated files."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO

from ..catalog.messages import Message
from .errors import SourceError, refuse
from .limits import MAX_BYTES, MAX_DOCUMENT, MAX_MEMBERS, MAX_NESTING, MAX_RATIO, RATIO_FROM

CHUNK = 1 << 23
# What zipfile raises for archives that are damaged, encrypted or compressed with an unknown method.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError)


def chunks(path: Path, file: str, max_bytes: int = MAX_BYTES) -> Iterator[bytes]:
    """Yield the decompressed content of a plain or gzip file in chunks.

    Raises:
        SourceError: the gzip file is truncated or damaged, or exceeds the size limit when decompressed.
    """
    packed = path.stat().st_size
    total = 0
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[assignment]
        while True:
            try:
                chunk = stream.read(CHUNK)
            except EOFError:
                raise refuse(
                    file,
                    Message("sources.gzip_cut_short", total=total),
                ) from None
            except (zlib.error, OSError) as error:
                raise refuse(
                    file, Message("sources.gzip_damaged", error=error),
                ) from None  # fmt: skip
            if not chunk:
                return
            total += len(chunk)
            check_size(file, total, packed, max_bytes)
            yield chunk


def check_size(file: str, total: int, packed: int, max_bytes: int = MAX_BYTES) -> None:
    """Raise if too much was unpacked: `total` bytes so far, out of `packed` compressed bytes."""
    if total > max_bytes or (total > RATIO_FROM and total > MAX_RATIO * max(packed, 1)):
        raise refuse(
            file,
            Message("sources.too_large", megabytes=total >> 20, packed=packed),
        )


def read_document(path: Path, file: str) -> bytes:
    """Return a whole JSON document, plain or gzip.

    Raises:
        SourceError: it cannot be unpacked, or is too large to be parsed whole.
    """
    found, total = [], 0
    for chunk in chunks(path, file):
        total += len(chunk)
        _check_document(file, file, total)
        found.append(chunk)
    return b"".join(found)


def _check_document(file: str, name: str, size: int) -> None:
    if size > MAX_DOCUMENT:
        raise refuse(
            file,
            Message("sources.document_too_large", name=name, megabytes=MAX_DOCUMENT >> 20),
        )


def zip_members(path: Path, file: str, max_bytes: int = MAX_BYTES) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of every file in a zip, ordered by name; a zip inside it counts as a folder of
    its name.

    Raises:
        SourceError: not a zip, damaged, a name that points outside, or too large when unpacked.
    """
    with path.open("rb") as stream:
        yield from _members(stream, file, path.stat().st_size, max_bytes, 1)


def _members(
    stream: IO[bytes], file: str, packed: int, max_bytes: int, depth: int
) -> Iterator[tuple[str, bytes]]:
    total = 0
    try:
        with zipfile.ZipFile(stream) as archive:
            members = _listed(archive, file, packed, max_bytes)
            for member in members:
                if member.filename.lower().endswith(".zip"):
                    if depth >= MAX_NESTING:
                        raise refuse(
                            file,
                            Message("sources.zip_too_deep", limit=MAX_NESTING),
                        )
                    with archive.open(member) as inner, SpooledTemporaryFile(max_size=CHUNK) as aside:
                        while piece := inner.read(CHUNK):
                            total += len(piece)
                            check_size(file, total, packed, max_bytes)
                            aside.write(piece)
                        aside.seek(0)
                        for name, content in _members(aside, file, packed, max_bytes - total, depth + 1):
                            total += len(content)
                            check_size(file, total, packed, max_bytes)
                            yield f"{member.filename}/{name}", content
                    continue
                _check_document(file, member.filename, member.file_size)
                with archive.open(member) as inner:
                    content = inner.read(member.file_size + 1)
                total += len(content)
                check_size(file, total, packed, max_bytes)
                yield member.filename, content
    except _DAMAGED as error:
        raise refuse(
            file,
            Message("sources.zip_damaged", error=error),
        ) from None


def _listed(
    archive: zipfile.ZipFile, file: str, packed: int, max_bytes: int = MAX_BYTES
) -> list[zipfile.ZipInfo]:
    """Return the members ordered by name, after checking what the archive's directory says about them."""
    members = [
        m
        for m in archive.infolist()
        if not m.is_dir() and not any(part[:1] == "." for part in PurePosixPath(m.filename).parts)
    ]
    for member in archive.infolist():
        _stays_inside(file, member.filename)
    if len(members) > MAX_MEMBERS:
        raise refuse(
            file,
            Message("sources.zip_too_many", limit=MAX_MEMBERS),
        )
    check_size(file, sum(m.file_size for m in members), packed, max_bytes)
    return sorted(members, key=lambda m: m.filename)


def check_zip(path: Path, file: str, max_bytes: int = MAX_BYTES) -> None:
    """Check an archive by its directory: paths that point outside, or too much content.

    Raises:
        SourceError: the archive must not be used.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _listed(archive, file, path.stat().st_size, max_bytes)
    except SourceError:
        raise
    except _DAMAGED as error:
        raise refuse(
            file, Message("sources.zip_unusable", error=error),
        ) from None  # fmt: skip


def _stays_inside(file: str, name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
        raise refuse(
            file,
            Message("sources.zip_points_outside", name=name),
            value=name,
        )
