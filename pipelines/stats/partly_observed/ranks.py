"""Ranks of the areas of a complete family; in other families ranks cannot be known and none are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.stats.checks import FloatArray, in_open_unit
from pipelines.stats.errors import ParameterError
from pipelines.stats.partly_observed.estimates import mixture
from pipelines.stats.partly_observed.observed import Observed
from pipelines.stats.partly_observed.posterior import FamilyPosterior

DRAWS = 2000


@dataclass(frozen=True)
class FamilyRanks:
    """Ranks, arrays of shape (n,), 1 = highest rate: mean rank, 90 % interval, P(among the ``top`` highest)."""

    expected: FloatArray
    low: FloatArray
    high: FloatArray
    top_probability: FloatArray


def family_ranks(
    seen: Observed, fitted: FamilyPosterior, *, top: int = 5, level: float = 0.9, seed: int = 20240214
) -> FamilyRanks:
    """Rank the areas by independent draws from their posteriors.

    Raises:
        ParameterError: the family is not complete.
    """
    if not seen.all_complete:
        raise ParameterError("ranks need every area to be known in full", "complete")
    tail = (1 - in_open_unit(level, "level")) / 2
    rng = np.random.default_rng(seed)
    n = seen.low.size
    drawn = mixture(seen, fitted, np.arange(n), seen.middle).draws(DRAWS, rng)
    # Draws of one area are exchangeable, so ties (exact zeros) are broken at random.
    tie = rng.random(drawn.shape)
    order = np.lexsort((tie, -drawn), axis=1)
    rank = np.empty(drawn.shape)
    np.put_along_axis(rank, order, np.arange(1.0, n + 1)[None, :], axis=1)
    ordered = np.sort(rank, axis=0)
    return FamilyRanks(
        expected=rank.mean(axis=0),
        low=ordered[int(np.floor(tail * (DRAWS - 1)))],
        high=ordered[int(np.ceil((1 - tail) * (DRAWS - 1)))],
        top_probability=(rank <= min(top, n)).mean(axis=0),
    )
