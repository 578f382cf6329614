"""The pages of a site: rebuild a page if it would change, else keep it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import duckdb

from ..facts import queries
from ..facts.neighbours import Made, Neighbours, fingerprint, line_of, made_parts, neighbours, parts_of
from ..facts.reads import Read, Reads
from ..facts.tables import Prints, fingerprints, named, same
from ..files import FORMATS, file_name, formats_for, index_name, put
from . import pages
from .pages import Page, sha256, sha256_of

DICTIONARY, METHODS = "dictionary", "methods"
BOOKS = (METHODS, DICTIONARY)
"""Pages not about an area, one of each per language."""
ENTRY = "index"


@dataclass(frozen=True)
class Foreseen:
    """An entry page composed before all files that it lists are there."""

    links: str
    text: str
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class Answer:
    """Result for one area: its pages, how many were rebuilt, the queries they name."""

    pages: tuple[Page, ...]
    n_made: int
    texts: Mapping[str, str]


class Site:
    """The pages of one release in one folder.

    `con`: the release, read-only; `folder`: target of the pages; `previous`: location of earlier pages,
    possibly the same folder; `langs`: languages of the entry page, the first owns index.html; `made`: every
    page the site will have; `formats`: for areas that do not get every format.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        folder: Path,
        previous: Path | None,
        langs: Sequence[str],
        made: Made,
        formats: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        con.execute("set threads = 1")  # many small queries: processes provide the parallelism
        self.reads = Reads(con)
        self.folder, self.previous, self.langs, self.made = folder, previous, tuple(langs), made
        self.formats = formats
        self.release = queries.release(con).release_id
        self._found_for, self._found = ("", ""), Neighbours()
        self._same: dict[str, frozenset[str]] = {}
        self._foreseen: dict[str, Foreseen] = {}

    @cached_property
    def areas(self) -> dict[str, queries.Area]:
        return queries.areas(self.reads)

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        return made_parts(self.areas, self.made)

    @cached_property
    def before(self) -> pages.Pages:
        return pages.load(self.previous)

    @cached_property
    def tables(self) -> Prints:
        """The current fingerprints of the tables on which earlier pages rest."""
        named_before = frozenset[str]().union(*map(named, self.before.texts.values()))
        return fingerprints(self.reads.con, named_before)

    def keep(self, area: str, langs: Sequence[str]) -> Answer:
        """Keep the pages of one area, or of a book, that would come out the
        same; the others are not in the answer."""
        return self.answer([page for lang in langs if (page := self._kept(area, lang))], 0)

    def keep_index(self, lang: str) -> Answer:
        """Keep the entry page if its files and its content would be the same."""
        return self.keep(ENTRY, (lang,))

    def index(self, lang: str) -> Answer:
        """Write the entry page; it lists the existing files."""
        return self.remake(ENTRY, (lang,))

    def foresee(self, jobs: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Compose the entry pages as they will be once these pages (area, languages) exist too.

        `index` writes them if that comes true, and composes them anew otherwise. Which files a book will have
        is not known.
        """
        from .index import page_text

        present = self._listed()
        for code, langs in jobs:
            if (area := self.areas.get(code)) is None:
                return
            formats = formats_for(area, self.formats.get(code, FORMATS))
            present |= {file_name(area, lang, kind) for lang in langs for kind in formats}
        for lang in self.langs:
            self.reads.begin()
            text = page_text(self.reads, lang, self.langs, present)
            self._foreseen[lang] = Foreseen(self._entry_links(present), text, self.reads.noted())

    def make(self, area: str, langs: Sequence[str]) -> Answer:
        """Build or keep the pages of one area, or of a book."""
        found, n_made = [], 0
        for lang in langs:
            kept = self._kept(area, lang)
            found.append(kept or self._made(area, lang))
            n_made += kept is None
        return self.answer(found, n_made)

    def remake(self, area: str, langs: Sequence[str]) -> Answer:
        """Rebuild the pages of one area, or of a book, unconditionally."""
        found = tuple(self._made(area, lang) for lang in langs)
        used = {query for page in found for query, _, _ in page.reads}
        return Answer(found, len(found), {query: self.reads.texts[query] for query in used})

    def answer(self, found: Sequence[Page], n_made: int) -> Answer:
        """Return these pages with the queries they name."""
        used = {query for page in found for query, _, _ in page.reads}
        known = {**self.before.texts, **self.reads.texts}
        return Answer(tuple(found), n_made, {query: known[query] for query in used})

    def _around(self, area: str, lang: str) -> Neighbours:
        """Return the pages around one area, cached for its fingerprint and its links."""
        if (area, lang) != self._found_for:
            found = neighbours(self.areas, area, lang, self.made, self._parts)
            self._found_for, self._found = (area, lang), found
        return self._found

    def _links(self, area: str, lang: str) -> str:
        if area == ENTRY:
            return self._entry_links(self._listed())
        around = self._around(area, lang)
        langs = (*self.made.get(area, ()), *self.formats.get(area, FORMATS))
        return fingerprint(around, langs, index_name(lang, self.langs))

    def _listed(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if _is_listed(path.name)}

    def _entry_links(self, listed: Iterable[str]) -> str:
        return sha256_of([self.release, *self.langs, *sorted(listed)])

    def _kept(self, area: str, lang: str) -> Page | None:
        """Return the old page, copied over, if it would come out the same."""
        old = self.before.pages.get((area, lang))
        if self.previous is None or old is None or old.code != pages.code_fingerprint():
            return None
        if old.links != self._links(area, lang):
            return None
        if (not old.files and old.area not in BOOKS) or not old.is_whole(self.previous):
            return None
        if old.checked != self.release:
            as_before = self._as_before(old.checked)
            if not self.reads.gives_the_same(old.reads, self.before.texts, as_before):
                return None
        if self.previous != self.folder:
            for name in old.files:
                _share(self.previous / name, self.folder / name)
        return old.checked_for(self.release)

    def _as_before(self, release: str) -> frozenset[str]:
        """Return the tables that are unchanged since a release."""
        if release not in self._same:
            self._same[release] = same(self.before.tables.get(release, {}), self.tables)
        return self._same[release]

    def with_tables(self, found: pages.Pages) -> pages.Pages:
        """Return the list with the fingerprints of this release's tables on which its pages rest."""
        needed = frozenset[str]().union(*map(named, found.texts.values()))
        now = found.tables.get(self.release) or self.tables
        now = {**now, **fingerprints(self.reads.con, needed - now.keys())}
        return replace(found, tables={**self.before.tables, **found.tables, self.release: now})

    def _made(self, area: str, lang: str) -> Page:
        links = self._links(area, lang)
        if area == ENTRY and (found := self._foreseen.get(lang)) and found.links == links:
            written = [put(self.folder / index_name(lang, self.langs), found.text)]
            return self._page(area, lang, links, written, found.reads)
        self.reads.begin()
        written = self._written(area, lang)
        return self._page(area, lang, links, written, self.reads.noted())

    def _page(
        self, area: str, lang: str, links: str, written: Iterable[Path], reads: tuple[Read, ...]
    ) -> Page:
        files = {path.name: sha256(path) for path in written}
        return Page(area, lang, pages.code_fingerprint(), links, self.release, self.release, files, reads)

    def _written(self, area: str, lang: str) -> list[Path]:
        """Write one page. Imported late: what writes pages is not needed to keep them."""
        if area == DICTIONARY:
            from .dictionary import render_dictionary

            return render_dictionary(self.reads, self.langs, self.folder, (lang,))
        if area == METHODS:
            from .methods import render_methods

            return render_methods(self.reads, self.langs, self.folder, (lang,))
        if area == ENTRY:
            from .index import render_index

            return render_index(self.reads, self.langs, self.folder, (lang,))
        from .render import render

        return render(
            self.reads,
            area,
            lang,
            self.folder,
            formats=self.formats.get(area, FORMATS),
            langs=self.made.get(area, (lang,)),
            index=index_name(lang, self.langs),
            around=self._around(area, lang),
        )


def _is_listed(name: str) -> bool:
    """Return whether an entry page may name a file."""
    return not name.startswith((".", f"{ENTRY}.")) and "." in name


def formats_of(page: Page) -> tuple[str, ...]:
    """Return the formats of an earlier page; all of them if the area was requested explicitly."""
    found = {name.split(".", 2)[2] for name in page.files if name.count(".") > 1}
    return FORMATS if {"csv", "xlsx"} <= found else tuple(name for name in FORMATS if name in found)


def around(areas: Mapping[str, queries.Area], code: str) -> set[str]:
    """Return the areas whose pages link to that of `code`."""
    return {*line_of(areas, code), *parts_of(areas, code)}


def _share(source: Path, target: Path) -> None:
    """Hard-link or copy a file into another folder, saving space where the disk supports it."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
