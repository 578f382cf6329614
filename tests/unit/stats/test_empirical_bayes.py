"""Empirical Bayes by maximum likelihood against published numbers and independent software."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from pipelines.stats import (
    CountError,
    ExposureError,
    ParameterError,
    ShapeError,
    binomial_eb,
    gamma_poisson_eb,
)


def test_scottish_lip_cancer_as_published(shared_data: Path) -> None:
    """Clayton & Kaldor's data as fitted by R's glm.nb in SpatialEpi::eBayes."""
    data = pd.read_csv(shared_data / "published" / "scotland_lip.csv")
    published = pd.read_csv(shared_data / "published" / "scotland_eBayes_expected.csv")
    result = gamma_poisson_eb(data["cases"], data["expected"])
    assert result.prior_shape == pytest.approx(1.87949, abs=5e-6)
    assert np.log(result.prior_mean) == pytest.approx(0.3521065, abs=5e-8)
    assert result.estimate[0] == pytest.approx(3.997362, abs=5e-7)
    np.testing.assert_allclose(result.raw, published["SMR"], rtol=1e-12)
    np.testing.assert_allclose(result.estimate, published["RR0"], rtol=1e-8)
    np.testing.assert_allclose(result.median, published["RRmed0"], rtol=1e-8)


@pytest.mark.parametrize("mean", ["one", "estimated"])
def test_ml_agrees_with_a_direct_search_by_scipy(mean: str) -> None:
    rng = np.random.default_rng(7)
    expected = rng.gamma(1, 2, 400)
    cases = rng.poisson(expected * 1.3 * rng.gamma(0.7, 1 / 0.7, 400))
    result = gamma_poisson_eb(cases, expected, mean=mean)

    def minus_loglik(log_parameters: np.ndarray) -> float:
        shape = np.exp(log_parameters[0])
        mu = expected * (np.exp(log_parameters[1]) if mean == "estimated" else 1.0)
        return -stats.nbinom.logpmf(cases, shape, shape / (shape + mu)).sum()

    best = optimize.minimize(
        minus_loglik, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10}
    )
    assert result.loglik == pytest.approx(-best.fun, abs=1e-7)
    assert result.prior_shape == pytest.approx(np.exp(best.x[0]), rel=1e-5)


def test_posterior_is_the_gamma_of_scipy() -> None:
    result = gamma_poisson_eb(
        [9, 0, 2, 1, 0], [1.4, 2.0, 2.5, 1.0, 0.0], shape=0.5, mean="one", exceed=1.5, level=0.9
    )
    posterior = stats.gamma(0.5 + np.array([9, 0, 2, 1, 0]), scale=1 / (0.5 + np.array([1.4, 2, 2.5, 1, 0])))
    np.testing.assert_allclose(result.estimate, posterior.mean())
    np.testing.assert_allclose(result.low, posterior.ppf(0.05))
    np.testing.assert_allclose(result.high, posterior.ppf(0.95))
    np.testing.assert_allclose(result.exceedance, posterior.sf(1.5))
    np.testing.assert_allclose(result.median, posterior.median())


def test_interval_coverage_and_exceedance_are_calibrated() -> None:
    rng = np.random.default_rng(11)
    expected = rng.gamma(2, 1, 20_000)
    theta = rng.gamma(0.3, 1 / 0.3, 20_000)
    result = gamma_poisson_eb(rng.poisson(theta * expected), expected, mean="one")
    assert 0.93 < np.mean((result.low <= theta) & (theta <= result.high)) < 0.97
    assert 0.9 < result.exceedance.sum() / np.sum(theta > 2) < 1.1
    assert result.prior_shape == pytest.approx(0.3, rel=0.05)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.floats(0.01, 40)), min_size=1, max_size=30),
    st.sampled_from(["one", "estimated"]),
)
def test_estimates_lie_between_raw_and_prior_and_are_finite(rows, mean) -> None:
    cases, expected = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    result = gamma_poisson_eb(cases, expected, mean=mean)
    slack = 1e-9 * (1 + result.raw)
    assert np.all(result.estimate >= np.minimum(result.raw, result.prior_mean) - slack)
    assert np.all(result.estimate <= np.maximum(result.raw, result.prior_mean) + slack)
    for values in (result.estimate, result.low, result.high, result.exceedance, result.raw, result.median):
        assert np.isfinite(values).all()
    assert np.all((result.low <= result.median + 1e-12) & (result.median <= result.high + 1e-12))
    assert result.loglik >= result.loglik_poisson


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 5)), min_size=3, max_size=20), st.randoms())
def test_order_of_areas_does_not_matter(rows, random) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    cases, expected = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    straight = gamma_poisson_eb(cases, expected)
    mixed = gamma_poisson_eb(cases[order], expected[order])
    np.testing.assert_allclose(mixed.estimate, straight.estimate[order], rtol=1e-6)


@pytest.mark.parametrize(
    ("cases", "expected", "prior_mean"),
    [
        ([0, 0, 0], [1.0, 2.0, 3.0], 0.0),
        ([3], [2.0], 1.5),
        ([1, 2, 3], [1.0, 2.0, 3.0], 1.0),
        ([0], [0.0], 1.0),
    ],
)
def test_without_visible_spread_every_area_gets_the_mean(cases, expected, prior_mean) -> None:
    result = gamma_poisson_eb(cases, expected)
    assert np.isinf(result.prior_shape) and result.prior_variance == 0
    np.testing.assert_allclose(result.estimate, prior_mean)
    np.testing.assert_allclose(result.low, result.high)


def test_all_cases_in_one_area_and_an_area_without_exposure_stay_finite() -> None:
    result = gamma_poisson_eb([200, 0, 0, 0], [5.0, 100.0, 95.0, 0.0], mean="one")
    assert result.raw[3] == 0 and result.estimate[3] == pytest.approx(1.0)
    assert np.isfinite([result.estimate, result.low, result.high, result.exceedance]).all()


def test_beta_binomial_ml_agrees_with_scipy() -> None:
    rng = np.random.default_rng(3)
    trials = rng.integers(1, 60, 1500)
    successes = rng.binomial(trials, rng.beta(0.6, 9, 1500))
    result = binomial_eb(successes, trials)

    def minus_loglik(log_parameters: np.ndarray) -> float:
        return -stats.betabinom.logpmf(successes, trials, *np.exp(log_parameters)).sum()

    best = optimize.minimize(
        minus_loglik, [0.0, 2.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9}
    )
    assert result.loglik == pytest.approx(-best.fun, abs=1e-6)
    np.testing.assert_allclose([result.prior_alpha, result.prior_beta], np.exp(best.x), rtol=1e-5)
    posterior = stats.beta(result.prior_alpha + successes, result.prior_beta + trials - successes)
    np.testing.assert_allclose(result.estimate, posterior.mean())
    np.testing.assert_allclose(result.variance, posterior.var())
    np.testing.assert_allclose(result.low, posterior.ppf(0.025), rtol=1e-6, atol=1e-300)
    np.testing.assert_allclose(result.high, posterior.ppf(0.975), rtol=1e-8)
    np.testing.assert_allclose(result.exceedance, posterior.sf(2 * result.prior_mean), rtol=1e-8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=25))
def test_shares_stay_between_zero_and_one(rows) -> None:
    successes = np.array([min(r) for r in rows])
    trials = np.array([max(r) for r in rows])
    result = binomial_eb(successes, trials)
    for values in (result.estimate, result.low, result.high, result.exceedance, result.median):
        assert np.isfinite(values).all() and np.all((values >= 0) & (values <= 1))
    assert np.all(
        (result.low <= result.estimate + 1e-9) & (result.estimate <= result.high + 1e-9)
    ) or np.isfinite(result.prior_precision)


@pytest.mark.parametrize(("successes", "share"), [([0, 0, 0], 0.0), ([5, 7, 9], 1.0)])
def test_no_or_every_success_is_neutral(successes, share) -> None:
    result = binomial_eb(successes, [5, 7, 9])
    assert np.isinf(result.prior_precision)
    np.testing.assert_array_equal(result.estimate, share)


@pytest.mark.parametrize(
    ("cases", "expected", "error", "element"),
    [
        ([1, -1], [1, 1], CountError, "cases[1]"),
        ([0.5, 1], [1, 1], CountError, "cases[0]"),
        ([1, None], [1, 1], CountError, "cases[1]"),
        ([1, 1, 1], [1, 1, 0], ExposureError, "expected[2]"),
        ([1, 1], [1, -1], ExposureError, "expected[1]"),
        ([1, 1], [1, np.nan], ExposureError, "expected[1]"),
        ([1, 1], [1, np.inf], ExposureError, "expected[1]"),
        ([1, 1], [1], ShapeError, "expected"),
        ([], [], ShapeError, "cases"),
    ],
)
def test_bad_counts_and_exposures_are_named(cases, expected, error, element) -> None:
    with pytest.raises(error) as caught:
        gamma_poisson_eb(cases, expected)
    assert caught.value.element == element


@pytest.mark.parametrize(
    "option", [{"shape": -1}, {"shape": 0}, {"mean": "two"}, {"level": 1}, {"exceed": 0}]
)
def test_bad_options_are_named(option) -> None:
    with pytest.raises(ParameterError) as caught:
        gamma_poisson_eb([1, 2], [1, 1], **option)
    assert caught.value.element == next(iter(option))


def test_more_successes_than_trials_is_named() -> None:
    with pytest.raises(CountError) as caught:
        binomial_eb([1, 4], [2, 3])
    assert caught.value.element == "successes[1]"


def test_a_country_of_villages_takes_less_than_half_a_second() -> None:
    rng = np.random.default_rng(5)
    tps = rng.integers(1, 40, 83_000)
    cases = rng.poisson(tps * 0.002 * rng.gamma(0.02, 50, 83_000))
    expected = tps * cases.sum() / tps.sum()
    gamma_poisson_eb(cases, expected)
    start = time.process_time()
    gamma_poisson_eb(cases, expected, mean="one")
    binomial_eb(np.minimum(cases, tps), tps)
    assert time.process_time() - start < 0.5
