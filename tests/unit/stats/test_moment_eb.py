"""Moment-based empirical Bayes against the published Auckland example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from pipelines.stats import (
    CountError,
    ExposureError,
    ParameterError,
    ShapeError,
    marshall_eb,
    marshall_eb_local,
)


@pytest.fixture
def auckland(shared_data: Path) -> tuple[pd.DataFrame, list[list[int]]]:
    folder = shared_data / "published"
    data = pd.read_csv(folder / "auckland_marshall.csv")
    links: list[list[int]] = [[] for _ in range(len(data))]
    for i, j in pd.read_csv(folder / "auckland_nb.csv").to_numpy():
        links[i - 1].append(int(j) - 1)
    return data, links


def test_auckland_global_as_published(auckland) -> None:
    """Marshall 1991; parameters and columns as in spdep's example of EBest."""
    data, _ = auckland
    result = marshall_eb(data["deaths"], data["exposure9yr"])
    assert f"{result.a:.9e}" == "7.284172901e-07"
    assert f"{result.b:.12f}" == "0.002633436193"
    np.testing.assert_allclose(result.raw, data["raw"], rtol=1e-12)
    np.testing.assert_allclose(result.estimate, data["eb_global"], rtol=1e-12)


def test_auckland_local_as_published(auckland) -> None:
    """Columns as in spdep's example of EBlocal, from lists and from a sparse matrix."""
    data, links = auckland
    result = marshall_eb_local(data["deaths"], data["exposure9yr"], links)
    np.testing.assert_allclose(result.estimate, data["eb_local"], rtol=1e-12)
    rows = np.repeat(np.arange(len(links)), [len(row) for row in links])
    matrix = sparse.csr_matrix((np.ones(rows.size), (rows, np.concatenate(links))), shape=(167, 167))
    np.testing.assert_array_equal(
        marshall_eb_local(data["deaths"], data["exposure9yr"], matrix).estimate, result.estimate
    )


def test_own_centre_is_the_plain_formula(auckland) -> None:
    data, links = auckland
    y, n = data["deaths"].to_numpy(float), data["exposure9yr"].to_numpy(float)
    result = marshall_eb_local(y, n, links, centre="own")
    for i in (0, 50, 166):
        near = [i, *links[i]]
        mean = y[near].sum() / n[near].sum()
        spread = np.sum(n[near] * (y[near] / n[near] - mean) ** 2) / n[near].sum()
        variance = max(spread - mean / n[near].mean(), 0)
        shrunk = mean + variance * (y[i] / n[i] - mean) / (variance + mean / n[i])
        assert result.estimate[i] == pytest.approx(shrunk, rel=1e-10)


def test_estimate_is_the_mean_of_the_gamma_posterior(auckland) -> None:
    data, _ = auckland
    result = marshall_eb(data["deaths"], data["exposure9yr"])
    posterior = stats.gamma(
        result.prior_shape + data["deaths"], scale=1 / (result.prior_rate + data["exposure9yr"])
    )
    np.testing.assert_allclose(result.estimate, posterior.mean(), rtol=1e-12)
    np.testing.assert_allclose(result.low, posterior.ppf(0.025), rtol=1e-9)
    np.testing.assert_allclose(result.exceedance, posterior.sf(2 * result.b), rtol=1e-9)


def test_binomial_weights_follow_martuzzi_and_elliott() -> None:
    y, n = np.array([3.0, 9, 1, 20, 6]), np.array([30.0, 40, 35, 60, 20])
    result = marshall_eb(y, n, family="binomial")
    mean = y.sum() / n.sum()
    variance = np.sum(n * (y / n - mean) ** 2) / n.sum()
    noise = mean * (1 - mean)
    weight = (n * variance - n / n.mean() * noise) / ((n - 1) * variance + (n.mean() - n) / n.mean() * noise)
    np.testing.assert_allclose(result.estimate, weight * y / n + (1 - weight) * mean, rtol=1e-12)
    assert np.all((result.low < result.estimate) & (result.estimate < result.high))


def test_extreme_shares_have_an_interval() -> None:
    result = marshall_eb([0, 1000], [1.0, 1000.0], family="binomial")
    assert np.isfinite([result.low, result.high, result.estimate]).all()


def test_negative_variance_is_clipped_at_zero() -> None:
    """Rates more equal than Poisson noise: the unclipped estimator would turn the ranking upside down."""
    result = marshall_eb([10, 11, 9, 10], [1000, 1000, 1000, 1000])
    assert result.a == 0
    np.testing.assert_allclose(result.estimate, 0.01)


def test_islands_take_the_prior_of_the_whole_map() -> None:
    y, n = [8, 2, 5, 30], [2268, 405, 3240, 3294]
    result = marshall_eb_local(y, n, [[1], [0], [], []])
    whole = marshall_eb(y, n)
    np.testing.assert_allclose(result.estimate[2:], whole.estimate[2:])
    assert np.isfinite(result.prior_variance).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), min_size=1, max_size=15),
    st.sampled_from(["poisson", "binomial", "each", "own"]),
    st.randoms(),
)
def test_always_finite_and_between_raw_and_prior(rows, kind, random) -> None:
    n = np.array([max(r) for r in rows])
    y = np.array([min(r) for r in rows])
    if kind in ("poisson", "binomial"):
        result = marshall_eb(y, n, family=kind)
    else:
        links = [[random.randrange(len(rows)) for _ in range(random.randrange(3))] for _ in rows]
        result = marshall_eb_local(y, n, links, centre=kind)
    for values in (result.estimate, result.low, result.high, result.exceedance):
        assert np.isfinite(values).all()
    assert np.all(result.estimate <= np.maximum(result.raw, result.prior_mean) + 1e-12)
    assert np.all(result.estimate >= np.minimum(result.raw, result.prior_mean) - 1e-12)


@pytest.mark.parametrize(
    ("links", "error", "element"),
    [
        ([[1], [0], [3]], ParameterError, "neighbours[2]"),
        ([[1], [-1], []], ParameterError, "neighbours[1]"),
        ([[1], [0]], ShapeError, "neighbours"),
        (sparse.eye_array(2), ShapeError, "neighbours"),
        ([1, 2, 0], ShapeError, "neighbours"),
        (None, ShapeError, "neighbours"),
    ],
)
def test_bad_neighbours_are_named(links, error, element) -> None:
    with pytest.raises(error) as caught:
        marshall_eb_local([1, 2, 3], [9, 9, 9], links)
    assert caught.value.element == element


def test_bad_population_is_named() -> None:
    with pytest.raises(ExposureError) as caught:
        marshall_eb([1, 2, 3, 4], [9, 9, 9, 0])
    assert caught.value.element == "population[3]"
    with pytest.raises(CountError) as caught:
        marshall_eb([1, 12], [9, 9], family="binomial")
    assert caught.value.element == "cases[1]"
