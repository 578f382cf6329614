"""Look for cyclic garbage less often: with the many objects of a run, looking costs a tenth of the time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = 20_000, 20, 50


def collect_seldom() -> None:
    """From now on, look for garbage seldom, and not among what exists already, such as the imported modules."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for garbage seldom inside the context."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
