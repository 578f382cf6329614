"""A process that works for another ends with it, however that one ends; and a run that lives holds a lock.

The system releases a lock when its holder dies, of whatever: kill -9, out of memory, power. So a lock that is free says
for certain that the run is dead.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

SECONDS = 1.0
_watched: list[threading.Thread] = []


def end_with_parent() -> None:
    """From now on this process ends within about a second after its parent; once is enough."""
    if _watched:
        return
    thread = threading.Thread(target=_watch, args=(os.getppid(),), name="lifeline", daemon=True)
    _watched.append(thread)
    thread.start()


def _watch(parent: int) -> None:
    made_by = parent_process()
    if made_by is not None:
        wait([made_by.sentinel])
    else:
        while os.getppid() == parent:
            time.sleep(SECONDS)
    os._exit(1)  # nobody is there who could use a result or read a message


@contextmanager
def alive(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a run while it lives.

    Args:
        folder: where locks of runs lie.
        name: of the run; letters, digits and hyphens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("w") as handle:
        with suppress(OSError):  # held already: a run inside this one, or one told twice
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool | None:
    """Whether a run holds its lock; None where it has none."""
    try:
        with (folder / name).open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return None
    except OSError:
        return True
