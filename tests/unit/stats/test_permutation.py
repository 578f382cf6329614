"""Permutation test of persistence."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.stats import ParameterError, persistence_permutation_test

NAN = float("nan")


def _country(rng: np.random.Generator, persistent: float) -> tuple[np.ndarray, np.ndarray]:
    size = rng.gamma(1, 2, (200, 1)) * rng.uniform(0.7, 1.3, (200, 3))
    theta = rng.gamma(1 / persistent, persistent, (200, 1)) if persistent else 1.0
    cases = rng.poisson(size * theta * rng.gamma(0.4, 2.5, (200, 3)))
    return cases, size * cases.sum(axis=0) / size.sum(axis=0)


@pytest.mark.slow
def test_size_without_persistence_and_power_with_it() -> None:
    rng = np.random.default_rng(3)
    null = [
        persistence_permutation_test(*_country(rng, 0), permutations=99).p_value <= 0.05 for _ in range(80)
    ]
    assert np.mean(null) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 80)
    power = [
        persistence_permutation_test(*_country(rng, 1.0), permutations=99).p_value <= 0.05 for _ in range(10)
    ]
    assert np.mean(power) >= 0.8


def test_same_seed_same_result() -> None:
    cases, expected = _country(np.random.default_rng(4), 0.3)
    first = persistence_permutation_test(cases, expected, permutations=99)
    assert first == persistence_permutation_test(cases, expected, permutations=99)


@pytest.mark.parametrize("cases", [[[3], [0]], [[0, 0], [0, 0]], [[1, NAN], [NAN, 1]]])
def test_nothing_to_compare_gives_p_one(cases) -> None:
    expected = np.where(np.isnan(cases), NAN, 1.0) if np.nansum(cases) else np.zeros((2, 2))
    assert persistence_permutation_test(cases, expected).p_value == 1


def test_bad_options_are_named() -> None:
    for option in ({"permutations": 0}, {"strata": 0}):
        with pytest.raises(ParameterError, match=next(iter(option))):
            persistence_permutation_test([[1, 1]], [[1, 1]], **option)
