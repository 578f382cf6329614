"""Child processes end with their parent, however it ends; live runs hold a lock.

The system releases a lock when its holder dies for any reason: kill -9, out of memory, power loss. So a free
lock proves that the run is dead.
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
    """Make this process end within about a second of its parent; calling it once is enough."""
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
    os._exit(1)  # nobody is left to use a result or read a message


@contextmanager
def alive(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a run while it is alive.

    Args:
        folder: holds the locks of runs.
        name: of the run; letters, digits and hyphens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("w") as handle:
        with suppress(OSError):  # already held: a nested run, or a repeated call
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool | None:
    """Return whether a run holds its lock; None if it has none."""
    try:
        with (folder / name).open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return None
    except OSError:
        return True
