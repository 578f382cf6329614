"""Does a signal separate cases from the other units of the same stratum? Stratified AUC with interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.stats.checks import in_open_unit
from pipelines.stats.errors import ParameterError, ShapeError


@dataclass(frozen=True)
class Separation:
    """How a signal separates cases from the others of the same stratum.

    Attributes:
        auc: probability that a case has the larger value than another unit of its stratum, ties counted half;
            0.5 = no separation; nan without a stratum that holds both.
        low, high: interval, percentiles of a bootstrap over strata; nan with fewer than two strata.
        n_cases, n_others, n_strata: of the strata that hold both.
    """

    auc: float
    low: float
    high: float
    n_cases: int
    n_others: int
    n_strata: int


def stratified_auc(
    values: Any, is_case: Any, strata: Any, *, level: float = 0.95, replicates: int = 2_000, seed: int = 1
) -> Separation:
    """Compute the area under the ROC curve within strata, weighting each case equally.

    Args:
        values: signal per unit, shape (n,), any unit; nan = not known, left out.
        is_case: shape (n,), bool.
        strata: label per unit, shape (n,); units are compared only within their stratum, so that differences
            between places (such as reporting) do not count.
        level: probability inside the interval. replicates: of the bootstrap. seed: of its random numbers.

    Raises:
        ShapeError: the arrays differ in length. ParameterError: level or replicates out of range.

    Source:
        Hanley & McNeil 1982, Radiology 143:29 (AUC as the Mann-Whitney statistic); Janes & Pepe 2008,
        Statistics in Medicine 27:1023 (adjustment by averaging the placement of cases within strata).

    Example:
        >>> stratified_auc([1, 2, 3, 1, 2, 9], [0, 0, 1, 0, 0, 1], list("aaabbb")).auc
        1.0
    """
    x = np.asarray(values, dtype=np.float64)
    case = np.asarray(is_case, dtype=bool)
    group = np.asarray(strata)
    if not x.shape == case.shape == group.shape or x.ndim != 1:
        raise ShapeError(f"shapes differ: {x.shape}, {case.shape}, {group.shape}", "values")
    tail = (1 - in_open_unit(level, "level")) / 2
    if replicates < 1:
        raise ParameterError(f"must be at least 1, got {replicates}", "replicates")
    known = ~np.isnan(x)
    x, case, group = x[known], case[known], group[known]
    from scipy.stats import rankdata  # imported late: it takes half a second

    _, place = np.unique(group, return_inverse=True)
    order = np.argsort(place, kind="stable")
    sums, cases, others = [], [], 0
    for part in np.split(order, np.flatnonzero(np.diff(place[order])) + 1) if order.size else []:
        n_case = int(case[part].sum())
        n_other = part.size - n_case
        if n_case and n_other:
            u = rankdata(x[part])[case[part]].sum() - n_case * (n_case + 1) / 2
            sums.append(u / n_other)
            cases.append(n_case)
            others += n_other
    placed, weight = np.array(sums), np.array(cases, dtype=np.float64)
    if not placed.size:
        return Separation(np.nan, np.nan, np.nan, 0, 0, 0)
    auc = float(placed.sum() / weight.sum())
    low = high = np.nan
    if placed.size > 1:
        drawn = np.random.default_rng(seed).integers(0, placed.size, (replicates, placed.size))
        again = placed[drawn].sum(axis=1) / weight[drawn].sum(axis=1)
        low, high = (float(q) for q in np.quantile(again, [tail, 1 - tail]))
    return Separation(auc, low, high, int(weight.sum()), others, placed.size)
