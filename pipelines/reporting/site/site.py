"""The pages of a site: make one where it would change, else keep it as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import duckdb

from ..facts import queries
from ..facts.neighbours import Made, Neighbours, fingerprint, line_of, neighbours, parts_of
from ..facts.reads import Reads
from ..files import index_name
from . import pages
from .dictionary import render_dictionary
from .index import render_index
from .methods import render_methods
from .pages import Page, sha256
from .render import FORMATS, render

DICTIONARY, METHODS = "dictionary", "methods"
BOOKS = {DICTIONARY: render_dictionary, METHODS: render_methods}
"""Pages about no area, one of each per language."""


@dataclass(frozen=True)
class Answer:
    """What became of one area: its pages, how many of them were made anew, the queries they name."""

    pages: tuple[Page, ...]
    n_made: int
    texts: Mapping[str, str]


class Site:
    """The pages of one release in one folder.

    `con`: the release, read only; `folder`: where the pages go; `previous`: where earlier pages lie, perhaps the same
    folder; `langs`: languages of the entry page, the first owns index.html; `made`: every page the site will have;
    `formats`: of the areas that do not get every format.
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
        con.execute("set threads = 1")  # many small queries: processes are the parallel part
        self.reads = Reads(con)
        self.folder, self.previous, self.langs, self.made = folder, previous, tuple(langs), made
        self.formats = formats
        self.release = queries.release(con).release_id
        self._found_for, self._found = ("", ""), Neighbours()

    @cached_property
    def areas(self) -> dict[str, queries.Area]:
        return queries.areas(self.reads)

    @cached_property
    def before(self) -> pages.Pages:
        return pages.load(self.previous)

    def make(self, area: str, langs: Sequence[str]) -> Answer:
        """Make or keep the pages of one area, or the dictionary."""
        found, n_made = [], 0
        for lang in langs:
            old = self.before.pages.get((area, lang))
            links = self._links(area, lang)
            kept = self._kept(old, links) if old else None
            found.append(kept or self._made(area, lang, links))
            n_made += kept is None
        used = {query for page in found for query, _, _ in page.reads}
        known = {**self.before.texts, **self.reads.texts}
        return Answer(tuple(found), n_made, {query: known[query] for query in used})

    def _around(self, area: str, lang: str) -> Neighbours:
        """The pages around one area, found once for its fingerprint and its links."""
        if (area, lang) != self._found_for:
            self._found_for, self._found = (area, lang), neighbours(self.areas, area, lang, self.made)
        return self._found

    def _links(self, area: str, lang: str) -> str:
        around = self._around(area, lang)
        langs = (*self.made.get(area, ()), *self.formats.get(area, ()))
        return fingerprint(around, langs, index_name(lang, self.langs))

    def _kept(self, old: Page, links: str) -> Page | None:
        """The old page, taken over, if it would come out the same."""
        if self.previous is None or (old.code, old.links) != (pages.code_fingerprint(), links):
            return None
        if (not old.files and old.area not in BOOKS) or not old.is_whole(self.previous):
            return None
        if old.checked != self.release and not self.reads.gives_the_same(old.reads, self.before.texts):
            return None
        if self.previous != self.folder:
            for name in old.files:
                _share(self.previous / name, self.folder / name)
        return old.checked_for(self.release)

    def _made(self, area: str, lang: str, links: str) -> Page:
        self.reads.begin()
        if area in BOOKS:
            written = BOOKS[area](self.reads, self.langs, self.folder, (lang,))
        else:
            around = self._around(area, lang)
            langs, index = self.made.get(area, (lang,)), index_name(lang, self.langs)
            written = render(
                self.reads,
                area,
                lang,
                self.folder,
                formats=self.formats.get(area, FORMATS),
                langs=langs,
                index=index,
                around=around,
            )
        files = {path.name: sha256(path) for path in written}
        code, noted = pages.code_fingerprint(), self.reads.noted()
        return Page(area, lang, code, links, self.release, self.release, files, noted)

    def index(self) -> list[Path]:
        """Write the entry page in every language; it lists the files that are there."""
        return render_index(self.reads.con, self.langs, self.folder)


def formats_of(page: Page) -> tuple[str, ...]:
    """The formats in which an earlier page stands; all of them where it was asked for by name."""
    found = {name.split(".", 2)[2] for name in page.files if name.count(".") > 1}
    return FORMATS if {"csv", "xlsx"} <= found else tuple(name for name in FORMATS if name in found)


def around(areas: Mapping[str, queries.Area], code: str) -> set[str]:
    """Areas whose pages link to that of `code`."""
    return {*line_of(areas, code), *parts_of(areas, code)}


def _share(source: Path, target: Path) -> None:
    """One file in two folders without using space twice, where the disk can do that."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
