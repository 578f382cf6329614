"""Tables computed in Python: one module each, `build(read, release)` returns its tables by full name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

Read = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Release:
    """What random numbers and rows say about where they come from."""

    id: str
    seed: int

    def stamp(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with the columns `release_id` and `seed`."""
        return frame.assign(release_id=self.id, seed=self.seed)
