"""Moran's I of rates against esda."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.stats import CountError, ExposureError, ParameterError, moran_rates


def _grid(side: int) -> list[list[int]]:
    def near(i: int) -> list[int]:
        row, column = divmod(i, side)
        cells = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        return [r * side + c for r, c in cells if 0 <= r < side and 0 <= c < side]

    return [near(i) for i in range(side * side)]


def _esda(y: np.ndarray, n: np.ndarray, links: list[list[int]], permutations: int):
    esda = pytest.importorskip("esda")
    weights = pytest.importorskip("libpysal").weights.W(dict(enumerate(links)), silence_warnings=True)
    np.random.seed(1)  # noqa: NPY002 - esda draws from the global generator
    return esda.Moran_Rate(y, n, weights, permutations=permutations)


@pytest.mark.filterwarnings("ignore")
def test_auckland_agrees_with_esda(shared_data: Path) -> None:
    folder = shared_data / "published"
    data = pd.read_csv(folder / "auckland_marshall.csv")
    links: list[list[int]] = [[] for _ in range(len(data))]
    for i, j in pd.read_csv(folder / "auckland_nb.csv").to_numpy():
        links[i - 1].append(int(j) - 1)
    y, n = data["deaths"].to_numpy(float), data["exposure9yr"].to_numpy(float)
    ours, theirs = moran_rates(y, n, links), _esda(y, n, links, 999)
    assert ours.statistic == pytest.approx(theirs.I, rel=1e-10)
    assert ours.expected == pytest.approx(theirs.EI)
    assert ours.p_value == pytest.approx(theirs.p_sim, abs=0.02)
    assert ours.z_score == pytest.approx(theirs.z_sim, rel=0.1)


@pytest.mark.filterwarnings("ignore")
def test_simulated_cluster_agrees_with_esda_and_is_seen() -> None:
    rng = np.random.default_rng(5)
    links = _grid(12)
    n = rng.integers(50, 500, 144).astype(float)
    theta = np.where((np.arange(144) // 12 < 4) & (np.arange(144) % 12 < 4), 4.0, 1.0) * rng.gamma(
        3, 1 / 3, 144
    )
    y = rng.poisson(n * 0.02 * theta).astype(float)
    ours, theirs = moran_rates(y, n, links), _esda(y, n, links, 99)
    assert ours.statistic == pytest.approx(theirs.I, rel=1e-10)
    assert ours.p_value < 0.02


def test_size_without_autocorrelation() -> None:
    rng = np.random.default_rng(6)
    links = _grid(10)
    n = rng.integers(20, 800, 100)
    small = [
        moran_rates(rng.poisson(n * 0.01 * rng.gamma(0.3, 1 / 0.3, 100)), n, links, permutations=99).p_value
        <= 0.05
        for _ in range(150)
    ]
    assert np.mean(small) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 150)


def test_variance_below_poisson_noise_is_clipped_so_that_all_z_are_real() -> None:
    y = np.array([5, 5, 5, 5, 5, 5, 6, 5, 5])
    result = moran_rates(y, np.full(9, 100.0) + np.arange(9), _grid(3), permutations=99)
    assert np.isfinite(result.z).all() and np.isfinite(result.statistic)


def test_islands_and_empty_areas_are_left_out() -> None:
    rng = np.random.default_rng(7)
    links, n = _grid(5), np.full(25, 100.0)
    y = rng.poisson(5, 25)
    plain = moran_rates(y, n, links, permutations=99)
    with_island = moran_rates([*y, 5], [*n, 100.0], [*links, []], permutations=99)
    assert not with_island.used[-1] and with_island.used[:-1].all() and with_island.z[-1] == 0
    assert with_island.expected == plain.expected
    empty = moran_rates([*y, 0], [*n, 0.0], [*links, [0]], permutations=99)
    assert not empty.used[-1]
    assert empty.statistic == pytest.approx(plain.statistic, rel=0.05)


@pytest.mark.parametrize(
    ("cases", "links"), [([0] * 4, [[1], [0], [3], [2]]), ([1, 2, 3, 4], [[], [], [], []]), ([5], [[]])]
)
def test_nothing_to_compare_is_neutral(cases, links) -> None:
    result = moran_rates(cases, [10.0] * len(cases), links, permutations=9)
    assert (result.statistic, result.p_value) == (0, 1)


def test_same_seed_same_result_and_bad_input_is_named() -> None:
    y, n, links = np.arange(9), np.full(9, 50.0), _grid(3)
    assert moran_rates(y, n, links).p_value == moran_rates(y, n, links).p_value
    for arguments, error, element in (
        (([-1] * 9, n, links), CountError, "cases[0]"),
        ((y, np.zeros(9), links), ExposureError, "population[1]"),
        ((y, n, [*links[:-1], [9]]), ParameterError, "neighbours[8]"),
        ((y, n, links, 0), ParameterError, "permutations"),
    ):
        with pytest.raises(error) as caught:
            moran_rates(*arguments)
        assert caught.value.element == element
