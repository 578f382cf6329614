"""Negative-binomial mid-P tests and false discovery rates."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipelines.stats import ParameterError, ShapeError, benjamini_hochberg, benjamini_yekutieli, nb_midp_test

CASES = np.array([30, 1, 0, 2, 1, 0, 0])
EXPECTED = np.array([7, 7, 7, 7, 4, 2, 0.0])


@pytest.mark.parametrize("shape", [0.005, 0.27, 3.0, np.inf])
def test_mid_p_is_that_of_scipy(shape: float) -> None:
    result = nb_midp_test(CASES, EXPECTED, shape=shape)
    law = stats.poisson(EXPECTED) if np.isinf(shape) else stats.nbinom(shape, shape / (shape + EXPECTED))
    by_scipy = law.sf(CASES) + law.pmf(CASES) / 2
    np.testing.assert_allclose(result.p_value[:6], by_scipy[:6], rtol=1e-9)
    assert result.p_value[6] == 1


def test_shape_is_fitted_when_not_given() -> None:
    assert 0 < nb_midp_test(CASES, EXPECTED).shape < 10
    assert np.isinf(nb_midp_test([2, 2, 2], [2, 2, 2]).shape)


def test_negative_binomial_keeps_its_size_where_poisson_does_not() -> None:
    """Fact 2 of the design: exact Poisson and BH flag dozens of 514 regencies for nothing."""
    rng = np.random.default_rng(17)
    expected = rng.gamma(2, 1, 514)
    flagged_nb, flagged_poisson, small = 0, 0, []
    for _ in range(40):
        cases = rng.poisson(expected * rng.gamma(0.27, 1 / 0.27, 514))
        test = nb_midp_test(cases, expected)
        flagged_nb += bool((test.q_value <= 0.05).any())
        flagged_poisson += int((nb_midp_test(cases, expected, shape=np.inf).q_value <= 0.05).sum())
        small.append(np.mean(test.p_value <= 0.05))
    assert np.mean(small) < 0.06
    assert flagged_nb <= 6
    assert flagged_poisson / 40 > 20


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_adjusted_p_values_are_those_of_scipy(p_values: list[float]) -> None:
    np.testing.assert_allclose(
        benjamini_hochberg(p_values), stats.false_discovery_control(p_values), atol=1e-15
    )
    np.testing.assert_allclose(
        benjamini_yekutieli(p_values), stats.false_discovery_control(p_values, method="by"), atol=1e-12
    )


def test_areas_without_a_test_do_not_count() -> None:
    adjusted = benjamini_hochberg([0.01, np.nan, 0.02])
    np.testing.assert_allclose(adjusted, [0.02, np.nan, 0.02])
    assert np.isnan(benjamini_yekutieli([np.nan, np.nan])).all()


def test_bad_p_values_are_named() -> None:
    for bad in ([0.1, 1.2], [0.1, -0.1], [0.2, np.inf]):
        with pytest.raises(ParameterError) as caught:
            benjamini_hochberg(bad)
        assert caught.value.element == "p_values[1]"
    with pytest.raises(ShapeError):
        benjamini_hochberg([])


def test_a_country_of_villages_takes_less_than_half_a_second() -> None:
    rng = np.random.default_rng(5)
    expected = rng.gamma(2, 0.01, 83_000)
    cases = rng.poisson(expected * rng.gamma(0.02, 50, 83_000))
    start = time.process_time()
    result = nb_midp_test(cases, expected)
    assert time.process_time() - start < 0.5
    assert np.isfinite(result.q_value).all()
