"""Progress of a download round: an interrupted round resumes, a finished one starts over.

There is one journal per area (listing villages) and one per call (listing areas). It is rewritten after each
unit of work and stays small: one line per village of a regency, or per regency.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..storage import SharedStorage
from .records import now

# After this long, resuming would mix answers from two dates and save little: the round starts over.
LONGEST_ROUND = timedelta(days=7)


class Journal:
    """What the current round has finished, and what failed and is therefore retried last."""

    def __init__(self, store: SharedStorage, key: str) -> None:
        self._store, self._key = store, key
        self._name = f".state/{key}.json"
        self.started, self._done = now(), dict[str, Mapping[str, Any]]()
        self._trouble: list[str] = []
        if (data := store.read(self._name)) is not None:
            self._resume(data)

    def _resume(self, data: bytes) -> None:
        try:
            state = json.loads(data)
            started = datetime.fromisoformat(state["started"])
            done, trouble = dict(state["done"]), [str(name) for name in state["trouble"]]
            json.dumps([done, trouble])
            is_recent = datetime.now(UTC) - started <= LONGEST_ROUND
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return  # unreadable: request everything again; unchanged answers cost nothing
        if is_recent:
            self.started, self._done, self._trouble = state["started"], done, trouble

    def is_done(self, name: str) -> bool:
        return name in self._done

    def done(self, names: Iterable[str], facts: Mapping[str, int]) -> None:
        """Record what is finished, with the time and the counts."""
        for name in names:
            self._done[name] = {"checked_at": now(), **facts}
        self._save()

    def trouble(self, name: str) -> None:
        """Record a failure: the next call tries it last, so that it cannot block the rest."""
        self._trouble = [*(other for other in self._trouble if other != name), name]
        self._save()

    def turn(self, name: str) -> int:
        """Return the sort key: 0 for what never failed, then failures, the most recent last."""
        return 1 + self._trouble.index(name) if name in self._trouble else 0

    def _text(self) -> bytes:
        state = {"started": self.started, "done": self._done, "trouble": self._trouble}
        return (json.dumps(state, indent=0) + "\n").encode()

    def _save(self) -> None:
        self._store.write(self._name, self._text())

    def close(self) -> None:
        """End the round; the journal stays as a log of when each item was last checked."""
        self._store.write(f".log/{self._key}.json", self._text())
        self._store.remove(self._name)
