"""Outlying areas, given the dispersion between areas: negative-binomial mid-P and FDR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, as_counts, as_exposure, as_floats
from pipelines.stats.errors import ParameterError
from pipelines.stats.fit_nb import MeanModel, fit_negative_binomial, group_cells


@dataclass(frozen=True)
class NegativeBinomialTest:
    """One-sided test of each area, arrays of shape (n,).

    Attributes:
        p_value: mid-P of the upper tail; q_value: Benjamini-Hochberg; q_value_by: Benjamini-Yekutieli.
        shape: fitted or given NB shape (inf = Poisson); mean: fitted mean relative risk (1 when fixed).
    """

    p_value: FloatArray
    q_value: FloatArray
    q_value_by: FloatArray
    shape: float
    mean: float


def nb_midp_test(
    cases: Any, expected: Any, *, shape: float | None = None, mean: MeanModel = "one"
) -> NegativeBinomialTest:
    """Test each area for more cases than the dispersion between areas explains.

    Args:
        cases: events per area, shape (n,), whole numbers.
        expected: expected events per area, shape (n,), >= 0; zero only where no case occurred.
        shape: a known NB shape; None fits it by maximum likelihood to all areas; inf gives the Poisson test.
        mean: ``"one"`` when the expected counts add up to the cases; ``"estimated"`` fits a common factor.

    Returns:
        `NegativeBinomialTest`. Neutral results: an area with expected 0 has p 1; without visible
        over-dispersion it is the Poisson test.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        mid-P: Lancaster 1961, JASA 56:223; NB tail: P(Y > y) = I_x(y + 1, k) with x = E / (k + E).

    Example:
        >>> test = nb_midp_test([30, 1, 0, 2, 1], [7, 7, 7, 7, 6])
        >>> bool(test.p_value.argmin() == 0)
        True
    """
    y = as_counts(cases, "cases")
    e = as_exposure(expected, "expected", y)
    cells = group_cells(y, e)
    fit = fit_negative_binomial(cells, mean=mean, shape=shape)
    p = midp_upper(cells.cases, cells.expected * fit.mean, fit.shape)[cells.place]
    return NegativeBinomialTest(
        p_value=p,
        q_value=benjamini_hochberg(p),
        q_value_by=benjamini_yekutieli(p),
        shape=fit.shape,
        mean=fit.mean,
    )


def midp_upper(y: FloatArray, mean: FloatArray, shape: float) -> FloatArray:
    """P(Y > y) + P(Y = y)/2 of a negative binomial (Poisson for shape inf); 1 where the mean is 0."""
    safe = np.where(mean > 0, mean, 1.0)
    if np.isinf(shape):
        above = special.gammainc(y + 1, safe)
        log_at = special.xlogy(y, safe) - safe - special.gammaln(y + 1)
    else:
        above = special.betainc(y + 1, shape, safe / (shape + safe))
        rising = special.gammaln(y + shape) - special.gammaln(shape) - special.gammaln(y + 1)
        log_at = rising - shape * np.log1p(safe / shape) + special.xlogy(y, safe / (shape + safe))
    result: FloatArray = np.where(mean > 0, np.minimum(above + np.exp(log_at) / 2, 1.0), 1.0)
    return result


def benjamini_hochberg(p_values: Any) -> FloatArray:
    """Adjust p-values for the false discovery rate under independence or positive dependence.

    Args:
        p_values: shape (n,), 0-1; nan marks an area without a test and is not counted.

    Returns:
        Adjusted p-values, shape (n,); nan where the input is nan.

    Raises:
        ParameterError: a p-value outside 0-1, named as ``p_values[i]``.

    Source:
        Benjamini & Hochberg 1995, JRSS B 57:289.

    Example:
        >>> benjamini_hochberg([0.01, 0.02, 0.9]).round(3).tolist()
        [0.03, 0.03, 0.9]
    """
    return _step_up(p_values, factor=lambda n: 1.0)


def benjamini_yekutieli(p_values: Any) -> FloatArray:
    """Adjust p-values for the false discovery rate under any dependence.

    Args, Returns, Raises: as `benjamini_hochberg`.

    Source:
        Benjamini & Yekutieli 2001, Annals of Statistics 29:1165, theorem 1.3.

    Example:
        >>> benjamini_yekutieli([0.01, 0.02, 0.9]).round(3).tolist()
        [0.055, 0.055, 1.0]
    """
    return _step_up(p_values, factor=lambda n: float(np.sum(1.0 / np.arange(1, n + 1))))


def _step_up(p_values: Any, factor: Any) -> FloatArray:
    p = as_floats(p_values, "p_values")
    known = ~np.isnan(p)
    if (bad := known & ~((np.nan_to_num(p) >= 0) & (np.nan_to_num(p) <= 1))).any():
        at = int(np.argmax(bad))
        raise ParameterError(f"{p[at]:g} is not a probability", f"p_values[{at}]")
    result = np.full(p.shape, np.nan)
    n = int(known.sum())
    if n:
        order = np.argsort(p[known], kind="stable")
        scaled = p[known][order] * factor(n) * n / np.arange(1, n + 1)
        adjusted = np.empty(n)
        adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
        result[known] = np.maximum(adjusted, p[known])  # n / n must not round p down
    return result
