"""Two-component gamma-Poisson shrinker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from pipelines.stats import CountError, ExposureError, eb05


def _simulate(seed: int, cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    expected = rng.gamma(0.8, 3, cells)
    lift = np.where(rng.random(cells) < 0.1, rng.gamma(4, 1.5, cells), rng.gamma(8, 1 / 8, cells))
    return rng.poisson(expected * lift), expected, lift


@pytest.mark.slow
def test_posterior_is_that_of_numerical_integration() -> None:
    counts, expected, _ = _simulate(1, 300)
    result = eb05(counts, expected)
    for cell in (0, int(np.argmax(counts)), int(np.argmin(counts))):

        def density(x: float, cell: int = cell) -> float:
            prior = result.weight * stats.gamma.pdf(x, result.alpha[0], scale=1 / result.beta[0]) + (
                1 - result.weight
            ) * stats.gamma.pdf(x, result.alpha[1], scale=1 / result.beta[1])
            return prior * stats.poisson.pmf(counts[cell], x * expected[cell])

        high = result.eb95[cell] * 6 + 1
        norm = integrate.quad(density, 0, high, limit=400, points=[result.estimate[cell]])[0]
        for point, mass in ((result.eb05[cell], 0.05), (result.eb95[cell], 0.95)):
            assert integrate.quad(density, 0, point, limit=400)[0] / norm == pytest.approx(mass, abs=1e-4)
        log_mean = integrate.quad(lambda x: np.log(x) * density(x), 1e-12, high, limit=400)[0] / norm
        assert np.exp(log_mean) == pytest.approx(result.estimate[cell], rel=1e-3)


@pytest.mark.slow
def test_maximum_is_not_beaten_by_a_global_search() -> None:
    counts, expected, _ = _simulate(2, 200)
    result = eb05(counts, expected)

    def minus(x: np.ndarray) -> float:
        a1, b1, a2, b2 = np.exp(x[:4])
        first = stats.nbinom.pmf(counts, a1, b1 / (b1 + expected))
        second = stats.nbinom.pmf(counts, a2, b2 / (b2 + expected))
        return -np.log(x[4] * first + (1 - x[4]) * second).sum()

    best = optimize.differential_evolution(
        minus, [(-4, 6)] * 4 + [(0.001, 0.999)], seed=1, maxiter=60, tol=1e-8
    )
    assert result.loglik >= -best.fun - 0.05
    assert minus(
        np.append(np.log([result.alpha[0], result.beta[0], result.alpha[1], result.beta[1]]), result.weight)
    ) == (pytest.approx(-result.loglik))


def test_flags_find_raised_cells_and_hardly_others() -> None:
    counts, expected, lift = _simulate(3, 3000)
    flagged = eb05(counts, expected).eb05 > 1.5
    assert flagged.sum() > 60
    assert np.mean(lift[flagged] <= 1) < 0.05
    assert np.mean(lift >= eb05(counts, expected).eb05) == pytest.approx(0.95, abs=0.015)


def test_shrinks_small_counts_more_than_large_ones() -> None:
    counts, expected, _ = _simulate(4, 400)
    result = eb05(np.append(counts, [1, 50]), np.append(expected, [0.1, 5.0]))
    assert result.raw[-1] == result.raw[-2] == 10
    assert result.eb05[-2] < result.eb05[-1] < 10


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0.01, 20)), min_size=1, max_size=12))
def test_points_are_ordered_and_finite(rows) -> None:
    result = eb05([r[0] for r in rows], [r[1] for r in rows])
    assert np.isfinite([result.eb05, result.estimate, result.eb95]).all()
    assert np.all((result.eb05 >= 0) & (result.eb05 <= result.eb95))


def test_nothing_to_fit_is_neutral_and_bad_cells_are_named() -> None:
    none = eb05([0, 0, 0], [1.0, 2.0, 0.0])
    assert none.alpha == (1.0, 1.0) and np.isfinite(none.eb05).all()
    with pytest.raises(CountError, match=r"counts\[1\]"):
        eb05([1, -1], [1, 1])
    with pytest.raises(ExposureError, match=r"expected\[0\]"):
        eb05([1, 1], [0, 1])
