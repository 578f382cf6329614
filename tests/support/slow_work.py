"""What the page workers of `slow_flow` do; a module of its own, because each of them imports it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def work(seconds: float) -> int:
    """Wait, and say who did."""
    time.sleep(seconds)
    return os.getpid()


@contextmanager
def without_main() -> Iterator[None]:
    """Processes spawned within do not import the program that spawns them: Prefect's engine takes two seconds."""
    main = sys.modules["__main__"]
    kept = {name: main.__dict__.pop(name) for name in ("__spec__", "__file__") if name in main.__dict__}
    main.__spec__ = None
    try:
        yield
    finally:
        main.__dict__.update(kept)
