"""Bühlmann-Straub variance components."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.stats import CountError, ExposureError, ShapeError, fit_credibility

NAN = float("nan")


def test_one_iteration_by_hand() -> None:
    """Two areas, two elections, E' = 2 everywhere; V is equal, so the moments have a closed form."""
    fit = fit_credibility([[5, 6], [0, 0]], [[2.0, 2.0], [2.0, 2.0]])
    r = np.array([[1.5, 2.0], [-1.0, -1.0]])
    tau = (1.5 * 2.0 + 1.0) / 2
    omega = np.maximum((r**2 - 0.5 - tau).mean(axis=0), 0)
    assert omega.tolist() == [0.0, 0.0]
    assert fit.persistent_variance == pytest.approx(tau)
    weight = 2 / 0.5
    z = tau * weight / (1 + tau * weight)
    np.testing.assert_allclose(fit.credibility, z)
    np.testing.assert_allclose(fit.theta, 1 + z * r.mean(axis=1))
    np.testing.assert_allclose(fit.variance, tau * (1 - z))


def test_variance_components_are_recovered() -> None:
    rng = np.random.default_rng(1)
    expected = rng.gamma(2, 2, (6000, 4))
    theta = rng.gamma(2, 0.5, (6000, 1))
    fit = fit_credibility(rng.poisson(expected * theta * rng.gamma(2, 0.5, (6000, 4))), expected)
    assert fit.persistent_variance == pytest.approx(0.5, rel=0.1)
    # Var(theta * delta) - Var(theta) = E(theta^2) Var(delta)
    np.testing.assert_allclose(fit.transient_variance, 1.5 * 0.5, rtol=0.2)
    error = np.mean((fit.theta - theta[:, 0]) ** 2)
    assert error == pytest.approx(fit.variance.mean(), rel=0.15)


def test_without_persistence_everyone_gets_the_mean() -> None:
    rng = np.random.default_rng(2)
    expected = np.full((4000, 3), 2.0)
    fit = fit_credibility(rng.poisson(expected * rng.gamma(0.5, 2, (4000, 3))), expected)
    assert fit.persistent_variance < 0.1
    assert fit.theta.std() < 0.1


def test_missing_elections_carry_no_information() -> None:
    whole = fit_credibility([[5, 6], [0, 1], [2, 2]], np.full((3, 2), 2.0))
    padded = fit_credibility([[5, NAN, 6], [0, NAN, 1], [2, NAN, 2]], np.full((3, 3), 2.0))
    np.testing.assert_allclose(padded.theta, whole.theta)
    assert padded.elections.tolist() == [2, 2, 2]
    np.testing.assert_allclose(padded.smoothed[:, 1], padded.theta)


@pytest.mark.parametrize("cases", [[[3], [0]], [[0, 0], [0, 0]], [[NAN, NAN], [NAN, 1]]])
def test_nothing_to_compare_is_neutral(cases) -> None:
    fit = fit_credibility(cases, np.ones(np.shape(cases)))
    if np.shape(cases)[1] == 1 or np.isnan(cases).any():
        assert fit.persistent_variance == 0
        np.testing.assert_array_equal(fit.theta, 1)
    assert np.isfinite(fit.theta).all() and np.isfinite(fit.smoothed).all()


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda t: st.lists(
            st.lists(
                st.tuples(st.one_of(st.just(NAN), st.integers(0, 30)), st.floats(0.05, 20)),
                min_size=t,
                max_size=t,
            ),
            min_size=1,
            max_size=8,
        )
    )
)
def test_theta_lies_between_one_and_the_weighted_mean(rows) -> None:
    cases = np.array([[c[0] for c in row] for row in rows], dtype=float)
    fit = fit_credibility(cases, [[c[1] for c in row] for row in rows])
    assert np.all((fit.credibility >= 0) & (fit.credibility < 1))
    for values in (fit.theta, fit.variance, fit.smoothed):
        assert np.isfinite(values).all() and np.all(values >= -1e-12)
    assert np.all(fit.theta[fit.elections == 0] == 1)


def test_bad_input_is_named() -> None:
    for arguments, error, element in (
        (([[1.0, 2.5]], [[1, 1]]), CountError, "cases[0, 1]"),
        (([[1.0], [-1]], [[1], [1]]), CountError, "cases[1, 0]"),
        (([[1.0]], [[-1]]), ExposureError, "expected[0, 0]"),
        (([[1.0]], [[0]]), ExposureError, "expected[0, 0]"),
        (([[1.0]], [[NAN]]), ExposureError, "expected[0, 0]"),
        (([[1.0]], [[1, 1]]), ShapeError, "expected"),
        (([1.0], [1]), ShapeError, "cases"),
    ):
        with pytest.raises(error) as caught:
            fit_credibility(*arguments)
        assert caught.value.element == element
