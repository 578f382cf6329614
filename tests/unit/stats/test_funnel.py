"""Negative-binomial funnel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.stats import ExposureError, ParameterError, nb_funnel


def test_limits_enclose_the_exact_quantiles_of_scipy() -> None:
    exposure = np.array([50.0, 200, 800, 3200])
    cases = np.array([3, 9, 60, 100])
    funnel = nb_funnel(cases, exposure, shape=1.5, points=40)
    law = stats.nbinom(1.5, 1.5 / (1.5 + funnel.exposure * funnel.rate))
    for row, probability in enumerate((0.975, 0.999)):
        quantile = law.ppf(probability)
        assert np.all(funnel.high[row] * funnel.exposure <= quantile + 1e-9)
        assert np.all(funnel.high[row] * funnel.exposure > quantile - 1)


def test_limits_narrow_with_exposure_and_widen_with_level() -> None:
    rng = np.random.default_rng(1)
    exposure = rng.gamma(1, 400, 300) + 20
    funnel = nb_funnel(rng.poisson(exposure * 0.01 * rng.gamma(2, 0.5, 300)), exposure)
    assert funnel.high[0, 0] > funnel.high[0, -1] > funnel.rate > funnel.low[0, -1]
    assert np.all(funnel.high[1] >= funnel.high[0]) and np.all(funnel.low[1] <= funnel.low[0])


def test_share_of_areas_outside_is_the_level() -> None:
    rng = np.random.default_rng(2)
    exposure = rng.gamma(4, 500, 20_000)
    cases = rng.poisson(exposure * 0.02 * rng.gamma(3, 1 / 3, 20_000))
    funnel = nb_funnel(cases, exposure)
    assert np.mean(np.abs(funnel.position) >= 1) == pytest.approx(0.05, abs=0.01)
    assert np.mean(np.abs(funnel.position) >= 2) == pytest.approx(0.002, abs=0.0015)


def test_one_case_in_a_tiny_area_is_not_an_alarm_by_itself() -> None:
    rng = np.random.default_rng(3)
    exposure = np.full(3000, 10.0)
    cases = rng.poisson(0.13 * rng.gamma(0.05, 20, 3000))
    assert nb_funnel(cases, exposure).position[cases == 1].max(initial=0) <= 1


def test_no_case_at_all_is_neutral() -> None:
    funnel = nb_funnel([0, 0], [3.0, 9.0])
    assert funnel.rate == 0 and not funnel.high.any() and not funnel.position.any()


def test_bad_input_is_named() -> None:
    with pytest.raises(ExposureError, match=r"exposure\[1\]"):
        nb_funnel([1, 0], [3.0, 0.0])
    with pytest.raises(ParameterError, match="levels"):
        nb_funnel([1, 0], [3.0, 1.0], levels=(1.2,))
    with pytest.raises(ParameterError, match="points"):
        nb_funnel([1, 0], [3.0, 1.0], points=1)


def test_a_known_rate_is_the_middle_where_only_part_is_located() -> None:
    exposure = np.array([100.0, 200.0, 400.0])
    funnel = nb_funnel([1, 0, 2], exposure, rate=0.05)
    assert funnel.rate == 0.05
    assert (funnel.low[0] <= 0.05).all() and (funnel.high[0] >= 0.05).all()
    assert nb_funnel([1, 0, 2], exposure).rate == pytest.approx(3 / 700)
    with pytest.raises(ParameterError, match="rate"):
        nb_funnel([1, 0, 2], exposure, rate=0.0)
