"""How far a round through one area has come, so that an interrupted one goes on and a finished one begins anew.

The journal is replaced whole after each village. It is small: one line per village of one regency.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .records import now
from .store import Store

# After this, going on would mix answers of two times more than it saves: the round begins anew.
LONGEST_ROUND = timedelta(days=7)


class Journal:
    """The villages of a part that were finished in the present round."""

    def __init__(self, store: Store, key: str) -> None:
        self._store, self._key = store, key
        self._name = f".state/{key}.json"
        self.started, self._done = now(), dict[str, Mapping[str, Any]]()
        if (data := store.read(self._name)) is not None:
            self._resume(data)

    def _resume(self, data: bytes) -> None:
        try:
            state = json.loads(data)
            started = datetime.fromisoformat(state["started"])
            done = dict(state["done"])
        except (ValueError, KeyError, TypeError):
            return  # unreadable: everything is asked again, unchanged answers cost nothing
        if datetime.now(UTC) - started <= LONGEST_ROUND:
            self.started, self._done = state["started"], done

    def is_done(self, contest: str, village: str) -> bool:
        return f"{contest}/{village}" in self._done

    def done(self, contests: tuple[str, ...], village: str, facts: Mapping[str, int]) -> None:
        """Note that a village is finished, with the time and what was found."""
        for contest in contests:
            self._done[f"{contest}/{village}"] = {"checked_at": now(), **facts}
        self._store.write(self._name, self._text())

    def _text(self) -> bytes:
        return (json.dumps({"started": self.started, "done": self._done}, indent=0) + "\n").encode()

    def close(self) -> None:
        """End the round; its journal stays as a log of when each village was last checked."""
        self._store.write(f".log/{self._key}.json", self._text())
        self._store.remove(self._name)
