"""Which files below a folder count as inputs: the one filter for readers, sidecars, fingerprints and `add`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

SIDECAR = "datapackage.json"


def is_hidden(relative: PurePath) -> bool:
    """Return whether a part of the path begins with a dot: lock files, progress files, unfinished writes."""
    return any(part[:1] == "." for part in relative.parts)


def is_input(relative: PurePath) -> bool:
    """Return whether a path below a source's folder is data: neither hidden nor the sidecar."""
    return relative.name != SIDECAR and not is_hidden(relative)


def input_paths(folder: Path, patterns: Iterable[str] = ("*",), deep: bool = False) -> list[Path]:
    """Return the files of a source's folder that match one of the patterns, sorted by name.

    Args:
        deep: include subfolders.
    """
    return sorted({p for p in _walk(folder, deep) if any(p.match(pattern) for pattern in patterns)})


def _walk(folder: Path, deep: bool) -> Iterator[Path]:
    for path in folder.rglob("*") if deep else folder.glob("*"):
        if is_input(path.relative_to(folder)) and path.is_file():
            yield path
