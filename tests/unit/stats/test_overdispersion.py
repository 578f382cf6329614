"""Over-dispersion and occupancy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.stats import CountError, ExposureError, dispersion


def test_variance_ratio_is_the_sample_variance_over_the_mean_for_equal_exposure() -> None:
    cases = np.array([9, 0, 0, 1, 0, 2])
    result = dispersion(cases, np.full(6, 10.0))
    assert result.variance_ratio == pytest.approx(cases.var(ddof=1) / cases.mean())
    assert (result.n_areas, result.n_cases, result.occupied, result.rate) == (6, 12, 3, 0.2)
    assert result.occupied_expected == pytest.approx(6 * (1 - np.exp(-2)))


def test_known_shape_is_recovered() -> None:
    rng = np.random.default_rng(4)
    exposure = rng.gamma(3, 500, 7_000)
    result = dispersion(rng.poisson(exposure * 1e-3 * rng.gamma(0.27, 1 / 0.27, 7_000)), exposure)
    assert result.shape == pytest.approx(0.27, rel=0.08)
    assert result.variance_ratio > 4 and result.loglik_gain > 100


def test_2024_falls_in_far_fewer_places_than_independent_events_would() -> None:
    """Fact 1 of the design: 1,113 TPS in 229 of 514 regencies; independence would reach about 455."""
    rng = np.random.default_rng(6)
    places = rng.poisson(1113 / 514 * rng.gamma(0.27, 1 / 0.27, 514))
    result = dispersion(places, np.full(514, 1600.0))
    assert result.occupied < 0.75 * result.occupied_expected
    even = dispersion(rng.multinomial(1113, np.full(514, 1 / 514)), np.full(514, 1600.0))
    assert even.occupied_expected == pytest.approx(455, abs=3)
    assert even.occupied == pytest.approx(even.occupied_expected, rel=0.05)
    assert even.shape > 10


@pytest.mark.parametrize(("cases", "exposure"), [([0, 0], [1, 2]), ([5], [3]), ([0, 0], [0, 0])])
def test_nothing_to_measure_is_neutral(cases, exposure) -> None:
    result = dispersion(cases, exposure)
    assert result.variance_ratio == 1 and np.isinf(result.shape) and result.loglik_gain == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 50)), min_size=1, max_size=20))
def test_always_finite_and_no_more_occupied_than_areas(rows) -> None:
    result = dispersion([r[0] for r in rows], [r[1] for r in rows])
    assert np.isfinite(result.variance_ratio) and result.variance_ratio >= 0 and result.shape > 0
    assert result.occupied <= result.n_areas and result.occupied_expected <= result.n_areas
    assert result.loglik_gain >= 0


def test_bad_input_is_named() -> None:
    with pytest.raises(CountError, match=r"cases\[1\]"):
        dispersion([1, 2.5], [1, 1])
    with pytest.raises(ExposureError, match=r"exposure\[0\]"):
        dispersion([1, 2], [0, 1])
