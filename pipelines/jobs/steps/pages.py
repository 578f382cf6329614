"""Build the pages of many areas in parallel worker processes; each finished page is recorded at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.catalog.messages import UserError
from pipelines.jobs import beside

from .page_workers import Failure, Job, Order, Wanted, Workers, books, site_of

if TYPE_CHECKING:
    from pipelines.reporting.site.pages import Page
    from pipelines.reporting.site.site import Answer, Site

FEW = 8  # with fewer areas than this, they are also divided by language, so that no process idles


@dataclass(frozen=True)
class Outcome:
    """Numbers of pages built and kept; areas that failed.

    `is_same`: nothing was built, not even an entry page.
    """

    n_made: int
    n_kept: int
    failed: tuple[Failure, ...]
    is_same: bool = False


def make(
    order: Order,
    wanted: Wanted,
    on_done: Callable[[str], None] = lambda _: None,
    helper: beside.Pool | None = None,
    started: beside.Pool | None = None,
) -> Outcome:
    """Build or keep the requested pages, the dictionary and the entry page; a failing page does not stop the
    others.

    Pages finished before an interruption stay recorded in the folder, so that the same call resumes from there.

    Args:
        on_done: called with the code of each finished area.
        helper: a process of `page_workers.ahead`, to build a few pages.
        started: the processes of `page_workers.taken`, to build all pages.
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
    site: Site | None = None

    def note(answer: Answer) -> None:
        new = [page for page in answer.pages if there.pages.get(page.key) != page]
        pages.add(order.folder, new, answer.texts, texts)

    def count(answer: Answer) -> None:
        nonlocal n_made, n_all
        note(answer)
        n_made, n_all = n_made + answer.n_made, n_all + len(answer.pages)

    with open_readonly(order.database) as con, Workers(order, len(jobs), helper, started) as workers:
        running = workers.running
        try:
            site = site_of(con, order)
            if order.previous == order.folder:
                site.before = there
            left, kept = _left(site, jobs, workers.hurry)
            count(kept)
            for area in dict.fromkeys(area for area, _ in jobs if area not in {one for one, _ in left}):
                on_done(area)
            workers.submit(site, left)
            shares, done = Counter(running.values()), Counter[str]()
            for future in workers.done():
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


def _left(
    site: Site, jobs: Iterable[Job], on_left: Callable[[str, Sequence[str]], None]
) -> tuple[list[Job], Answer]:
    """Return the pages to build, and those to keep; a page whose state cannot be determined is built.

    `on_left` is called with each area to build, and its languages, as soon as it is found.
    """
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
            on_left(area, rest)
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
    codes = sorted(wanted, key=lambda code: (len(code), code))
    general = ((book, order.langs) for book in books())
    for code, langs in [*general, *((code, tuple(wanted[code])) for code in codes)]:
        if len(codes) < FEW:
            yield from ((code, (lang,)) for lang in langs)
        else:
            yield code, langs
