"""Marts that take seconds are computed in a second process, while the run goes on with what does not need them.

A module says so with `APART = True`. It gets its tables as frames and gives frames back, as in this process; a process
that ends on the way leaves its work to this one.
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
    """What a module is making, and its tables that were reached meanwhile."""

    made: Callable[[], Made]
    tables: list[Table] = field(default_factory=list)


class Apart:
    """The second process."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(self, derived: str, frames: Frames, release: Release) -> Waiting:
        """Let a module of `pipelines.marts` make its tables of these frames, by full name."""
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
    """A second process that knows these modules; None where there is one core only, or nothing to do there."""
    if not modules or (os.cpu_count() or 1) < 2:
        yield None
        return
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(modules,))
    try:
        with without_main():
            pool.submit(_nothing)  # the process starts now, and imports what it needs meanwhile
        yield Apart(pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def is_apart(derived: str) -> bool:
    """Whether a module asks to be computed beside the others."""
    return bool(getattr(import_module(f"pipelines.marts.{derived}"), "APART", False))


def compute(derived: str, frames: Frames, release: Release) -> Made:
    """What a module makes of these tables."""
    found: Made = import_module(f"pipelines.marts.{derived}").build(lambda name: frames[name], release)
    return found


def _begin(modules: tuple[str, ...]) -> None:
    """Once in the process. A keyboard interrupt is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    for derived in modules:
        import_module(f"pipelines.marts.{derived}")


def _nothing() -> None:
    """Starts the process."""
