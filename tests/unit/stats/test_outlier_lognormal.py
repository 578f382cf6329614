"""Poisson-lognormal: the likelihood and the tail against plain integration, the fit against known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.stats import CountError
from pipelines.stats.outlier_lognormal import LognormalFit, fit_lognormal, lognormal_midp

# The narrowest peak here (2000 cases, sigma 2) is 0.011 wide: twelve points, and the trapezium errs below 1e-12.
Z = np.linspace(-9, 9, 20_001)


def integral(values: np.ndarray) -> float:
    return float(np.trapezoid(values * stats.norm.pdf(Z), Z))


@pytest.mark.parametrize(("y", "expected"), [(0, 2.0), (3, 2.0), (40, 60.0), (2000, 1500.0)])
@pytest.mark.parametrize("sigma", [0.2, 0.8, 2.0])
def test_midp_is_the_integral_over_rates(y: int, expected: float, sigma: float) -> None:
    rate = expected * np.exp(0.3 + sigma * Z)
    wanted = integral(stats.poisson.sf(y, rate) + stats.poisson.pmf(y, rate) / 2)
    found = lognormal_midp([y], [expected], LognormalFit(0.3, sigma, 0.0))
    assert found[0] == pytest.approx(wanted, rel=1e-3)


@pytest.mark.slow
def test_loglik_of_the_fit_is_that_of_plain_integration_and_no_neighbour_is_better() -> None:
    rng = np.random.default_rng(1)
    e = rng.lognormal(0, 1, 60) * 20
    y = rng.poisson(e * np.exp(0.7 * rng.standard_normal(60)))
    fit = fit_lognormal(y, e)

    def loglik(location: float, sigma: float) -> float:
        pairs = zip(y, e, strict=True)
        return sum(np.log(integral(stats.poisson.pmf(a, b * np.exp(location + sigma * Z)))) for a, b in pairs)

    assert fit.loglik == pytest.approx(loglik(fit.location, fit.sigma), abs=1e-4)
    around = [(fit.location + d, fit.sigma + s) for d in (-0.03, 0, 0.03) for s in (-0.03, 0, 0.03)]
    assert fit.loglik >= max(loglik(*at) for at in around) - 1e-4


def test_fit_finds_the_truth_among_many_areas_with_small_and_large_counts() -> None:
    rng = np.random.default_rng(2)
    e = rng.lognormal(1, 1.5, 4000)
    fit = fit_lognormal(rng.poisson(e * np.exp(-0.4 + 0.9 * rng.standard_normal(4000))), e)
    assert fit.location == pytest.approx(-0.4, abs=0.06)
    assert fit.sigma == pytest.approx(0.9, abs=0.06)


def test_area_without_expectation_has_p_one_and_wrong_counts_are_named() -> None:
    assert lognormal_midp([0], [0.0], LognormalFit(0, 1, 0.0)).tolist() == [1.0]
    with pytest.raises(CountError, match=r"cases\[1\]"):
        fit_lognormal([1, -2, 3], [1.0, 1.0, 1.0])
