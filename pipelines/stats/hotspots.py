"""Compute all per-area statistics of one family of areas (one scope, election, outcome and level) in one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .empirical_bayes import binomial_eb, gamma_poisson_eb
from .errors import ShapeError
from .outlier_nb import nb_midp_test
from .ranks import posterior_ranks

COLUMNS = [
    "eb_ratio", "eb_low", "eb_high", "p_above_2", "rank_expected", "rank_low", "rank_high", "p_top", "p_value",
    "q_value", "q_value_by", "shape",
]  # fmt: skip


def hotspot_statistics(
    count: Any,
    expected: Any,
    *,
    trials: Any = None,
    is_comparable: bool = True,
    top: int = 5,
    seed: int = 20240214,
) -> pd.DataFrame:
    """Empirical Bayes, ranks and the negative-binomial test for every area of a family.

    Areas without data enter the fit of the dispersion as zeros. This overstates the dispersion and so keeps the
    test conservative; those areas get no estimate, rank or p.

    Args:
        count: (n,) whole numbers, NaN = no data; lower bounds are allowed where the test is upper-tailed.
        expected: (n,) expected counts at the family's rate, > 0 unless the family has no case.
        trials: (n,) units at risk where a unit can be affected only once (late or not); None = unbounded
            counts.
        is_comparable: whether `expected` comes from a complete total; otherwise p and q are missing.
        top: k in P(among the top k).
        seed: random seed of the posterior draws.

    Returns:
        Frame (n rows) with `COLUMNS`: ratio to the family's rate with 95 % interval, P(ratio > 2), expected
        rank with 90 % interval, P(in top k), mid-P, its BH and BY adjustments, NB shape (inf = no
        over-dispersion).

    Raises:
        ShapeError: arrays of different length; CountError, ExposureError: see the statistics used.
    """
    y, e = np.asarray(count, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if y.shape != e.shape or y.ndim != 1:
        raise ShapeError(f"has shape {y.shape}, expected has {e.shape}", "count")
    known = ~np.isnan(y)
    out = pd.DataFrame(np.nan, index=range(y.size), columns=COLUMNS)
    if not known.any():
        return out
    filled = np.where(known, y, 0.0)
    if trials is not None:
        shrunken = binomial_eb(filled, np.asarray(trials, dtype=np.float64))
        mean = shrunken.prior_mean or 1.0
        values = (shrunken.estimate / mean, shrunken.low / mean, shrunken.high / mean, shrunken.exceedance)
        variance = shrunken.variance / mean**2
    else:
        # If every area is known, the expected counts add up to the cases, so the prior mean is 1; if only part
        # is located, areas shrink towards the mean of the located part.
        poisson = gamma_poisson_eb(filled, e, mean="one" if known.all() else "estimated")
        values = (poisson.estimate, poisson.low, poisson.high, poisson.exceedance)
        variance = np.asarray(poisson.variance, dtype=np.float64)
    for name, numbers in zip(COLUMNS[:4], values, strict=True):
        out.loc[known, name] = np.asarray(numbers)[known]
    ranks = posterior_ranks(
        np.asarray(values[0])[known], variance[known], top=min(top, int(known.sum())), seed=seed
    )
    out.loc[known, "rank_expected"], out.loc[known, "rank_low"] = ranks.expected, ranks.low
    out.loc[known, "rank_high"], out.loc[known, "p_top"] = ranks.high, ranks.top_probability
    if is_comparable and trials is None:
        test = nb_midp_test(filled, e)
        out["shape"] = test.shape
        for name, numbers in (
            ("p_value", test.p_value),
            ("q_value", test.q_value),
            ("q_value_by", test.q_value_by),
        ):
            out.loc[known, name] = np.asarray(numbers)[known]
    return out
