"""Partial conjunction, AdaFilter-BH and the words for persistence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipelines.stats import (
    ParameterError,
    ShapeError,
    adafilter,
    classify_persistence,
    nb_midp_test,
    partial_conjunction,
)

NAN = float("nan")


def test_adafilter_example_as_published(shared_data: Path) -> None:
    """The example of the authors' R package: 10,000 hypotheses, 4 studies, at least 3."""
    data = pd.read_csv(shared_data / "published" / "adafilter_example_M10000_n4_r3.csv")
    result = adafilter(data[["p1", "p2", "p3", "p4"]], u=3, q=0.05)
    assert result.rejected.size == len(result) == 340 and list(result) == result.rejected.tolist()
    assert int(data["truth"].iloc[result.rejected].sum()) == 333
    np.testing.assert_array_equal(result.decision, data["decision"] == 1)
    np.testing.assert_allclose(result.selection, data["selection_p"], rtol=1e-12)
    np.testing.assert_allclose(result.adjusted, data["adjusted_p"], rtol=1e-12)


@settings(max_examples=150, deadline=None)
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(1, 15), st.integers(2, 4)),
        elements=st.floats(0, 1).map(lambda x: x**6),
        unique=True,
    ),
    st.sampled_from([0.05, 0.2]),
)
def test_adafilter_is_the_largest_threshold_by_brute_force(p, q) -> None:
    result = adafilter(p, u=2, q=q)
    factor = p.shape[1] - 1
    ordered = np.sort(p, axis=1)
    filtering, selection = factor * ordered[:, 0], factor * ordered[:, 1]
    best = 0.0
    for gamma in selection:
        if gamma * (filtering <= gamma).sum() <= q * max((selection <= gamma).sum(), 1):
            best = max(best, gamma)
    expected = np.flatnonzero(selection <= best) if best else np.flatnonzero(selection == 0)
    np.testing.assert_array_equal(result.rejected, expected)


def test_tied_p_values_still_count_as_tests() -> None:
    """Ten areas with the same p twice: the literal F < gamma would count no test at all."""
    assert adafilter(np.full((10, 2), 0.9), u=2, q=0.05).rejected.size == 0


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(float, st.tuples(st.integers(1, 10), st.integers(2, 5)), elements=st.floats(0, 1)))
def test_partial_conjunction_grows_with_u_and_u_one_is_bonferroni(p) -> None:
    combined = [partial_conjunction(p, u) for u in range(1, p.shape[1] + 1)]
    np.testing.assert_allclose(combined[0], np.minimum(p.min(axis=1) * p.shape[1], 1))
    np.testing.assert_allclose(combined[-1], p.max(axis=1))


def test_missing_studies_lower_the_number_of_studies() -> None:
    whole = adafilter([[0.001, 0.004], [0.2, 0.6]], u=2)
    padded = adafilter([[0.001, NAN, 0.004], [0.2, 0.6, NAN]], u=2)
    np.testing.assert_allclose(padded.selection, whole.selection)
    np.testing.assert_allclose(padded.adjusted, whole.adjusted)
    alone = adafilter([[1e-9, NAN, NAN], [0.2, 0.6, 0.1]], u=2)
    assert alone.rejected.size == 0 and np.isnan(alone.selection[0])
    assert np.isnan(partial_conjunction([[1e-9, NAN]], u=2)[0])


def _p_matrix(rng: np.random.Generator, theta: np.ndarray, shape: float) -> np.ndarray:
    """NB mid-P of three elections with persistent risks ``theta`` and transient gamma noise."""
    expected = rng.gamma(2, 1, theta.size)
    columns = []
    for _ in range(3):
        cases = rng.poisson(expected * theta * rng.gamma(shape, 1 / shape, theta.size))
        columns.append(nb_midp_test(cases, expected * cases.sum() / expected.sum()).p_value)
    return np.column_stack(columns)


def test_persistent_places_are_confirmed() -> None:
    theta = np.where(np.arange(514) < 12, 20.0, 0.7)
    found = adafilter(_p_matrix(np.random.default_rng(21), theta, 1.5), u=2).rejected
    assert found.size >= 8 and np.all(found < 12)


def test_places_that_only_flare_up_are_not_confirmed() -> None:
    """No persistence at all, but the over-dispersion of the regencies of 2024."""
    rng = np.random.default_rng(22)
    hits = [adafilter(_p_matrix(rng, np.ones(514), 0.27), u=2).rejected.size > 0 for _ in range(40)]
    assert np.mean(hits) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 40)


def test_classes_and_labels() -> None:
    q = [
        [0.01, 0.9, 0.02],
        [0.9, 0.9, 0.02],
        [0.9, 0.01, 0.6],
        [0.9, 0.9, NAN],
        [NAN, NAN, NAN],
        [0.3, 0.3, 0.3],
    ]
    result = classify_persistence(q, [True] + [False] * 5, [True, True, False, True, True, False])
    assert result.kind.tolist() == ["persistent", "recent only", "past only", "never", "no data", "never"]
    assert result.label.tolist() == [
        "confirmed persistent",
        "supported in one election",
        "supported in one election",
        "watch list",
        "none",
        "none",
    ]


def test_bad_input_is_named() -> None:
    cases = [
        (lambda: adafilter([[0.1, 1.1]]), ParameterError, "p_matrix[0, 1]"),
        (lambda: adafilter([[0.1, 0.1]], u=3), ParameterError, "u"),
        (lambda: adafilter([[0.1, 0.1]], u=1), ParameterError, "u"),
        (lambda: adafilter([[0.1, 0.1]], q=0), ParameterError, "q"),
        (lambda: adafilter([0.1, 0.1]), ShapeError, "p_matrix"),
        (lambda: partial_conjunction([[0.1], [0.1, 0.2]]), ShapeError, "p_matrix"),
        (lambda: classify_persistence([[0.1]], [True, False], [True]), ShapeError, "confirmed"),
        (lambda: classify_persistence([[0.1]], [True], [True], recent=2), ParameterError, "recent"),
    ]
    for call, error, element in cases:
        with pytest.raises(error) as caught:
            call()
        assert caught.value.element == element


def test_adafilter_bh_gives_the_indices_alone() -> None:
    from pipelines.stats import adafilter, adafilter_bh

    p = [[1e-4, 2e-4, 0.3], [0.4, 0.6, 0.9], [0.01, 0.8, 0.7]]
    assert adafilter_bh(p).tolist() == adafilter(p).rejected.tolist() == [0]
