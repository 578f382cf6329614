"""Rate limiter: requests per second over all threads, and no request during a pause the server asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable


class RateLimiter:
    """Assigns start times to requests; safe across threads and event loops."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = 1.0 / per_second, clock
        self._lock, self._next, self._paused_until = threading.Lock(), 0.0, 0.0

    def reserve(self) -> float:
        """Reserve the next start time and return the seconds until it."""
        with self._lock:
            now = self._clock()
            moment = max(now, self._next, self._paused_until)
            self._next = moment + self._gap
            return moment - now

    def pause(self, seconds: float) -> None:
        """Block every start for the next `seconds`, including starts already reserved."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    async def wait(self) -> None:
        """Sleep until the reserved start time; reserve again if a pause began meanwhile."""
        while True:
            await asyncio.sleep(self.reserve())
            if self._clock() >= self._paused_until:
                return


_shared: dict[tuple[str, float], RateLimiter] = {}
_shared_lock = threading.Lock()


def shared_limiter(base: str, per_second: float) -> RateLimiter:
    """Return this process's single limiter for a server, so that all threads share its rate."""
    with _shared_lock:
        return _shared.setdefault((base, per_second), RateLimiter(per_second))
