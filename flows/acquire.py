"""The download as a flow: one task per regency, on threads, processes or a Dask cluster.

Every task gets a `Part` and the `Settings`, both small, and writes to the shared storage itself. Rate and
concurrency limits apply to all workers together: threads share one limiter, processes and machines get equal
shares. If a worker dies, only the village in progress is lost; Dask assigns its task to another worker, which
resumes there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed

from flows import notify
from flows.runner import task_runner
from flows.session import on_screen
from flows.settings import find_root
from pipelines.acquire import AcquireError, Part, Settings, Summary, crawl_part, plan_parts
from pipelines.acquire.crawl import OnEvent
from pipelines.acquire.summary import lines
from pipelines.catalog.messages import Joined
from pipelines.jobs.acquire import Round, default_place, prepare

log = logging.getLogger(__name__)

# Receives progress events. Kept out of the flow's closure, which Prefect sends to worker processes: a terminal
# cannot be pickled.
_screen: ContextVar[OnEvent | None] = ContextVar("screen", default=None)

_OPTIONS: dict[str, Any] = {
    "name": "acquire",
    "persist_result": False,
    "on_failure": [notify.record],
    "on_crashed": [notify.record],
}


def _crawl(part: Part, settings: Settings, place: str) -> Summary:
    return crawl_part(part, settings, place)


_TASK: dict[str, Any] = {
    "name": "crawl",
    "task_run_name": "crawl {part.key}",
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


def _map(
    settings: Settings,
    areas: Sequence[str],
    place: str,
    kind: str,
    workers: int,
) -> Summary:
    """Plan the parts, then run `workers` tasks at a time; the first error
    ends the flow and starts no further task."""
    tell = _screen.get() or (lambda *_: None)
    prepare(settings, place)
    call = Round(settings, areas, place, plan_parts(areas, settings, place))
    tell("parts", len(call.waiting), call.total)
    share, work = _share(settings, kind, max(1, min(workers, len(call.waiting))), _screen.get())
    waiting, running = list(call.waiting), dict[Any, Part]()
    while waiting or running:
        while waiting and len(running) < workers:
            part = waiting.pop(0)
            running[work.submit(part, share, place)] = part
        future = next(iter(as_completed(list(running))))
        call.finish(running.pop(future), future.result)
        tell("part", 1, call.total)
    summary = call.close()
    _leave_summary(summary, settings.source, areas)
    return summary


def _leave_summary(summary: Summary, source: str, areas: Sequence[str]) -> None:
    rows = [f"| {name} | {number} |" for name, number in summary.facts().items()]
    owed = [f"- `{failure}`" for failure in summary.failures]
    page = [f"# {source}: {', '.join(areas)}", "", "| | |", "|---|--:|", *rows, "", *owed]
    try:
        create_markdown_artifact("\n".join(page) + "\n", key="acquire-summary", description=source)
    except Exception as error:  # a failed summary page must not fail a good download
        log.warning("summary page not written (%s)", type(error).__name__)


def _share(settings: Settings, kind: str, workers: int, on_event: OnEvent | None) -> tuple[Settings, Any]:
    """Return settings and progress callback per worker: threads share limiter and screen, other workers do not."""
    if kind != "threads":
        return settings.shared_among(workers), task(**_TASK)(_crawl)

    def crawl(part: Part, settings: Settings, place: str) -> Summary:
        return crawl_part(part, settings, place, on_event)

    seats = max(1, settings.concurrency // workers)
    return settings.with_concurrency(seats), task(**_TASK)(crawl)


def run_acquire(
    settings: Settings,
    areas: Sequence[str],
    place: str | Path,
    runner: str = "threads",
    workers: int = 1,
    on_event: OnEvent | None = None,
) -> Summary:
    """Download areas under Prefect, in this process; called by the command line.

    Args:
        settings: how to download; rate and concurrency are totals over all workers.
        areas: codes of 2, 4, 6 or 10 digits; `00` is the nation.
        place: output folder (shared by all workers) or fsspec URL.
        runner: `threads`, `processes` or `dask`.
        workers: number of regencies downloaded concurrently.
        on_event: progress callback.
    Raises:
        AcquireUsageError, ServerTroubleError, BusyError: see `pipelines.acquire.errors`; RunnerError.
    """

    folder = str(place)

    def mapped(source: str, areas: list[str], contests: list[str], runner: str, workers: int) -> Summary:
        return _map(settings, areas, folder, runner, workers)

    run: Callable[..., Summary] = flow(**_OPTIONS, task_runner=task_runner(runner, workers))(mapped)
    shown = _screen.set(on_event)
    try:
        with on_screen():
            return run(settings.source, list(areas), list(settings.contests), runner, workers)
    finally:
        _screen.reset(shown)


@flow(**_OPTIONS)
def acquire(
    areas: list[str],
    source: str = "sirekap-2024",
    base: str | None = None,
    contests: list[str] | None = None,
    rate: float = 5.0,
    concurrency: int = 4,
    workers: int = 1,
    place: str | None = None,
    root: str | None = None,
) -> dict[str, int]:
    """Download published results on threads; the flow for scheduled deployments.

    Args:
        areas: codes of 2, 4, 6 or 10 digits; `00` is the nation.
        source: published tree.
        base: its URL; default: `TITIKRAWAN_SIREKAP_BASE`.
        contests: default: `ppwp`.
        rate: requests per second.
        concurrency: concurrent requests.
        workers: number of regencies downloaded concurrently.
        place: output folder; default: data/raw/sirekap_json of the project.
        root: project folder; default: found from the working directory.
    Returns:
        The counts of the summary.
    Raises:
        AcquireError: some URLs could not be fetched; the next run requests only those.
    """
    options: dict[str, Any] = {"source": source, "rate": rate, "concurrency": concurrency}
    settings = Settings.of(base, contests=tuple(contests or ("ppwp",)), **options)
    where = place or str(default_place(Path(root) if root else find_root()))
    summary = _map(settings, areas, where, "threads", workers)
    if not summary.is_complete:  # nobody reads the summary of a scheduled run: fail, so that the hooks notify
        raise AcquireError(Joined(*lines(summary), separator="\n"))
    return summary.facts()
