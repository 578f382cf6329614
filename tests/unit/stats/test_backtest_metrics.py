"""Metrics of rankings and forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipelines.stats.backtest import metrics as metrics
from pipelines.stats.backtest.compare import compare

ONE = np.ones((1, 4))


def test_hit_rate_by_hand_with_a_partly_covered_area() -> None:
    score, exposure, cases = np.array([3.0, 2, 1, 0]), np.array([10.0, 20, 30, 40]), np.array([2.0, 4, 0, 2])
    assert metrics.hit_rates(score, exposure, cases, ONE, [0.1])[0][0] == pytest.approx(2 / 8)
    assert metrics.hit_rates(score, exposure, cases, ONE, [0.2])[0][0] == pytest.approx((2 + 4 * 0.5) / 8)
    assert metrics.hit_rates(score, exposure, cases, ONE, [1.0])[0][0] == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20), st.integers(0, 5)), min_size=2, max_size=12))
@pytest.mark.slow
def test_ties_give_the_mean_over_random_orders_for_equal_sizes(rows) -> None:
    score = np.array([r[0] for r in rows], dtype=float)
    hit = np.array([float(r[2] > 2) for r in rows])
    k = len(rows) // 2
    rng = np.random.default_rng(1)
    orders = [np.lexsort((rng.random(len(rows)), -score))[:k] for _ in range(600)]
    mean = np.mean([hit[o].sum() for o in orders])
    found = metrics.share_found(score, np.ones(len(rows)), hit, np.ones((1, len(rows))), np.array([float(k)]))
    assert found[0] == pytest.approx(mean, abs=0.25)


def test_a_replicate_is_the_data_with_areas_repeated() -> None:
    rng = np.random.default_rng(2)
    score, exposure, cases = rng.normal(size=30), rng.gamma(2, 5, 30), rng.poisson(1, 30).astype(float)
    times = rng.integers(0, 3, 30)
    repeated = np.repeat(np.arange(30), times)
    one, weight = np.ones((1, repeated.size)), times[None, :].astype(float)
    for function in (
        lambda i, w: metrics.hit_rates(score[i], exposure[i], cases[i], w, [0.1])[0],
        lambda i, w: metrics.average_precision(score[i], cases[i], w),
        lambda i, w: metrics.precision_at(score[i], cases[i], w, 5),
        lambda i, w: metrics.log_score(cases[i], exposure[i] / 9, 0.7, w),
        lambda i, w: metrics.calibration_slope(cases[i], np.exp(score[i]), exposure[i], w),
    ):
        np.testing.assert_allclose(function(np.arange(30), weight), function(repeated, one), rtol=1e-6)


def test_average_precision_by_hand() -> None:
    """Hits at ranks 1 and 3 of 4: (1/1 + 2/3) / 2."""
    value = metrics.average_precision(np.array([4.0, 3, 2, 1]), np.array([1.0, 0, 5, 0]), ONE)[0]
    assert value == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.average_precision(np.zeros(4), np.array([1.0, 0, 5, 0]), ONE)[0] == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [0.3, np.inf])
def test_log_score_and_pit_are_those_of_scipy(shape: float) -> None:
    rng = np.random.default_rng(3)
    mean = rng.gamma(2, 1, 5000)
    theta = 1.0 if np.isinf(shape) else rng.gamma(shape, 1 / shape, 5000)
    cases = rng.poisson(mean * theta).astype(float)
    law = stats.poisson(mean) if np.isinf(shape) else stats.nbinom(shape, shape / (shape + mean))
    weight = np.ones((1, 5000))
    assert metrics.log_score(cases, mean, shape, weight)[0] == pytest.approx(law.logpmf(cases).mean())
    pit = metrics.randomised_pit(cases, mean, shape, np.random.default_rng(4))
    assert np.all((pit <= law.cdf(cases) + 1e-12) & (pit >= law.cdf(cases - 1) - 1e-12))
    assert stats.kstest(pit, "uniform").pvalue > 0.01
    assert metrics.pit_distance(pit, weight)[0] < 0.03
    assert metrics.pit_distance(metrics.randomised_pit(cases, mean * 3, shape, rng), weight)[0] > 0.1


def test_calibration_slope_sees_forecasts_that_are_too_extreme() -> None:
    rng = np.random.default_rng(5)
    exposure, risk = rng.gamma(3, 30, 3000), rng.gamma(2, 0.5, 3000)
    cases = rng.poisson(exposure * 0.1 * risk).astype(float)
    weight = np.ones((1, 3000))
    assert metrics.calibration_slope(cases, risk, exposure, weight)[0] == pytest.approx(1, abs=0.03)
    assert metrics.calibration_slope(cases, risk**2, exposure, weight)[0] == pytest.approx(0.5, abs=0.03)
    assert metrics.calibration_slope(cases, np.ones(3000), exposure, weight) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 50), st.integers(0, 4)), min_size=2, max_size=20))
def test_no_order_beats_the_order_of_true_rates(rows) -> None:
    score, exposure, cases = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    weight = np.ones((1, score.size))
    for share in (0.05, 0.2, 0.5):
        best = metrics.hit_rates(cases / exposure, exposure, cases, weight, [share])[0][0]
        assert metrics.hit_rates(score, exposure, cases, weight, [share])[0][0] <= best + 1e-9


def test_difference_is_paired_with_the_best_baseline_and_positive_is_better() -> None:
    values = {
        ("random", "pai", 0.1): np.array([1.0, 1, 1]),
        ("last_rate", "pai", 0.1): np.array([3.0, 2, 4]),
        ("cascade", "pai", 0.1): np.array([4.0, 3, 5]),
        ("last_rate", "pit_distance", None): np.array([0.1, 0.1, 0.1]),
        ("cascade", "pit_distance", None): np.array([0.3, 0.3, 0.3]),
    }
    table = compare(values, lower_is_better=("pit_distance",)).set_index(["method", "metric"])
    row = table.loc[("cascade", "pai")]
    assert (row["best_baseline"], row["difference"], row["difference_low"]) == ("last_rate", 1.0, 1.0)
    assert table.loc[("cascade", "pit_distance"), "difference"] == pytest.approx(-0.2)
    assert bool(row["is_ours"]) and not table.loc[("random", "pai"), "is_ours"]
