"""Import offices' workbooks into data/raw/own; return rows with problems in a marked copy."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.messages import Message, UserError
from pipelines.catalog.vocabulary import INBOX
from pipelines.catalog.workbooks import workbooks
from pipelines.sources import seal
from pipelines.workbooks.cells import open_book
from pipelines.workbooks.mark import SUFFIX, marked_name, write_marked
from pipelines.workbooks.read import Reading, guess_kind, read_book
from pipelines.workbooks.register import read_register
from pipelines.workbooks.text import slug

OWN = "own"
TAKEN = ".diterima.json"
_KINDS = (".xlsx", ".ods", ".csv", ".xls", ".xlsm", ".xlsb")


@dataclass(frozen=True)
class Taken:
    """Result of importing one workbook: the file with its valid rows, the
    marked copy if any, and what was replaced."""

    reading: Reading
    file: Path | None
    marked: Path | None
    n_replaced: int


def take(
    root: Path, path: Path, kind_name: str = "", election: str = "", within: str = "", lang: str = "id"
) -> Taken:
    """Read a workbook, store its valid rows below data/raw/own, and write a marked copy beside it if rows were
    rejected.

    Adding a workbook of the same name again, or its corrected marked copy, replaces its rows.

    Args:
        kind_name: one of the declared kinds; empty: the one its columns fit.
        election, within: values that the sheets do not state.

    Raises:
        WorkbookError: the workbook cannot be read.
    """
    raw = root / "data" / "raw"
    book = open_book(path)
    kind = workbooks().kinds[kind_name] if kind_name else guess_kind(book)
    name = path.stem.removesuffix(SUFFIX)
    reading = read_book(book, kind, read_register(raw / "register"), election, within, name)
    target = raw / OWN / f"{kind.name}--{slug(name)}.csv"
    n_replaced = _count(target)
    written = _write(target, reading)
    marked = None
    if reading.problems or reading.warnings:
        marked = write_marked(book, reading, path.with_name(marked_name(path)), lang)
    return Taken(reading, written, marked, n_replaced)


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


def _write(target: Path, reading: Reading) -> Path | None:
    """Write the valid rows as CSV atomically; without any, remove the file of an earlier workbook."""
    if not reading.rows:
        if target.exists():
            target.unlink()
            seal(target.parent)
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.new")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        columns = [f.name for f in reading.kind.table.source_fields]
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(reading.rows)
    aside.replace(target)
    seal(target.parent)
    return target


def take_inbox(root: Path, on_notice: Callable[[Mapping[str, str]], None], lang: str = "id") -> int:
    """Import new or changed workbooks from data/raw/inbox; returns the number of workbooks processed.

    A notice is written beside each one, and a marked copy if rows were rejected. A changed workbook is imported
    again.
    """
    inbox = root / "data" / "raw" / INBOX
    if not inbox.is_dir():
        return 0
    noted = _noted(inbox / TAKEN)
    n = 0
    for path in sorted(p for p in inbox.iterdir() if p.is_file() and p.suffix.lower() in _KINDS):
        if path.name.startswith((".", "~$")) or noted.get(path.name) == (digest := _digest(path)):
            continue
        n += 1
        try:
            said = _took(root, take(root, path, lang=lang), path, noted)
        except UserError as error:
            said = error.message
        noted[path.name] = digest
        path.with_name(f"{path.name}.pemberitahuan.txt").write_text(f"{said[lang]}\n", encoding="utf-8")
        on_notice(said)
    if n:
        aside = inbox / f"{TAKEN}.new"
        aside.write_text(json.dumps(noted, indent=1, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        aside.replace(inbox / TAKEN)
    return n


def _took(root: Path, taken: Taken, path: Path, noted: dict[str, str]) -> Mapping[str, str]:
    del root
    found = taken.reading
    counts = {"name": path.name, "read": found.n_read, "kept": len(found.rows), "refused": found.n_refused}
    if taken.marked is None:
        return Message("jobs.inbox_taken", **counts)
    noted[taken.marked.name] = _digest(taken.marked)
    return Message("jobs.inbox_marked", **counts, marked=taken.marked.name)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _noted(path: Path) -> dict[str, str]:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in noted.items()} if isinstance(noted, dict) else {}
