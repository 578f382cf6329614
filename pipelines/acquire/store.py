"""Where answers are kept: a folder of this machine, or any place fsspec reaches (shared disk, object store).

A file is replaced whole. On this machine it is written aside and moved (`os.replace`); object stores do the
same by nature: an object appears when its upload is complete.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol

from ..catalog.messages import Message
from .errors import BusyError


class Store(Protocol):
    """Named files with bytes; names are relative, with `/`."""

    def read(self, name: str) -> bytes | None: ...
    def write(self, name: str, data: bytes) -> None: ...
    def remove(self, name: str) -> None: ...
    def names(self, folder: str) -> Iterator[str]: ...
    def locked(self, name: str) -> AbstractContextManager[None]: ...


class Folder:
    """A Store in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None when there is none."""
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file whole; whoever reads meanwhile sees the old or the new one."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with aside.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def names(self, folder: str) -> Iterator[str]:
        """Names of the files below a folder, sorted; those that begin with a dot are none of ours."""
        for path in sorted((self.root / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.root).as_posix()

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Let only one process at a time work on `name`; the lock ends with the process, however it ends.

        Raises:
            BusyError: another process has it.
        """
        import fcntl

        path = self.root / ".state" / f"{name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(
                    Message("acquire.busy", name=name),
                ) from None
            yield


_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl"})


class Remote:
    """A Store at an address of fsspec, e.g. `s3://bucket/folder`."""

    def __init__(self, address: str, **options: Any) -> None:
        from fsspec.core import url_to_fs

        self._files, root = url_to_fs(address, **options)
        self._root = root.rstrip("/")
        protocol = self._files.protocol
        # There a folder to be made means a bucket, and a bucket with a misspelt name is not ours to create.
        self._in_buckets = not _BUCKETS.isdisjoint((protocol,) if isinstance(protocol, str) else protocol)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self._files.cat_file(self._at(name)))
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        if not self._in_buckets:
            self._files.makedirs(self._at(name).rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(self._at(name), data)

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._files.rm_file(self._at(name))

    def names(self, folder: str) -> Iterator[str]:
        self._files.invalidate_cache()
        for path in sorted(self._files.find(self._at(folder))):
            name = str(path)[len(self._root) + 1 :]
            if not name.rpartition("/")[2].startswith("."):
                yield name

    def locked(self, name: str) -> AbstractContextManager[None]:
        """No lock: object stores have none. The flow gives each area to one task only."""
        return nullcontext()


def open_store(place: str | Path) -> Store:
    """A Folder for a path, a Remote for an address with `://`."""
    return Remote(place) if isinstance(place, str) and "://" in place else Folder(Path(place))
