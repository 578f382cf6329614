"""The processes that build pages, and what runs in them.

Processes, not threads: figures and typesetting use one core each, and their memory is freed with the process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalog.messages import UserError
from pipelines.jobs import beside
from pipelines.jobs.garbage import collect_seldom
from pipelines.jobs.lifeline import end_with_parent
from pipelines.warehouse import releases

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipelines.jobs.run import Run
    from pipelines.reporting.site.site import Answer, Site

WORKERS = 2
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
# What draws, which is slower to load.
DRAWING = ("site.methods", "figures.bars", "figures.dots", "figures.funnel_panels", "figures.maps.places")
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

    _SITE = site_of(open_readonly(order.database), order)
    collect_seldom()


def _import() -> None:
    """Prepare a process that is told later what to build: import what builds pages meanwhile."""
    _begin()
    for name in BUILDERS:
        import_module(f"pipelines.reporting.{name}")


def _load() -> None:
    """Prepare a process long before it is told what to build: load all it may need, while nobody else computes."""
    _begin()
    thread = threading.Thread(target=_load_last, name="load")
    thread.start()
    thread.join()


def _load_last() -> None:
    """Import what builds and draws, using a processor only if no other process wants it, where the system can do so.

    In a thread of its own, since only a privileged user could return to the usual priority. A failure shows up again
    where the module is needed.
    """
    if hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(Exception):
        for name in (*BUILDERS, *DRAWING):
            import_module(f"pipelines.reporting.{name}")


def _make_first(order: Order, area: str, langs: Sequence[str]) -> Answer | Failure:
    """Build pages in a process that may have been started before the order was known."""
    _opened(order)
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


def _opened(order: Order) -> Site:
    if _SITE is None:
        _open(order)
    if _SITE is None:
        raise RuntimeError("the process was not opened")
    return _SITE


def _index(order: Order, lang: str) -> Answer:
    return _opened(order).index(lang)


class Workers:
    """Where pages are built: in worker processes, which import their libraries while earlier pages are checked; or,
    if they are few, in the process that was started ahead, and the entry pages here; or all of them here.

    With few pages to check, no process is started before it is known how many must be built.
    """

    def __init__(
        self, order: Order, n_jobs: int, helper: beside.Pool | None, started: beside.Pool | None
    ) -> None:
        self._order, self._number = order, max(1, min(WORKERS, os.cpu_count() or 1, n_jobs))
        self._helper = helper
        self._stack = ExitStack()
        if started is not None:
            self._stack.callback(started.close)
        self._pool = started or (self._started() if n_jobs > LOOKED_AT else None)
        self._pages: beside.Pool | beside.Here = self._pool or beside.Here()
        self._entries: beside.Pool | beside.Here = self._pages
        self.running: dict[Future[Answer | Failure], str] = {}
        """The pages being built, each with its area."""

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hurry(self, area: str, langs: Sequence[str]) -> None:
        """Let the processes begin with pages that must be built, while it is found out which others must."""
        if self._pool is not None:
            # The books take longest: no process is to idle while another builds one in all languages.
            for some in ((lang,) for lang in langs) if area in books() else (langs,):
                self.running[self._pool.submit(_make_first, self._order, area, some)] = area

    def submit(self, site: Site, left: Sequence[Job]) -> None:
        """Submit the pages that were not yet; `site` builds pages in this process."""
        if self._pool is not None:
            return
        if len(left) > HERE:
            self._pool = self._pages = self._entries = self._started()
            for one in left:
                self.hurry(*one)
            return
        self._stack.enter_context(_here(site))
        if self._helper is None or not left:
            self.running |= {self._pages.submit(_make, area, langs): area for area, langs in left}
            return
        self._pages = self._helper
        self.running |= {self._helper.submit(_make_first, self._order, *one): one[0] for one in left}
        site.foresee(left)

    def done(self) -> Iterator[Future[Answer | Failure]]:
        """Yield the pages being built as they are finished."""
        yield from self._pages.done(self.running)
        if self._helper is not None and self._pages is self._helper:
            self._helper.finish()

    def indexes(self, langs: Sequence[str]) -> Iterator[Future[Answer]]:
        """Yield the entry pages in these languages as they are finished."""
        return self._entries.done([self._entries.submit(_index, self._order, lang) for lang in langs])

    def close(self) -> None:
        """Wait for pages in progress."""
        if self._pool is not None:
            self._pool.close()
        self._stack.close()

    def _started(self) -> beside.Pool:
        return self._stack.enter_context(beside.pool(self._number, _open, self._order))


_AHEAD: dict[Path, beside.Pool] = {}  # work folder of a run -> processes, until the step `report` takes them


def warm_up(run: Run) -> None:
    """Start the processes before the step `report`, if it has many pages to build or check."""
    from pipelines.reporting.site import pages

    served = releases.served(run.warehouse)
    is_wanted = not run.only and not run.runner and (os.cpu_count() or 1) > 1
    if is_wanted and served is not None and len(pages.load(served.pages).pages) > LOOKED_AT:
        _AHEAD[run.work] = beside.Pool(WORKERS, _load, ())


def taken(run: Run) -> beside.Pool | None:
    """Return the processes of `warm_up`, if there are any; the caller ends them."""
    return _AHEAD.pop(run.work, None)


@contextmanager
def ended(run: Run) -> Iterator[None]:
    """End the processes of `warm_up` with the run, if its step `report` did not come."""
    try:
        yield
    finally:
        if (pool := taken(run)) is not None:
            pool.close()


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


def books() -> Sequence[str]:
    from pipelines.reporting.site.site import BOOKS

    return BOOKS


def site_of(con: DuckDBPyConnection, order: Order) -> Site:
    from pipelines.reporting.site.site import Site

    return Site(con, order.folder, order.previous, order.langs, order.made, order.formats)
