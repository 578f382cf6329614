"""Compute slow marts in a second process while the run continues with everything that does not depend on them.

The process starts with the run, because importing its libraries takes longer than a second. A module opts in
with `APART = True`; in `prepare()` it loads what is slow to load. It receives its tables as frames and returns
frames, as in this process; if the second process dies, its work is done in this one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import catalog
from pipelines.jobs.beside import without_main
from pipelines.jobs.garbage import collect_seldom
from pipelines.jobs.lifeline import end_with_parent
from pipelines.marts import Release

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.catalog import Table
    from pipelines.jobs.run import Run

Made = Mapping[str, "pd.DataFrame"]
Frames = Mapping[str, "pd.DataFrame"]


@dataclass
class Waiting:
    """A module's pending result, and its tables that are to be filled from it."""

    made: Callable[[], Made]
    future: Future[Made] | None = None
    tables: list[Table] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Return whether `made` need not wait."""
        return self.future is None or self.future.done()


class Apart:
    """The second process."""

    def __init__(self) -> None:
        others = set(active_children())
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin)
        with without_main():
            # Start the process now, so that it imports its libraries meanwhile.
            self._futures: list[Future[Any]] = [self._pool.submit(_nothing)]
        self._children = set(active_children()) - others

    def end(self) -> None:
        """End the process; work in progress is lost."""
        is_idle = all(future.done() for future in self._futures)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not is_idle:
            for child in self._children:
                child.kill()

    def submit(self, derived: str, frames: Frames, release: Release) -> Waiting:
        """Submit a module of `pipelines.marts` with its input frames, by full name."""
        future: Future[Made] | None = None
        with suppress(BrokenProcessPool):
            future = self._pool.submit(compute, derived, frames, release)
            self._futures.append(future)

        def made() -> Made:
            with suppress(BrokenProcessPool):
                if future is not None:
                    return future.result()
            return compute(derived, frames, release)

        return Waiting(made, future)


@contextmanager
def beside(run: Run) -> Iterator[None]:
    """Start the second process with the run, so that it has imported its libraries when the step `derive` comes."""
    with ExitStack() as stack:
        if is_wanted(run):
            _STARTED[run.work] = stack.enter_context(_process())
        try:
            yield
        finally:
            _STARTED.pop(run.work, None)


@contextmanager
def process(run: Run) -> Iterator[Apart | None]:
    """Provide the second process of a run, and end it with the context; None if the run has none."""
    if other := _STARTED.pop(run.work, None):
        try:
            yield other
        finally:
            other.end()
    elif is_wanted(run):
        with _process() as other:
            yield other
    else:
        yield None


def is_wanted(run: Run) -> bool:
    """Return whether a run uses a second process: it derives all tables, and there are two cores."""
    derives = any(step.name == "derive" for step in run.steps())
    return derives and not run.only and (os.cpu_count() or 1) > 1


_STARTED: dict[Path, Apart] = {}  # work folder of a run -> its process, until the step `derive` takes it


@contextmanager
def _process() -> Iterator[Apart]:
    other = Apart()
    try:
        yield other
    finally:
        other.end()


def is_apart(derived: str) -> bool:
    """Return whether a module asks to be computed in the second process."""
    return bool(getattr(import_module(f"pipelines.marts.{derived}"), "APART", False))


def compute(derived: str, frames: Frames, release: Release) -> Made:
    """Return what a module computes from these tables."""
    found: Made = import_module(f"pipelines.marts.{derived}").build(lambda name: frames[name], release)
    return found


def _begin() -> None:
    """Initialise the process. Keyboard interrupts are handled by the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    for derived in dict.fromkeys(table.derived for table in catalog.load() if table.derived):
        if is_apart(derived):
            prepare = getattr(import_module(f"pipelines.marts.{derived}"), "prepare", None)
            with suppress(Exception):  # reported where the module is computed
                _ = prepare and prepare()
    collect_seldom()


def _nothing() -> None:
    """Do nothing; submitting it starts the process."""
