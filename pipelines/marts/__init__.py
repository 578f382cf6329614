"""Tables computed in Python: one module each, `build(read, release)` returns its tables by full name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

Read = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Release:
    """What a mart may know of the release it is part of: the seed of random numbers and the day of the newest input,
    on which deadlines are judged; never the release's name.

    The name stands in `meta.release` only, so that a row that does not change is the same in the next release.
    """

    seed: int
    data_date: date = date(1970, 1, 1)
