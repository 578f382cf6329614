"""What the page workers of `slow_flow` do; a module of its own, because each of them imports it."""

from __future__ import annotations

import os
import time


def work(seconds: float) -> int:
    """Wait, and say who did."""
    time.sleep(seconds)
    return os.getpid()
