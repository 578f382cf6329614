"""Worker processes whose loss never blocks this one.

Python's own pool can wait for ever if a process dies while it starts another (seen with 3.11). So waiting here
polls once a second: if a process is missing, the others are killed and their work fails.
"""

from __future__ import annotations

import signal
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
SECONDS = 1.0  # between two checks of processes that do not answer


class Pool:
    """Processes that have all been started; see `pool`."""

    def __init__(self, workers: int, begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._others = set(active_children())
        self._workers = workers
        self._children: set[Any] = set()
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), begin, arguments)
        with without_main(), _uninterrupted():
            for _ in range(workers):
                self.submit(_ready)
        self._is_used = False
        self._lost()  # records the processes

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Submit work; if a process was lost, returns a future that has failed with BrokenProcessPool."""
        self._is_used = True
        try:
            return self._pool.submit(work, *args, **kwargs)
        except (RuntimeError, OSError) as error:  # closed, or closing, because a process was lost
            failed: Future[R] = Future()
            failed.set_exception(BrokenProcessPool(str(error)))
            return failed

    def done(self, futures: Collection[Future[R]]) -> Iterator[Future[R]]:
        """Yield the futures of `submit` as they finish, all of them, whatever happens to the processes."""
        left = set(futures)
        while left:
            done, left = wait(left, timeout=SECONDS, return_when=FIRST_COMPLETED)
            if not done and self._lost():
                self.close()  # no process or thread is left that could deliver a result
                for one in left:
                    if not one.done():
                        one.set_exception(BrokenProcessPool("a process ended and the pool did not notice"))
            yield from done

    def finish(self) -> None:
        """Take no more work and let the processes end while this one goes on."""
        self._pool.shutdown(wait=False)

    def close(self) -> None:
        """Wait until all submitted work is finished; if a process was lost, or none was needed, end the others."""
        if self._lost() or not self._is_used:
            for child in self._children:
                child.kill()
        self._pool.shutdown()

    def _lost(self) -> bool:
        """Return whether a process has died, judging by its end of a pipe, which works even while the pool's
        own thread collects its exit code.

        At that moment the process object still reports that it is alive. A process that ended while another was
        being started may never have been noticed.
        """
        self._children |= {child for child in active_children() if child not in self._others}
        ended = connection.wait([child.sentinel for child in self._children], timeout=0)
        return bool(ended) or len(self._children) < self._workers


class Here:
    """Run work in this process on demand, if it is too little to be worth starting a process."""

    def __init__(self) -> None:
        self._left: dict[Future[Any], Callable[[], Any]] = {}

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Submit work."""
        future: Future[R] = Future()
        self._left[future] = partial(work, *args, **kwargs)
        return future

    def done(self, futures: Collection[Future[R]]) -> Iterator[Future[R]]:
        """Run the work of these futures one after the other."""
        for future in futures:
            try:
                future.set_result(self._left.pop(future)())
            except Exception as error:
                future.set_exception(error)
            yield future

    def close(self) -> None:
        """Discard work that was not requested."""
        self._left.clear()


@contextmanager
def spared(*names: str) -> Iterator[None]:
    """Hide optional libraries that this process has not loaded from libraries that would import them."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


@contextmanager
def pool(workers: int, begin: Callable[..., None], *arguments: object) -> Iterator[Pool]:
    """Start processes at once; each first calls `begin(*arguments)`.

    Keep the pickled arguments below 64 KiB, the size of a pipe: if a process dies at its start, the parent
    would otherwise wait for it to read them.
    """
    found = Pool(workers, begin, arguments)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def without_main() -> Iterator[None]:
    """Spawn processes without importing the parent's main module: Prefect's engine takes two seconds."""
    main = sys.modules["__main__"]
    names: dict[str, Any] = main.__dict__
    kept: dict[str, Any] = {name: names.pop(name) for name in ("__spec__", "__file__") if name in names}
    main.__spec__ = None
    try:
        yield
    finally:
        names.update(kept)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that never see keyboard interrupts, not even while they import; they reach this one later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ready() -> None:
    """Do nothing: processes import their libraries while this one continues."""
