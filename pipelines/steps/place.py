"""A folder that all workers reach: of this machine, shared, or in an object store; any address of fsspec."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Place:
    """Files below an address, such as `/mnt/shared/parts`, `file:///mnt/shared/parts` or `s3://bucket/parts`.

    A file appears whole or not at all: on disk it is written aside and moved, an object store does so by nature.
    """

    def __init__(self, address: str) -> None:
        from fsspec.core import url_to_fs  # late: it comes with Prefect and is only needed for mapped tasks

        self._files, root = url_to_fs(address)
        self._root = str(root).rstrip("/")
        self._is_here = "file" in self._protocols()

    def _protocols(self) -> tuple[str, ...]:
        protocol = self._files.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)

    def put(self, source: Path, name: str) -> None:
        """Copy a file of this machine to the place."""
        target = f"{self._root}/{name}"
        self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
        if not self._is_here:
            self._files.put_file(str(source), target)
            return
        aside = f"{target}.{os.getpid()}.new"
        self._files.put_file(str(source), aside)
        Path(aside).replace(target)

    def get(self, name: str, folder: Path) -> Path:
        """A file of the place as a file of this machine: itself where it is one, else a copy below `folder`."""
        if self._is_here:
            return Path(self._root) / name
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        self._files.get_file(f"{self._root}/{name}", str(target))
        return target

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        self._files.invalidate_cache()
        return bool(self._files.exists(f"{self._root}/{name}"))

    def put_json(self, value: Any, name: str, folder: Path) -> None:
        """Leave a small value."""
        aside = folder / "value.json"
        aside.write_text(json.dumps(value), encoding="utf-8")
        self.put(aside, name)

    def get_json(self, name: str) -> Any:
        """Read what `put_json` left."""
        return json.loads(self._files.cat_file(f"{self._root}/{name}"))
