"""Raw rates and their mid-P interval."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pipelines.stats import (
    CountError,
    ExposureError,
    ParameterError,
    ShapeError,
    poisson_midp_interval,
    rate_table,
)


@given(st.integers(0, 400), st.floats(0.5, 1e4), st.sampled_from([0.8, 0.95, 0.99]))
def test_limits_solve_the_mid_p_equations_by_scipy(count: int, exposure: float, conf: float) -> None:
    low, high = poisson_midp_interval([count], [exposure], conf)
    alpha = 1 - conf
    upper_mean, lower_mean = high[0] * exposure, low[0] * exposure
    lower_tail = stats.poisson.cdf(count, upper_mean) - 0.5 * stats.poisson.pmf(count, upper_mean)
    assert lower_tail == pytest.approx(alpha / 2, rel=1e-8)
    if count == 0:
        assert low[0] == 0
    else:
        upper_tail = stats.poisson.sf(count, lower_mean) + 0.5 * stats.poisson.pmf(count, lower_mean)
        assert upper_tail == pytest.approx(alpha / 2, rel=1e-8)
        assert low[0] < count / exposure < high[0]


def test_mid_p_is_narrower_than_the_exact_interval() -> None:
    counts = np.arange(1, 50)
    low, high = poisson_midp_interval(counts, np.ones(49))
    assert np.all(low > stats.chi2.ppf(0.025, 2 * counts) / 2)
    assert np.all(high < stats.chi2.ppf(0.975, 2 * counts + 2) / 2)


def test_zero_events_have_the_closed_form_upper_limit() -> None:
    low, high = poisson_midp_interval([0], [10.0])
    assert low[0] == 0
    assert high[0] == pytest.approx(-np.log(0.05) / 10)


@pytest.mark.slow
def test_large_and_many_counts_are_fast() -> None:
    counts = np.arange(83_000)
    start = time.process_time()
    low, high = poisson_midp_interval(counts, np.full(83_000, 1000.0))
    assert time.process_time() - start < 3
    assert np.isfinite(low).all() and np.isfinite(high).all()
    assert np.all(low[1:] < counts[1:] / 1000)


def test_rate_table_leaves_missing_exposure_missing() -> None:
    frame = pd.DataFrame({"n": pd.array([4, 1, None, 0], dtype="Int64"), "tps": [3129, None, 10, 0]})
    table = rate_table(frame, "n", "tps")
    assert table["rate"].iloc[0] == pytest.approx(4 / 3129 * 1000)
    assert table["rate_low"].iloc[0] < table["rate"].iloc[0] < table["rate_high"].iloc[0]
    assert table[["rate", "rate_low", "rate_high"]].iloc[1:].isna().all(axis=None)
    assert "rate" not in frame.columns


def test_rate_table_of_no_rows_has_the_columns() -> None:
    assert list(rate_table(pd.DataFrame({"n": [], "tps": []}), "n", "tps").columns)[2:] == [
        "rate",
        "rate_low",
        "rate_high",
    ]


@pytest.mark.parametrize(
    ("count", "exposure", "error", "element"),
    [
        ([1, -1], [1, 1], CountError, "count[1]"),
        ([1, 1.5], [1, 1], CountError, "count[1]"),
        ([1, None], [1, 1], CountError, "count[1]"),
        (["a"], [1], CountError, "count"),
        ([1j], [1], CountError, "count"),
        (np.array([1, None], dtype=object), [1, 1], CountError, "count[1]"),
        ([1], ["a"], ExposureError, "exposure"),
        ([1, 1], [1, 0], ExposureError, "exposure[1]"),
        ([1, 0], [1, 0], ExposureError, "exposure[1]"),
        ([1, 1], [1, -2], ExposureError, "exposure[1]"),
        ([1, 1], [1, float("nan")], ExposureError, "exposure[1]"),
        ([1, 1], [1], ShapeError, "exposure"),
        ([], [], ShapeError, "count"),
        ([[1, 2]], [1], (ShapeError, CountError), "count"),
    ],
)
def test_bad_input_names_its_element(count, exposure, error, element) -> None:
    with pytest.raises(error) as caught:
        poisson_midp_interval(count, exposure)
    assert caught.value.element == element


@pytest.mark.parametrize("conf", [0, 1, 1.5, float("nan")])
def test_confidence_outside_the_unit_interval_is_refused(conf: float) -> None:
    with pytest.raises(ParameterError, match="conf"):
        poisson_midp_interval([1], [1], conf)


def test_unknown_column_is_named() -> None:
    with pytest.raises(ParameterError, match="tps"):
        rate_table(pd.DataFrame({"n": [1]}), "n", "tps")
