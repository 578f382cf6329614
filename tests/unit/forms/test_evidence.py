"""Evidence on failure rates of forms: an outlier of the spread is supported, ordinary spread is not, nothing is zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pipelines.forms.evidence import evidence_classes, failure_statistics
from pipelines.marts import Release, forms
from tests.support.effort import effort


def judged(failed: list[int], evaluable: list[int], scope: str = "31") -> pd.Series:
    found = failure_statistics(failed, evaluable)
    return evidence_classes(found.assign(scope=scope, n_failed=failed))


def test_area_far_outside_the_spread_is_supported() -> None:
    failed = [150, *(4 + n % 5 for n in range(30))]
    words = judged(failed, [400] * 31)
    assert words[0] == "supported" and set(words[1:]) <= {"watch", "ordinary"}
    assert (words == "watch").sum() <= 5


def test_watch_list_is_per_scope_and_only_above_the_mean() -> None:
    failed = list(range(1, 21))
    found = failure_statistics(failed, [200] * 20)
    found = found.assign(scope=["31"] * 10 + ["32"] * 10, n_failed=failed)
    words = evidence_classes(found)
    assert set(words[:10]) == {"ordinary"}  # all below the mean
    assert list(words[10:] != "ordinary") == [False] * 5 + [True] * 5


def test_without_spread_nothing_is_tested_and_the_interval_is_that_of_all_forms() -> None:
    found = failure_statistics([10] * 8, [100] * 8)
    assert found["q_value"].isna().all() and found["shape_k"].isna().all()
    assert found["eb_low"][0] < 0.1 < found["eb_high"][0]
    assert found["eb_high"][0] - found["eb_low"][0] == pytest.approx(2 * 1.96 * np.sqrt(0.09 / 800), rel=0.02)


def test_few_areas_are_shrunken_but_not_tested() -> None:
    found = failure_statistics([90, 1, 2, 1], [100] * 4)
    assert found["q_value"].isna().all() and found["eb_ratio"].idxmax() == 0


def test_family_without_failures_has_no_ratio_and_an_upper_limit_above_zero() -> None:
    found = failure_statistics([0, 0, 0], [50, 60, 70])
    assert found["eb_ratio"].isna().all() and (found["eb_share"] == 0).all()
    assert (found["eb_low"] == 0).all() and 0 < found["eb_high"][0] < 0.05


def gamma(rng: np.random.Generator, n: int, spread: float) -> np.ndarray:
    return rng.gamma(spread**-2, spread**2, n)


def lognormal(rng: np.random.Generator, n: int, spread: float) -> np.ndarray:
    return np.exp(spread * rng.standard_normal(n) - spread**2 / 2)


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("rates", [gamma, lognormal])
@pytest.mark.parametrize(("n_areas", "mean", "spread"), [(6, 100, 0.2), (44, 20, 0.6), (120, 30, 0.7)])
def test_spread_between_areas_alone_is_seldom_called_an_outlier(
    rates: Callable[..., np.ndarray], n_areas: int, mean: int, spread: float
) -> None:
    """Family-wise rate of false alarms: at most 5 % + 2 SE, light tail or heavy; 40 families, or 150 at length."""
    families = effort(40, 150)
    rng = np.random.default_rng(20240214)
    alarms = 0
    for _ in range(families):
        n = np.maximum(rng.lognormal(0, 0.8, n_areas) * mean / 0.05, 20).astype(int)
        y = rng.binomial(n, np.minimum(0.05 * rates(rng, n_areas, spread), 1))
        alarms += bool((failure_statistics(y, n)["q_value"] <= 0.05).any())
    assert alarms / families <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / families)


def counts(*rows: tuple[str, str, str, str, int, int]) -> pd.DataFrame:
    """(level, province, area, rule, evaluable, failed) as rows of core.form_count."""
    frame = pd.DataFrame(
        rows, columns=["level", "province_code", "area_code", "rule_id", "n_evaluable", "n_failed"]
    )
    return frame.assign(election_id="e", contest="ppwp", n_units=100, n_missing=100 - frame["n_evaluable"])


def test_areas_without_figures_areas_alone_and_rules_about_areas_get_no_rate() -> None:
    districts = [
        ("district", "31", f"3171{n:02d}", "E6", 90, 80 if n == 1 else 2 + n % 4) for n in range(1, 41)
    ]
    table = forms._rates(
        counts(("province", "31", "31", "E6", 90, 9), ("province", "31", "31", "E4", 0, 0),
               ("province", "31", "31", "E13", 1, 1), *districts)
    ).set_index(["area_code", "rule_id"])  # fmt: skip
    assert table.loc[("31", "E4"), "evidence"] == "no_data" and pd.isna(table.loc[("31", "E4"), "eb_share"])
    assert pd.isna(table.loc[("31", "E6"), "evidence"]) and table.loc[("31", "E6"), "n_family"] == 1
    assert pd.isna(table.loc[("31", "E13"), "evidence"]) and pd.isna(table.loc[("31", "E13"), "eb_share"])
    assert table.loc[("317101", "E6"), "evidence"] == "supported"


def test_empty_counts_give_an_empty_table() -> None:
    empty = counts().astype({"n_evaluable": "int64"})
    assert len(forms.build(lambda _: empty, Release(1))["mart.form_audit_area"]) == 0
