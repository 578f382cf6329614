"""Tables computed in Python: one module each, `build(read, release)` returns its tables by full name.

A module reads the tables that its declarations name in `depends_on`, and may say three things about itself:
`OF_A_DAY = True`, it judges on the day of the newest input; `APART = True`, it takes seconds and is computed beside the
others, in a process of its own; `PARTS`, it goes through these tables family by family
(table -> columns that name a family), and rows of a family that it makes depend on that family alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

Read = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Release:
    """What a mart may know of the release it is part of: the seed of random numbers and the day of the newest input,
    on which deadlines are judged, which only modules with `OF_A_DAY` are told; never the release's name.

    The name stands in `meta.release` only, so that a row that does not change is the same in the next release.
    """

    seed: int
    data_date: date | None = None
