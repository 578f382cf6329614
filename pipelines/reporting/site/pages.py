"""The list of built pages in a folder: what each depends on and which files it produced.

A page is kept as long as the code, its links and the rows it reads are unchanged. It keeps naming the release
its content comes from; the entry page names the newest one.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..facts.reads import Read
from ..facts.tables import Prints

MANIFEST = ".pages.jsonl"
Key = tuple[str, str]  # area code, language
# Libraries whose version can change the bytes of a page.
LIBRARIES = ("babel", "duckdb", "jinja2", "markupsafe", "matplotlib", "numpy", "typst", "xlsxwriter")
_NOT_MADE_OF = ".sql"  # the rows returned by a mart's SQL are recorded themselves
_COMPILED = "__pycache__"  # Python writes there while pages are built


@dataclass(frozen=True)
class Page:
    """One area in one language.

    `code`, `links`: fingerprints of the code and of the linked pages; `release`: the one its content comes
    from; `checked`: the newest one it was compared with; `files`: name -> sha256; `reads`: the rows on which it
    depends.
    """

    area: str
    lang: str
    code: str
    links: str
    release: str
    checked: str
    files: Mapping[str, str]
    reads: tuple[Read, ...]

    @property
    def key(self) -> Key:
        return (self.area, self.lang)

    def is_whole(self, folder: Path) -> bool:
        """Return whether its files exist as they were written."""
        return all(sha256(folder / name) == known for name, known in self.files.items())

    def checked_for(self, release: str) -> Page:
        """Return the same page, marked as compared with a newer release."""
        return replace(self, checked=release)


@dataclass(frozen=True)
class Pages:
    """The pages of a folder, the texts of their queries, and by release the tables that these name."""

    pages: Mapping[Key, Page]
    texts: Mapping[str, str]
    tables: Mapping[str, Prints] = field(default_factory=dict)


@cache
def code_fingerprint() -> str:
    """Return a fingerprint of everything a page depends on besides rows:
    code, templates, phrases, catalog, libraries."""
    here = Path(__file__).parents[1]
    total = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for folder in (here, here.parent / "catalog"):
        for path in sorted(folder.rglob("*")):
            if path.suffix == _NOT_MADE_OF or path.parent.name == _COMPILED or not path.is_file():
                continue
            total.update(path.relative_to(here.parent).as_posix().encode())
            total.update(path.read_bytes())
    for name in LIBRARIES:
        total.update(f"{name} {_version(name)}".encode())
    return total.hexdigest()[:20]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def sha256(path: Path) -> str:
    """Return the hash of a file; empty if it does not exist."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def sha256_of(names: Iterable[str]) -> str:
    """Return the hash of a list of names."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def load(folder: Path | None) -> Pages:
    """Read the list of a folder; unreadable lines (of an interrupted run) are skipped."""
    path = folder / MANIFEST if folder else None
    if path is None or not path.exists():
        return Pages({}, {})
    pages: dict[Key, Page] = {}
    texts: dict[str, str] = {}
    tables: dict[str, Prints] = {}
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        line = _read(text)
        if isinstance(line, Page):
            pages[line.key] = line
        elif line is None:
            continue
        elif isinstance(line.get("tables"), dict):
            tables[str(line.get("release"))] = line["tables"]
        elif "sql" in line:
            texts[str(line["sql"])] = str(line["text"])
    return Pages(pages, texts, tables)


def is_complete(folder: Path) -> bool:
    """Return whether the last line of the list was written to its end."""
    path = folder / MANIFEST
    if not path.exists():
        return True
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 1))
        return stream.read() in (b"", b"\n")


@lru_cache(4_000)  # the list is read several times, and few of its lines change in between
def _read(text: str) -> Page | Mapping[str, Any] | None:
    """Parse one line; None if unreadable."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    if not isinstance(line, dict) or isinstance(line.get("tables"), dict) or "sql" in line:
        return line if isinstance(line, dict) else None
    try:
        return Page(**line | {"reads": tuple((str(q), str(p), str(r)) for q, p, r in line["reads"])})
    except (TypeError, ValueError, KeyError):
        return None


def add(folder: Path, pages: Iterable[Page], texts: Mapping[str, str], known: set[str]) -> None:
    """Append finished pages to the list; `known` = queries already listed, which is extended."""
    with (folder / MANIFEST).open("a", encoding="utf-8", newline="\n") as stream:
        for page in pages:
            for query in dict.fromkeys(query for query, _, _ in page.reads):
                if query not in known:
                    stream.write(_line({"sql": query, "text": texts[query]}))
                    known.add(query)
            stream.write(_line(vars(page)))


def save(folder: Path, found: Pages) -> None:
    """Rewrite the list in order; deterministic."""
    pages = [found.pages[key] for key in sorted(found.pages)]
    used = sorted({query for page in pages for query, _, _ in page.reads})
    lines = [_line({"sql": query, "text": found.texts[query]}) for query in used]
    lines += [_line(vars(page)) for page in pages]
    releases = {page.checked for page in pages}
    lines += [
        _line({"release": name, "tables": tables})
        for name, tables in sorted(found.tables.items())
        if name in releases
    ]
    aside = folder / f"{MANIFEST}.new"
    aside.write_text("".join(lines), encoding="utf-8", newline="\n")
    aside.replace(folder / MANIFEST)


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
