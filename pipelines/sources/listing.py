"""Contents of data/raw: the files of each source, with the rows that the published release took from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .errors import SourceError
from .sidecar import input_files


@dataclass(frozen=True)
class ListedFile:
    """One input file; the counts are None if no published release has read it."""

    name: str
    n_bytes: int
    accessed: date | None
    n_read: int | None = None
    n_kept: int | None = None
    n_quarantined: int | None = None


@dataclass(frozen=True)
class ListedSource:
    """One folder of data/raw; `problem` says in both languages why its sidecar cannot be read."""

    source: str
    title: str
    licence: str
    files: tuple[ListedFile, ...]
    problem: Mapping[str, str] | None = None


def listing(raw: Path, database: Path) -> list[ListedSource]:
    """Return every source below `raw`, ordered by name."""
    counts = _counts(database)
    found = []
    for folder in (
        sorted(p for p in raw.iterdir() if p.is_dir() and p.name[:1] != ".") if raw.is_dir() else []
    ):
        try:
            listed = list(input_files(folder))
        except SourceError as error:
            found.append(ListedSource(folder.name, folder.name, "?", (), error.message))
            continue
        files = tuple(
            ListedFile(
                one.file,
                one.n_bytes,
                one.accessed,
                *counts.get((f"{folder.name}/{one.file}", one.sha256), ()),
            )
            for one in listed
        )
        title = next((one.title for one in listed), folder.name)
        found.append(ListedSource(folder.name, title, next((one.licence for one in listed), "?"), files))
    return found


def _counts(database: Path) -> dict[tuple[str, str], tuple[int | None, int | None, int | None]]:
    """Return (file, sha256) -> rows read, kept and quarantined in the release."""
    if not database.exists():
        return {}
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True) as con:
            rows = con.execute(
                "select source_file, sha256, n_read, n_kept, n_quarantined from meta.inputs"
            ).fetchall()
    except duckdb.Error:
        return {}
    return {(str(file), str(digest)): (read, kept, gone) for file, digest, read, kept, gone in rows}
