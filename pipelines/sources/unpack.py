"""Unpack what was added, with limits: nothing outside the folder, nothing that grows without end, nothing cut short."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..catalog.messages import Message
from .errors import refuse

CHUNK = 1 << 23
MAX_BYTES = 8 << 30
# Result data packs 3 to 40 times smaller. What packs 300 times smaller holds nothing but one repeated byte.
MAX_RATIO, RATIO_FROM = 300, 1 << 26


def chunks(path: Path, file: str, max_bytes: int = MAX_BYTES) -> Iterator[bytes]:
    """The unpacked content of a plain or gzip file, piece by piece.

    Raises:
        SourceError: the gzip file is cut short or damaged, or unpacks to more than it may.
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
            except (zlib.error, gzip.BadGzipFile) as error:
                raise refuse(
                    file, Message("sources.gzip_damaged", error=error),
                ) from None  # fmt: skip
            if not chunk:
                return
            total += len(chunk)
            check_size(file, total, packed, max_bytes)
            yield chunk


def check_size(file: str, total: int, packed: int, max_bytes: int = MAX_BYTES) -> None:
    """Refuse what unpacks to too much. `total` bytes so far, out of `packed` bytes."""
    if total > max_bytes or (total > RATIO_FROM and total > MAX_RATIO * max(packed, 1)):
        raise refuse(
            file,
            Message("sources.too_large", megabytes=total >> 20, packed=packed),
        )


def zip_members(path: Path, file: str, max_bytes: int = MAX_BYTES) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file in a zip, in order of name; nothing is written to disk.

    Raises:
        SourceError: not a zip, damaged, a name that points outside, or more than it may unpack to.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
            for member in members:
                _stays_inside(file, member.filename)
            # What the directory of the archive says is checked first, what really comes out as it comes.
            check_size(file, sum(m.file_size for m in members), path.stat().st_size, max_bytes)
            total = 0
            for member in members:
                with archive.open(member) as stream:
                    content = stream.read(member.file_size + 1)
                total += len(content)
                check_size(file, total, path.stat().st_size, max_bytes)
                yield member.filename, content
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise refuse(
            file,
            Message("sources.zip_damaged", error=error),
        ) from None


def check_zip(path: Path, file: str, max_bytes: int = MAX_BYTES) -> None:
    """Refuse an archive by what its directory says: paths that point outside, or too much inside.

    Raises:
        SourceError: it must not be used.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise refuse(
            file, Message("sources.zip_unusable", error=error),
        ) from None  # fmt: skip
    for member in members:
        _stays_inside(file, member.filename)
    check_size(file, sum(m.file_size for m in members), path.stat().st_size, max_bytes)


def _stays_inside(file: str, name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
        raise refuse(
            file,
            Message("sources.zip_points_outside", name=name),
            value=name,
        )
