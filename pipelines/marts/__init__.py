"""Tables computed in Python: one module each; `build(read, release)` returns its tables by full name.

A module reads only the tables that its declarations list in `depends_on`. It may set three flags: `OF_A_DAY =
True`: it evaluates deadlines on the day of the newest input. `APART = True`: it takes long and runs in a
separate process, which first calls its `prepare()`, if it has one. `PARTS` (table -> columns that identify a
family): it processes these tables family by family, and the rows it builds for a family depend on that family
alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

Read = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Release:
    """What a mart may know about its release: the random seed and the day of the newest input, on which
    deadlines are evaluated. Only modules with `OF_A_DAY` get the day; none gets the release's name.

    The name is stored only in `meta.release`, so that an unchanged row is identical in the next release.
    """

    seed: int
    data_date: date | None = None
