"""A folder that all workers reach: of this machine, shared, or in an object store; any address of fsspec."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .place_error import PlaceError


def shown(address: str) -> str:
    """The address as messages may show it: without a name and password of `protocol://name:password@host/`."""
    return re.sub(r"(?<=://)[^/]*@", "", address).partition("?")[0]


class Place:
    """Files below an address, such as `/mnt/shared/parts`, `file:///mnt/shared/parts` or `s3://bucket/parts`.

    A file appears whole or not at all: on disk it is written aside and moved, an object store does so by nature.
    Every method raises PlaceError where the place does not do its part.
    """

    def __init__(self, address: str) -> None:
        self._shown = shown(address)
        with self._told():
            # Late: it comes with Prefect and is only needed for mapped tasks.
            from fsspec.core import url_to_fs

            self._files, root = url_to_fs(address)
        self._root = str(root).rstrip("/")
        self._is_here = "file" in self._protocols()

    def _protocols(self) -> tuple[str, ...]:
        protocol = self._files.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What a library of fsspec raises may quote requests and their headers: none of it gets out."""
        try:
            yield
        except Exception as error:
            raise PlaceError.of(error, self._shown) from None

    def put(self, source: Path, name: str) -> None:
        """Copy a file of this machine to the place."""
        target = f"{self._root}/{name}"
        with self._told():
            if not self._is_here:
                # No makedirs: to s3fs it means a bucket, and a bucket with a misspelt name is not ours to create.
                self._files.put_file(str(source), target)
                return
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            aside = f"{target}.{os.getpid()}.new"
            self._files.put_file(str(source), aside)
            Path(aside).replace(target)

    def get(self, name: str, folder: Path) -> Path:
        """A file of the place as a file of this machine: itself where it is one, else a copy below `folder`."""
        if self._is_here:
            return Path(self._root) / name
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            self._files.get_file(f"{self._root}/{name}", str(target))
        return target

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        with self._told():
            self._files.invalidate_cache()
            return bool(self._files.exists(f"{self._root}/{name}"))

    def put_json(self, value: Any, name: str) -> None:
        """Leave a small value."""
        with TemporaryDirectory() as folder:
            aside = Path(folder) / "value.json"
            aside.write_text(json.dumps(value), encoding="utf-8")
            self.put(aside, name)

    def get_json(self, name: str) -> Any:
        """Read what `put_json` left."""
        with self._told():
            return json.loads(self._files.cat_file(f"{self._root}/{name}"))

    def folders(self) -> list[str]:
        """Names of the folders directly below the address."""
        with self._told():
            self._files.invalidate_cache()
            found = self._files.ls(self._root, detail=True)
        return sorted(f["name"].rstrip("/").rpartition("/")[2] for f in found if f["type"] == "directory")

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it; nothing to do where it is not there."""
        if self.has(name):
            with self._told():
                self._files.rm(f"{self._root}/{name}", recursive=True)

    def remove_empty(self, name: str) -> None:
        """Remove a folder unless something is in it; an object store has no empty ones."""
        with suppress(OSError):
            self._files.rmdir(f"{self._root}/{name}")
