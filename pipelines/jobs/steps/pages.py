"""Build the pages of many areas in parallel worker processes; each finished page is recorded at once.

Processes, not threads: figures and typesetting use one core each, and their memory is freed with the process.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalog.messages import UserError
from pipelines.jobs import beside
from pipelines.jobs.garbage import collect_seldom
from pipelines.jobs.lifeline import end_with_parent

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipelines.reporting.site.pages import Page
    from pipelines.reporting.site.site import Answer, Site

WORKERS = 2
FEW = 8  # with fewer areas than this, they are also divided by language, so that no process idles
HERE = 4  # up to this many are built in one process: starting two would take longer
LOOKED_AT = 24  # up to this many pages, workers start only once it is known how many must be built
# DuckDB imports pandas, and with it pyarrow, at the first query parameter if available; pages need neither.
UNNEEDED = ("pandas",)
# What builds the pages of an area, below pipelines.reporting.
BUILDERS = (
    "site.site",
    "site.render",
    "site.checklist",
    "formats.html",
    "formats.pdf",
    "formats.sheets",
    "formats.xlsx",
)
Wanted = Mapping[str, Sequence[str]]  # area code -> languages
Job = tuple[str, tuple[str, ...]]  # area code, languages


@dataclass(frozen=True)
class Order:
    """What to build, from which release, and where.

    `made`: every page that the site will have. `formats`: for areas that do not get every format.
    """

    database: Path
    folder: Path
    previous: Path | None
    langs: tuple[str, ...]
    made: Wanted
    formats: Wanted = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A page that could not be built."""

    area: str
    kind: str
    text: Mapping[str, str] | str
    trace: str = ""


@dataclass(frozen=True)
class Outcome:
    """Numbers of pages built and kept; areas that failed.

    `is_same`: nothing was built, not even an entry page.
    """

    n_made: int
    n_kept: int
    failed: tuple[Failure, ...]
    is_same: bool = False


_SITE: Site | None = None


def _begin() -> None:
    """Prepare a process. Keyboard interrupts are handled by the parent: pages in progress are finished and
    recorded."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    for name in UNNEEDED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    collect_seldom()


def _open(order: Order) -> None:
    """Prepare a process and open the release."""
    global _SITE  # noqa: PLW0603 (one warehouse and one set of answers per process)
    _begin()
    from pipelines.warehouse.read import open_readonly

    _SITE = _site(open_readonly(order.database), order)
    collect_seldom()


def _import() -> None:
    """Prepare a process that is told later what to build: import what builds pages meanwhile."""
    _begin()
    for name in BUILDERS:
        import_module(f"pipelines.reporting.{name}")


def _make_first(order: Order, area: str, langs: Sequence[str]) -> Answer | Failure:
    """Build pages in a process that was started before the order was known."""
    if _SITE is None:
        _open(order)
    return _make(area, langs)


def _make(area: str, langs: Sequence[str]) -> Answer | Failure:
    if _SITE is None:
        raise RuntimeError("the process was not opened")
    try:
        return _SITE.remake(area, langs)
    except UserError as error:
        return Failure(area, type(error).__name__, error.message)
    except Exception as error:
        return Failure(area, type(error).__name__, str(error), traceback.format_exc())


def _index(lang: str) -> Answer:
    if _SITE is None:
        raise RuntimeError("the process was not opened")
    return _SITE.index(lang)


def make(
    order: Order,
    wanted: Wanted,
    on_done: Callable[[str], None] = lambda _: None,
    helper: beside.Pool | None = None,
) -> Outcome:
    """Build or keep the requested pages, the dictionary and the entry page; a failing page does not stop the
    others.

    `on_done` is called with the code of each finished area; `helper`: a process of `ahead`, to build a few pages.
    Pages finished before an interruption stay recorded in the folder, so that the same call resumes from there.
    """
    from pipelines.reporting.site import pages
    from pipelines.warehouse.read import open_readonly

    order.folder.mkdir(parents=True, exist_ok=True)
    there = pages.load(order.folder)
    if not pages.is_complete(order.folder):
        pages.save(order.folder, there)  # without a truncated line
    texts = set(there.texts)
    n_made = n_all = n_indexes = 0
    failed: list[Failure] = []
    jobs = list(_jobs(order, wanted))
    running: dict[Future[Answer | Failure], str] = {}
    site: Site | None = None

    def note(answer: Answer) -> None:
        new = [page for page in answer.pages if there.pages.get(page.key) != page]
        pages.add(order.folder, new, answer.texts, texts)

    def count(answer: Answer) -> None:
        nonlocal n_made, n_all
        note(answer)
        n_made, n_all = n_made + answer.n_made, n_all + len(answer.pages)

    with open_readonly(order.database) as con, _Workers(order, len(jobs), helper) as workers:
        try:
            site = _site(con, order)
            if order.previous == order.folder:
                site.before = there
            left, kept = _left(site, jobs)
            count(kept)
            for area in dict.fromkeys(area for area, _ in jobs if area not in {one for one, _ in left}):
                on_done(area)
            running = workers.submit(site, left)
            shares, done = Counter(running.values()), Counter[str]()
            for future in workers.done(running):
                answer = _answer(future, running[future])
                if isinstance(answer, Failure):
                    failed.append(answer)
                else:
                    count(answer)
                done[running[future]] += 1
                if done[running[future]] == shares[running[future]]:
                    on_done(running[future])
            if not any(failure.kind == BrokenProcessPool.__name__ for failure in failed):
                indexes, kept = _indexes_left(site, order.langs)
                note(kept)
                for one in workers.indexes(indexes):
                    note(one.result())
                n_indexes = len(indexes)
        except KeyboardInterrupt:
            for future in running:
                future.cancel()
            raise
        finally:
            workers.close()
            found = pages.load(order.folder)
            pages.save(order.folder, found if site is None else site.with_tables(found))
    is_same = not (n_made or failed or n_indexes)
    return Outcome(n_made, n_all - n_made, tuple(sorted(failed, key=lambda failure: failure.area)), is_same)


class _Workers:
    """Where pages are built: in worker processes, which import their libraries while earlier pages are checked; or,
    if they are few, in the process that was started ahead, and the entry pages here; or all of them here.

    With few pages to check, no process is started before it is known how many must be built.
    """

    def __init__(self, order: Order, n_jobs: int, helper: beside.Pool | None) -> None:
        self._order, self._number = order, max(1, min(WORKERS, os.cpu_count() or 1, n_jobs))
        self._helper = helper
        self._stack = ExitStack()
        self._pool = self._started() if n_jobs > LOOKED_AT else None
        self._pages: beside.Pool | beside.Here = self._pool or beside.Here()
        self._entries: beside.Pool | beside.Here = self._pages

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, site: Site, left: Sequence[Job]) -> dict[Future[Answer | Failure], str]:
        """Submit these pages; returns the area of each future. `site` builds pages in this process."""
        if self._pool is None and len(left) > HERE:
            self._pool = self._pages = self._entries = self._started()
        if self._pool is not None:
            return {self._pages.submit(_make, area, langs): area for area, langs in left}
        self._stack.enter_context(_here(site))
        if self._helper is None or not left:
            return {self._pages.submit(_make, area, langs): area for area, langs in left}
        self._pages = self._helper
        running = {self._helper.submit(_make_first, self._order, *one): one[0] for one in left}
        site.foresee(left)
        return running

    def done(self, running: Collection[Future[Answer | Failure]]) -> Iterator[Future[Answer | Failure]]:
        """Yield the pages of `submit` as they are finished."""
        yield from self._pages.done(running)
        if self._helper is not None and self._pages is self._helper:
            self._helper.finish()

    def indexes(self, langs: Sequence[str]) -> Iterator[Future[Answer]]:
        """Yield the entry pages in these languages as they are finished."""
        return self._entries.done([self._entries.submit(_index, lang) for lang in langs])

    def close(self) -> None:
        """Wait for pages in progress."""
        if self._pool is not None:
            self._pool.close()
        self._stack.close()

    def _started(self) -> beside.Pool:
        return self._stack.enter_context(beside.pool(self._number, _open, self._order))


@contextmanager
def ahead() -> Iterator[beside.Pool | None]:
    """Start a process that imports what builds pages while this one finds out which; None with a single core."""
    if (os.cpu_count() or 1) < 2:
        yield None
        return
    with beside.pool(1, _import) as found:
        yield found


@contextmanager
def _here(site: Site) -> Iterator[None]:
    """Let this process build pages inside the context."""
    global _SITE  # noqa: PLW0603 (as in the others)
    _SITE = site
    try:
        with beside.spared(*UNNEEDED):
            yield
    finally:
        _SITE = None


def _site(con: DuckDBPyConnection, order: Order) -> Site:
    from pipelines.reporting.site.site import Site

    return Site(con, order.folder, order.previous, order.langs, order.made, order.formats)


def _left(site: Site, jobs: Iterable[Job]) -> tuple[list[Job], Answer]:
    """Return the pages to build, and those to keep; a page whose state cannot be determined is built."""
    from pipelines.reporting.site.site import Answer

    left: list[Job] = []
    found: list[Page] = []
    texts: dict[str, str] = {}
    for area, langs in jobs:
        try:
            answer = site.keep(area, langs)
        except (OSError, UserError):
            answer = Answer((), 0, {})
        found += answer.pages
        texts |= answer.texts
        kept = {page.lang for page in answer.pages}
        if rest := tuple(lang for lang in langs if lang not in kept):
            left.append((area, rest))
    return left, Answer(tuple(found), 0, texts)


def _indexes_left(site: Site, langs: Sequence[str]) -> tuple[list[str], Answer]:
    """Return the languages whose entry page must be built, and the entry pages to keep."""
    kept = {lang: site.keep_index(lang) for lang in langs}
    found = [page for answer in kept.values() for page in answer.pages]
    return [lang for lang, answer in kept.items() if not answer.pages], site.answer(found, 0)


def _answer(future: Future[Answer | Failure], area: str) -> Answer | Failure:
    try:
        return future.result()
    except (BrokenProcessPool, CancelledError) as error:
        return Failure(area, type(error).__name__, str(error))


def _jobs(order: Order, wanted: Wanted) -> Iterator[Job]:
    """Yield the jobs, large areas first, so that none is left over at the end; includes the books of methods."""
    from pipelines.reporting.site.site import BOOKS

    codes = sorted(wanted, key=lambda code: (len(code), code))
    books = ((book, order.langs) for book in BOOKS)
    for code, langs in [*books, *((code, tuple(wanted[code])) for code in codes)]:
        if len(codes) < FEW:
            yield from ((code, (lang,)) for lang in langs)
        else:
            yield code, langs
