"""Access to files that several processes or machines share: a local folder or any fsspec URL.

Files are written atomically: locally to a temporary file that is then renamed; object stores do so by nature.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .catalog.messages import ENVIRONMENT, USAGE, Message, UserError

_MESSAGES = {
    "absent": "storage.absent",
    "refused": "storage.refused",
    "library": "storage.library",
    "address": "storage.address",
    "failed": "storage.failed",
}
# On these, creating a folder means creating a bucket, and a misspelt bucket name must not create one.
_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl"})


class LockedError(UserError):
    """Another process holds the lock."""

    exit_code = ENVIRONMENT


class StorageError(UserError):
    """A storage location is missing, refuses access or fails.

    Args:
        kind: which message. address: the URL, without secrets. detail: name of the exception, or the system's
            message.
    """

    exit_code = ENVIRONMENT

    def __init__(self, kind: str, address: str, detail: str) -> None:
        code = USAGE if kind == "address" else ENVIRONMENT
        super().__init__(Message(_MESSAGES[kind], address=address, detail=detail), code)
        self.args = (kind, address, detail)  # so that it survives pickling when raised in a worker process
        self.kind = kind

    @classmethod
    def of(cls, error: Exception, address: str) -> StorageError:
        """Return the StorageError for a library's exception; its own message is
        dropped, since it may quote a request."""
        name = type(error).__name__
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            kind = "absent"
        elif isinstance(error, PermissionError) or "Credential" in name:
            kind = "refused"
        elif isinstance(error, ImportError):
            kind = "library"
        elif isinstance(error, ValueError) or "ParamValidation" in name:
            kind = "address"
        else:
            kind = "failed"
        number = error.errno if isinstance(error, OSError) else None
        return cls(kind, address, f"{name}: {os.strerror(number)}" if number else name)


def without_secrets(address: str) -> str:
    """Return the URL for messages: without the user name and password of `protocol://name:password@host/`."""
    return re.sub(r"(?<=://)[^/]*@", "", address).partition("?")[0]


class SharedStorage:
    """Files below a URL or path, such as `/mnt/shared/parts`, `file:///mnt/shared/parts` or
    `s3://bucket/parts`.

    Names are relative, with `/`. Methods raise StorageError when the storage fails.

    Attributes:
        folder: the local folder, None where the URL is remote.
    """

    def __init__(self, address: str | Path, **options: Any) -> None:
        self._shown = without_secrets(str(address))
        self.folder: Path | None = None
        if isinstance(address, Path) or ("://" not in address and "::" not in address):
            self.folder = Path(address)
            return
        with self._told():
            # Imported late: fsspec takes a tenth of a second to import, and a local folder does not need it.
            from fsspec.core import url_to_fs

            self._files, root = url_to_fs(address, **options)
        self._root = str(root).rstrip("/")
        protocols = (
            {self._files.protocol} if isinstance(self._files.protocol, str) else {*self._files.protocol}
        )
        self._in_buckets = not _BUCKETS.isdisjoint(protocols)
        if protocols & {"file", "local"}:
            self.folder = Path(self._root)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Hide the messages of fsspec libraries, which may quote requests and their headers."""
        try:
            yield
        except StorageError:
            raise
        except Exception as error:
            raise StorageError.of(error, self._shown) from None

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_parent(self, name: str) -> None:
        if not self._in_buckets:
            self._files.makedirs(self._at(name).rpartition("/")[0], exist_ok=True)

    def _write_here(self, name: str, source: Path | bytes) -> None:
        """Replace a local file atomically; concurrent readers see the old or the new one."""
        import shutil

        path = Path(str(self.folder)) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with aside.open("wb") as stream:
                if isinstance(source, bytes):
                    stream.write(source)
                else:
                    with source.open("rb") as given:
                        shutil.copyfileobj(given, stream, 1 << 20)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def put(self, source: Path, name: str) -> None:
        """Copy a local file to the storage."""
        with self._told():
            if self.folder:
                self._write_here(name, source)
            else:
                self._make_parent(name)
                self._files.put_file(str(source), self._at(name))

    def get(self, name: str, folder: Path) -> Path:
        """Return a stored file as a local file: itself if it is local, else a copy below `folder`."""
        if self.folder:
            return self.folder / name
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._files.get_file(self._at(name), str(target))
        return target

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file, None when it does not exist."""
        with self._told():
            try:
                return (
                    (self.folder / name).read_bytes()
                    if self.folder
                    else bytes(self._files.cat_file(self._at(name)))
                )
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file atomically."""
        with self._told():
            if self.folder:
                self._write_here(name, data)
            else:
                self._make_parent(name)
                self._files.pipe_file(self._at(name), data)

    def put_json(self, value: Any, name: str) -> None:
        """Store a small value as JSON."""
        self.write(name, json.dumps(value).encode())

    def get_json(self, name: str) -> Any:
        """Return what `put_json` stored."""
        with self._told():
            if self.folder:
                return json.loads((self.folder / name).read_bytes())
            return json.loads(self._files.cat_file(self._at(name)))

    def has(self, name: str) -> bool:
        """Return whether the file exists."""
        with self._told():
            if self.folder:
                return (self.folder / name).exists()
            self._files.invalidate_cache()
            return bool(self._files.exists(self._at(name)))

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of the files below a folder, sorted; names that begin with a dot are skipped."""
        with self._told():
            if self.folder:
                found = [
                    p.relative_to(self.folder).as_posix()
                    for p in (self.folder / folder).rglob("*")
                    if p.is_file()
                ]
            else:
                self._files.invalidate_cache()
                found = [str(path)[len(self._root) + 1 :] for path in self._files.find(self._at(folder))]
        yield from (name for name in sorted(found) if not any(part[:1] == "." for part in name.split("/")))

    def folders(self) -> list[str]:
        """Return the names of the folders directly below the URL."""
        with self._told():
            if self.folder:
                return sorted(p.name for p in self.folder.iterdir() if p.is_dir())
            self._files.invalidate_cache()
            found = self._files.ls(self._root, detail=True)
        return sorted(f["name"].rstrip("/").rpartition("/")[2] for f in found if f["type"] == "directory")

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with its contents; does nothing if it does not exist."""
        import shutil

        with self._told():
            if not self.folder:
                if self.has(name):
                    self._files.rm(self._at(name), recursive=True)
            elif (path := self.folder / name).is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def remove_empty(self, name: str) -> None:
        """Remove a folder if it is empty; object stores have no empty folders."""
        with suppress(OSError):
            if self.folder:
                (self.folder / name).rmdir()
            else:
                self._files.rmdir(self._at(name))

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Let only one process at a time work on `name`; the lock is released when the process ends, however it
        ends.

        Object stores have no locks: there the flow assigns each area to a single task.

        Raises:
            LockedError: another process holds the lock.
        """
        if not self.folder:
            yield
            return
        import fcntl

        path = self.folder / ".state" / f"{name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LockedError(Message("storage.locked", name=name)) from None
            yield
