"""Resolution: smallest rate ratio that would be noticed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.stats import ExposureError, ParameterError, detectable_rate_ratio, nb_midp_test


@pytest.mark.parametrize(("mean", "shape"), [(29.3, 1.2), (2.17, 0.27), (0.153, 0.04), (5.0, np.inf)])
def test_power_at_the_ratio_is_as_asked(mean: float, shape: float) -> None:
    ratio = detectable_rate_ratio([mean], 1.0, shape, alpha=0.01)[0]
    counts = np.arange(0, int(mean * ratio * 4) + 40)
    found = nb_midp_test(counts, np.full(counts.size, mean), shape=shape).p_value <= 0.01
    assert np.sum(stats.poisson.pmf(counts[found], mean * ratio)) == pytest.approx(0.8, abs=1e-6)


def test_resolution_of_2024_by_level() -> None:
    """Fact 6 of the design: a few for a regency, tens for a district, hundreds for a village."""
    areas, shapes = np.array([514, 7285, 83_000]), [0.27, 0.04, 0.005]
    kab, kec, kel = (
        detectable_rate_ratio([1113 / n], 1.0, k, alpha=a)[0]
        for n, k, a in zip(areas, shapes, [0.05, 0.01, 0.001], strict=True)
    )
    assert 6 <= kab <= 8
    assert 40 <= kec <= 54
    assert kel > 300


def test_more_exposure_resolves_more_and_nothing_expected_resolves_nothing() -> None:
    ratios = detectable_rate_ratio([0.0, 10, 100, 1000, 100_000], 0.01, 0.5)
    assert np.isinf(ratios[0])
    assert np.all(np.diff(ratios[1:]) < 0) and ratios[-1] >= 1
    assert np.isinf(detectable_rate_ratio([5.0], 0.0, 0.5)[0])


@pytest.mark.parametrize(
    "options", [{"base_rate": -1}, {"shape": 0}, {"alpha": 0}, {"power": 1}, {"base_rate": np.nan}]
)
def test_bad_options_are_named(options) -> None:
    arguments = {"exposure": [1.0], "base_rate": 0.1, "shape": 1.0} | options
    with pytest.raises(ParameterError) as caught:
        detectable_rate_ratio(**arguments)
    assert caught.value.element == next(iter(options))


def test_negative_exposure_is_named() -> None:
    with pytest.raises(ExposureError, match=r"exposure\[1\]"):
        detectable_rate_ratio([1.0, -1.0], 0.1, 1.0)
