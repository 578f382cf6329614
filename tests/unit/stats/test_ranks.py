"""Posterior ranks."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pipelines.stats import ParameterError, ShapeError, gamma_poisson_eb, posterior_ranks


def test_two_areas_have_the_closed_form_probability() -> None:
    """For gammas of one rate, P(X > Y) is a beta tail."""
    ranks = posterior_ranks([3.0, 2.0], [3.0, 2.0], top=1, draws=20_000)
    exact = stats.beta(3, 2).sf(0.5)
    assert ranks.top_probability[0] == pytest.approx(exact, abs=0.012)
    assert ranks.expected[0] == pytest.approx(2 - exact, abs=0.012)


def test_known_values_are_ranked_exactly() -> None:
    ranks = posterior_ranks([0.5, 4, 2, 0], [0, 0, 0, 0], top=2, draws=50)
    assert ranks.expected.tolist() == [3, 1, 2, 4]
    assert ranks.low.tolist() == ranks.high.tolist() == [3, 1, 2, 4]
    assert ranks.top_probability.tolist() == [0, 1, 1, 0]
    assert ranks.order.tolist() == [1, 2, 0, 3]


def test_areas_that_nothing_tells_apart_share_the_middle() -> None:
    ranks = posterior_ranks(np.ones(11), np.zeros(11), top=3, draws=4000)
    np.testing.assert_allclose(ranks.expected, 6, atol=0.3)
    np.testing.assert_allclose(ranks.top_probability, 3 / 11, atol=0.04)
    assert ranks.low.max() <= 2 and ranks.high.min() >= 10


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=1, max_size=12), st.integers(1, 12))
def test_ranks_add_up(rows, top) -> None:
    ranks = posterior_ranks([r[0] for r in rows], [r[1] for r in rows], top=top, draws=60)
    n = len(rows)
    assert ranks.expected.sum() == pytest.approx(n * (n + 1) / 2)
    assert ranks.top_probability.sum() == pytest.approx(min(top, n))
    assert np.all((ranks.low <= ranks.high) & (ranks.low >= 1) & (ranks.high <= n))


def test_rank_interval_covers_the_true_rank() -> None:
    rng = np.random.default_rng(8)
    theta, expected = rng.gamma(2, 0.5, 300), rng.gamma(3, 2, 300)
    result = gamma_poisson_eb(rng.poisson(theta * expected), expected)
    ranks = posterior_ranks(result.estimate, result.variance, draws=1000)
    truth = stats.rankdata(-theta)
    assert 0.85 < np.mean((ranks.low <= truth) & (truth <= ranks.high)) < 0.95


@pytest.mark.slow
def test_same_seed_same_ranks_and_districts_are_quick() -> None:
    rng = np.random.default_rng(9)
    mean = rng.gamma(0.04, 25, 7285)
    start = time.process_time()
    first = posterior_ranks(mean, mean, draws=400)
    assert time.process_time() - start < 3
    np.testing.assert_array_equal(first.expected, posterior_ranks(mean, mean, draws=400).expected)
    assert not np.array_equal(first.expected, posterior_ranks(mean, mean, draws=400, seed=1).expected)


def test_bad_input_is_named() -> None:
    for arguments, element in (
        (([1, -1], [1, 1]), "mean[1]"),
        (([1, 1], [1, np.nan]), "variance[1]"),
    ):
        with pytest.raises(ParameterError) as caught:
            posterior_ranks(*arguments)
        assert caught.value.element == element
    with pytest.raises(ShapeError, match="variance"):
        posterior_ranks([1, 1], [1])
    for option in ({"top": 0}, {"draws": 0}, {"level": 1.0}):
        with pytest.raises(ParameterError, match=next(iter(option))):
            posterior_ranks([1, 1], [1, 1], **option)
