"""Compute slow marts in a second process while the run continues with everything that does not depend on them.

A module opts in with `APART = True`. It receives its tables as frames and returns frames, as in this process;
if the second process dies, its work is done in this one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing import get_context

import pandas as pd

from pipelines.catalog import Table
from pipelines.jobs.beside import without_main
from pipelines.jobs.lifeline import end_with_parent
from pipelines.marts import Release

Made = Mapping[str, pd.DataFrame]
Frames = Mapping[str, pd.DataFrame]


@dataclass
class Waiting:
    """A module's pending result, and its tables that are to be filled from it."""

    made: Callable[[], Made]
    tables: list[Table] = field(default_factory=list)


class Apart:
    """The second process."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(self, derived: str, frames: Frames, release: Release) -> Waiting:
        """Submit a module of `pipelines.marts` with its input frames, by full name."""
        future: Future[Made] | None = None
        with suppress(BrokenProcessPool):
            future = self._pool.submit(compute, derived, frames, release)

        def made() -> Made:
            with suppress(BrokenProcessPool):
                if future is not None:
                    return future.result()
            return compute(derived, frames, release)

        return Waiting(made)


@contextmanager
def process(modules: tuple[str, ...]) -> Iterator[Apart | None]:
    """Start a second process for these modules; None with a single core or nothing to do."""
    if not modules or (os.cpu_count() or 1) < 2:
        yield None
        return
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(modules,))
    try:
        with without_main():
            pool.submit(_nothing)  # start the process now, so that it imports its libraries meanwhile
        yield Apart(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def is_apart(derived: str) -> bool:
    """Return whether a module asks to be computed in the second process."""
    return bool(getattr(import_module(f"pipelines.marts.{derived}"), "APART", False))


def compute(derived: str, frames: Frames, release: Release) -> Made:
    """Return what a module computes from these tables."""
    found: Made = import_module(f"pipelines.marts.{derived}").build(lambda name: frames[name], release)
    return found


def _begin(modules: tuple[str, ...]) -> None:
    """Initialise the process. Keyboard interrupts are handled by the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    for derived in modules:
        import_module(f"pipelines.marts.{derived}")


def _nothing() -> None:
    """Do nothing; submitting it starts the process."""
