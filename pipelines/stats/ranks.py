"""Ranks with uncertainty, from draws of the posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.stats.checks import FloatArray, as_floats, in_open_unit, same_length
from pipelines.stats.errors import ParameterError

# Draws are computed in blocks of this many cells to limit memory use.
CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Ranks:
    """Posterior ranks, arrays of shape (n,); rank 1 is the highest value.

    Attributes:
        expected: mean rank over the draws; low, high: equal-tailed interval of the rank (whole numbers).
        top_probability: probability of being among the ``top`` highest.
        order: input indices by expected rank, highest first.
        top, draws, seed: as requested.
    """

    expected: FloatArray
    low: FloatArray
    high: FloatArray
    top_probability: FloatArray
    order: npt.NDArray[np.int64]
    top: int
    draws: int
    seed: int


def posterior_ranks(
    mean: Any, variance: Any, *, top: int = 10, draws: int = 4000, level: float = 0.9, seed: int = 20240214
) -> Ranks:
    """Rank areas by draws from gamma posteriors with the given moments.

    Args:
        mean: posterior means, shape (n,), >= 0 (exact for `gamma_poisson_eb`: ``.estimate``, ``.variance``).
        variance: posterior variances, shape (n,), >= 0; 0 means the value is known.
        top: length of the list whose membership probability is reported; capped at n.
        draws: number of joint draws; needs about 4 * n * draws bytes.
        level: probability inside ``low``-``high``.
        seed: random seed; the same seed gives the same ranks.

    Returns:
        `Ranks`. Ties (e.g. indistinguishable areas) are broken at random within each draw.

    Raises:
        ParameterError, ShapeError: with the element that is wrong.

    Source:
        Laird & Louis 1989, Journal of Educational Statistics 14:29 (expected ranks); Goldstein &
        Spiegelhalter 1996, JRSS A 159:385 (interval of a rank).

    Example:
        >>> ranks = posterior_ranks([4.0, 1.0, 0.2], [0.1, 0.1, 0.01], top=1)
        >>> ranks.order.tolist(), bool(ranks.top_probability[0] > 0.99)
        ([0, 1, 2], True)
    """
    m = _moments(mean, "mean")
    v = _moments(variance, "variance")
    same_length(m.size, v.size, "variance")
    tail = (1 - in_open_unit(level, "level")) / 2
    if top < 1:
        raise ParameterError(f"must be at least 1, got {top}", "top")
    if draws < 1:
        raise ParameterError(f"must be at least 1, got {draws}", "draws")
    ranks = _draw_ranks(m, v, draws, np.random.default_rng(seed))
    expected = ranks.mean(axis=1)
    low, high = np.empty(m.size), np.empty(m.size)
    for start in range(0, m.size, 4096):
        part = np.sort(ranks[start : start + 4096], axis=1)
        low[start : start + 4096] = part[:, int(np.floor(tail * (draws - 1)))]
        high[start : start + 4096] = part[:, int(np.ceil((1 - tail) * (draws - 1)))]
    return Ranks(
        expected=expected,
        low=low,
        high=high,
        top_probability=(ranks <= top).mean(axis=1),
        order=np.lexsort((np.arange(m.size), expected)).astype(np.int64),
        top=top,
        draws=draws,
        seed=seed,
    )


def _draw_ranks(m: FloatArray, v: FloatArray, draws: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Rank of each area in each draw, shape (n, draws)."""
    n = m.size
    # Below a coefficient of variation of 1e-7 a draw would not differ from the mean.
    random = (m > 1e-150) & (v > 1e-14 * m * m)
    scale = np.minimum(np.divide(v, m, out=np.zeros_like(m), where=random), 1e150)
    shape = np.divide(m, scale, out=np.ones_like(m), where=random)
    fixed = np.where(random, 0.0, m)
    ranks = np.empty((draws, n), dtype=np.int32)
    place = np.arange(1, n + 1, dtype=np.int32)
    step = max(1, CELLS_AT_ONCE // max(n, 1))
    for start in range(0, draws, step):
        size = (min(step, draws - start), n)
        value = fixed + scale * rng.standard_gamma(shape, size=size)
        # Very skewed posteriors underflow to exact zeros, so ties are common; a random order before a stable
        # sort breaks them without favouring the first areas of the input.
        shuffle = np.argsort(rng.random(size), axis=1)
        order = np.argsort(-np.take_along_axis(value, shuffle, axis=1), axis=1, kind="stable")
        rows = ranks[start : start + size[0]]
        np.put_along_axis(rows, np.take_along_axis(shuffle, order, axis=1), place[None, :], axis=1)
    return np.ascontiguousarray(ranks.T)


def _moments(values: Any, name: str) -> FloatArray:
    result = as_floats(values, name)
    bad = ~(np.isfinite(result) & (result >= 0))
    if bad.any():
        at = int(np.argmax(bad))
        raise ParameterError(f"{result[at]:g} is not a finite number >= 0", f"{name}[{at}]")
    return result
