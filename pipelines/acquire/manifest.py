"""One table per regency with the URL, hash and time of every answer, covered by the sidecar's checksums."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator

from ..storage import SharedStorage
from .changes import changes_csv, read_changes
from .content import children
from .records import AREAS, RESULT, Record, latest, read_records
from .settings import Tree
from .tree import ancestors, result_path

COLUMNS = (
    "file",
    "kind",
    "contest",
    "code",
    "path",
    "version",
    "status",
    "sha256",
    "etag",
    "last_modified",
    "fetched_at",
)
Row = tuple[str | int, ...]


def _rows(store: SharedStorage, name: str, tree: Tree) -> Iterator[Row]:
    """Yield the versions in a file, and a row with version 0 for each listed station without an answer yet."""
    version: dict[tuple[str, str], int] = {}
    records = read_records(store, name)
    for r in records:
        key = (r.kind, r.code)
        version[key] = version.get(key, 0) + 1
        seen = (version[key], r.status, r.sha256, r.etag, r.last_modified, r.fetched_at)
        yield (name, r.kind, r.contest, r.code, r.path, *seen)
    if name.startswith("hhcw/"):
        for code in sorted(_listed(records) - {code for kind, code in version if kind == RESULT}):
            contest = name.split("/")[1]
            yield (name, RESULT, contest, code, result_path(tree, contest, code), 0, "", "", "", "", "")


def _listed(records: list[Record]) -> set[str]:
    lists = [r for (kind, _), r in latest(records).items() if kind == AREAS and r.is_present]
    return {code for r in lists for code in children(r.value(), r.code)[0]}


def _table(rows: Iterator[Row]) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as packed:
        text = io.TextIOWrapper(packed, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        text.flush()
        text.detach()
    return buffer.getvalue()


def _write_if_new(store: SharedStorage, name: str, data: bytes) -> None:
    if store.read(name) != data:  # unchanged: keep the modification time, so the next run skips it
        store.write(name, data)


def write_tables(store: SharedStorage, tree: Tree, contest: str, regency: str) -> int:
    """Write `manifest-<contest>-<regency>.csv.gz` and, if there are changes,
    `changes-<contest>-<regency>.csv`.

    Returns:
        Number of changes.
    """
    folder = "/".join(["hhcw", contest, *ancestors(regency)])
    rows = (row for name in store.names(folder) for row in _rows(store, name, tree))
    _write_if_new(store, f"manifest-{contest}-{regency}.csv.gz", _table(rows))
    table, count = changes_csv(read_changes(store, contest, regency))
    if count:
        _write_if_new(store, f"changes-{contest}-{regency}.csv", table)
    return count


def write_list_table(store: SharedStorage, tree: Tree) -> None:
    """Write `manifest-wilayah.csv.gz`: the lists of areas above the villages."""
    rows = (row for name in store.names("wilayah") for row in _rows(store, name, tree))
    _write_if_new(store, "manifest-wilayah.csv.gz", _table(rows))
