"""Processes that work beside this one, whose loss never leaves it waiting.

Python's own pool can wait for ever if one of its processes dies while it starts another (seen with 3.11), so what is
waited for here is looked at once a second: where a process is missing, the others are killed and their work fails.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, connection, get_context
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
SECONDS = 1.0  # between two looks at processes that give no answer


class Pool:
    """Processes that were all started; see `pool`."""

    def __init__(self, workers: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._others = set(active_children())
        self._workers = workers
        self._children: set[Any] = set()
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), begin, arguments)
        with without_main():
            for _ in range(workers):
                self.submit(_ready)
        self._lost()  # knows them from now on

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Hand in work; where a process was lost, a future that has failed with BrokenProcessPool."""
        try:
            return self._pool.submit(work, *args, **kwargs)
        except (RuntimeError, OSError) as error:  # closed, or being closed, because a process was lost
            failed: Future[R] = Future()
            failed.set_exception(BrokenProcessPool(str(error)))
            return failed

    def done(self, futures: Collection[Future[R]]) -> Iterator[Future[R]]:
        """Futures of `submit` in the order in which they are done, all of them, whatever becomes of the processes."""
        left = set(futures)
        while left:
            done, left = wait(left, timeout=SECONDS, return_when=FIRST_COMPLETED)
            if not done and self._lost():
                self.close()  # nobody is left who could answer, nor a thread that could note an answer
                for one in left:
                    if not one.done():
                        one.set_exception(BrokenProcessPool("a process ended and the pool did not notice"))
            yield from done

    def close(self) -> None:
        """Wait until the work handed in is finished; where a process was lost, end the others."""
        if self._lost():
            for child in self._children:
                child.kill()
        self._pool.shutdown()

    def _lost(self) -> bool:
        """Whether a process has ended: so says its end of a pipe, also while the pool's own thread asks for its code.

        In that moment the process itself still says that it is alive. One that ended while another was being started may
        never have been seen.
        """
        self._children |= {child for child in active_children() if child not in self._others}
        ended = connection.wait([child.sentinel for child in self._children], timeout=0)
        return bool(ended) or len(self._children) < self._workers


class Here:
    """Work done in this process when it is asked for, where it is so little that a process takes longer to start."""

    def __init__(self) -> None:
        self._left: dict[Future[Any], Callable[[], Any]] = {}

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Hand in work."""
        future: Future[R] = Future()
        self._left[future] = partial(work, *args, **kwargs)
        return future

    def done(self, futures: Collection[Future[R]]) -> Iterator[Future[R]]:
        """Do the work of these futures, one after the other."""
        for future in futures:
            try:
                future.set_result(self._left.pop(future)())
            except Exception as error:
                future.set_exception(error)
            yield future

    def close(self) -> None:
        """Forget what was not asked for."""
        self._left.clear()


@contextmanager
def spared(*names: str) -> Iterator[None]:
    """Libraries that others take when they are there, and that this process has not loaded, are not there within."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


@contextmanager
def pool(workers: int, begin: Callable[..., None], *arguments: object) -> Iterator[Pool]:
    """Processes, started at once, that call `begin(*arguments)` before anything else.

    Keep the pickled arguments below 64 KiB, the size of a pipe: whoever starts a process that dies at once would wait
    for it to read them.
    """
    found = Pool(workers, begin, arguments)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def without_main() -> Iterator[None]:
    """Processes spawned within do not import the program that spawns them: Prefect's engine takes two seconds."""
    main = sys.modules["__main__"]
    names: dict[str, Any] = main.__dict__
    kept: dict[str, Any] = {name: names.pop(name) for name in ("__spec__", "__file__") if name in names}
    main.__spec__ = None
    try:
        yield
    finally:
        names.update(kept)


def _ready() -> None:
    """Nothing but being there: processes load what they need while this one goes on."""
