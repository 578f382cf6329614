"""Evidence that forms of an area fail a rule more often than elsewhere: shrinkage, test and evidence class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pipelines.stats.checks import FloatArray
from pipelines.stats.empirical_bayes import binomial_eb
from pipelines.stats.outlier_lognormal import fit_lognormal, lognormal_midp
from pipelines.stats.outlier_nb import (
    NegativeBinomialTest,
    benjamini_hochberg,
    benjamini_yekutieli,
    nb_midp_test,
)

SUPPORT = 0.05
TOP = 5
# With fewer areas, the dispersion between them cannot be separated from the outlier itself.
LEAST_AREAS = 5
COLUMNS = [
    "failed_share", "eb_share", "eb_low", "eb_high", "exceedance", "eb_ratio", "n_expected", "p_value", "q_value",
    "q_value_by", "shape_k",
]  # fmt: skip


def failure_statistics(failed: Any, evaluable: Any) -> pd.DataFrame:
    """Return the failed shares of the areas of one family (election, contest, level, rule), each compared with
    all.

    Where the areas differ no more than by chance, shares shrink to the pooled share with the interval of the
    pooled forms, and nothing is tested: a test without over-dispersion would be a Poisson test, which raises
    too many false alarms.

    Args:
        failed: forms that fail, shape (n,), whole numbers.
        evaluable: forms that could be evaluated, shape (n,), > 0.

    Returns:
        Frame (n rows) with `COLUMNS`: raw and shrunken share with 95 % interval, P(share > twice the mean),
        ratio of the shrunken share to the mean, expected failures, mid-P (the larger of negative-binomial and
        Poisson-lognormal) with its adjustments by Benjamini-Hochberg and Benjamini-Yekutieli over the family
        (nan = not tested), shape of the gamma spread.

    Raises:
        CountError, ShapeError: the counts are invalid.

    Source:
        As `binomial_eb`, `nb_midp_test` and `lognormal_midp`; Jeffreys interval of pooled forms: Brown, Cai &
        DasGupta 2001, Statistical Science 16:101.

    Example:
        >>> table = failure_statistics([40, 2, 3, 1, 2, 4], [100, 100, 100, 100, 100, 100])
        >>> bool(table["eb_ratio"].idxmax() == 0)
        True
    """
    shrunken = binomial_eb(failed, evaluable)
    y, n = np.asarray(failed, dtype=np.float64), np.asarray(evaluable, dtype=np.float64)
    low, high = shrunken.low, shrunken.high
    if np.isinf(shrunken.prior_precision):
        low, high = _pooled_interval(y.sum(), n.sum(), y.size)
    mean = y.sum() / n.sum() if n.sum() else 0.0
    expected = n * mean
    out = pd.DataFrame(np.nan, index=range(y.size), columns=COLUMNS)
    out["failed_share"], out["eb_share"], out["exceedance"] = (
        shrunken.raw,
        shrunken.estimate,
        shrunken.exceedance,
    )
    out["eb_low"], out["eb_high"], out["n_expected"] = low, high, expected
    if mean > 0:
        out["eb_ratio"] = shrunken.estimate / (shrunken.prior_mean or 1.0)
    if y.size >= LEAST_AREAS and mean > 0:
        test = nb_midp_test(y, expected)
        if np.isfinite(test.shape):
            p = _under_both_tails(y, expected, test)
            out["p_value"], out["shape_k"] = p, test.shape
            out["q_value"], out["q_value_by"] = benjamini_hochberg(p), benjamini_yekutieli(p)
    return out


def _under_both_tails(y: FloatArray, expected: FloatArray, test: NegativeBinomialTest) -> FloatArray:
    """Return the larger of two p-values: area rates follow a gamma, or a lognormal with its heavier tail.

    The true distribution is unknown, so an area must stand out under both. The second test runs only for areas
    that the first could reject.
    """
    p: FloatArray = test.p_value.copy()
    if (test.q_value <= SUPPORT).any():
        again = p <= SUPPORT
        p[again] = np.maximum(p[again], lognormal_midp(y[again], expected[again], fit_lognormal(y, expected)))
    return p


def _pooled_interval(failed: float, evaluable: float, n: int) -> tuple[FloatArray, FloatArray]:
    a, b = failed + 0.5, evaluable - failed + 0.5
    low = special.betaincinv(a, b, 0.025) if failed > 0 else 0.0
    high = special.betaincinv(a, b, 0.975) if failed < evaluable else 1.0
    return np.full(n, low), np.full(n, high)


def evidence_classes(family: pd.DataFrame) -> pd.Series:
    """Return `supported`, `watch` or `ordinary` for the areas of one family.

    Supported: adjusted p at most 5 %. Watch: among the five highest shrunken shares of its scope, above the
    family's mean, with at least one failure, but not supported.

    Args:
        family: (n rows) scope, n_failed, and `eb_ratio`, `eb_share`, `q_value` of `failure_statistics`.
    """
    supported = (family["q_value"] <= SUPPORT).fillna(False).astype(bool)
    candidates = family[(family["eb_ratio"] > 1) & (family["n_failed"] > 0)]
    ordered = candidates.sort_values(["eb_share", "n_failed"], ascending=False, kind="stable")
    top = ordered.groupby("scope", sort=False).head(TOP).index
    words = pd.Series("ordinary", index=family.index, dtype="str")
    words[family.index.isin(top)] = "watch"
    words[supported] = "supported"
    return words
