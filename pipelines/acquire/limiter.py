"""Keep requests apart: so many per second over all threads, and none while the server asked for a pause."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable


class RateLimiter:
    """Hands out moments at which a request may start; safe between threads and event loops."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = 1.0 / per_second, clock
        self._lock, self._next, self._paused_until = threading.Lock(), 0.0, 0.0

    def reserve(self) -> float:
        """Seconds to wait from now until the caller's moment, which is then taken."""
        with self._lock:
            now = self._clock()
            moment = max(now, self._next, self._paused_until)
            self._next = moment + self._gap
            return moment - now

    def pause(self, seconds: float) -> None:
        """Let nobody start within the next `seconds`, not even those who already have their moment."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    async def wait(self) -> None:
        """Sleep until one's moment; take a new one when the server asked for a pause meanwhile."""
        while True:
            await asyncio.sleep(self.reserve())
            if self._clock() >= self._paused_until:
                return


_shared: dict[tuple[str, float], RateLimiter] = {}
_shared_lock = threading.Lock()


def shared_limiter(base: str, per_second: float) -> RateLimiter:
    """The one limiter of this process for a server, so that several threads together keep its pace."""
    with _shared_lock:
        return _shared.setdefault((base, per_second), RateLimiter(per_second))
