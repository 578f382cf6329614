"""Stratified AUC: perfect, none, ties, agreement with Mann-Whitney, strata that do not mix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from pipelines.stats.errors import ParameterError, ShapeError
from pipelines.stats.stratified_auc import stratified_auc


def test_perfect_and_reversed_separation() -> None:
    case, strata = [0, 0, 1, 0, 0, 1], list("aaabbb")
    assert stratified_auc([1, 2, 3, 1, 2, 9], case, strata).auc == 1.0
    assert stratified_auc([3, 2, 1, 9, 2, 1], case, strata).auc == 0.0


def test_ties_count_half() -> None:
    assert stratified_auc([5, 5, 5, 5], [1, 0, 0, 0], ["a"] * 4).auc == 0.5


def test_one_stratum_is_the_mann_whitney_statistic() -> None:
    rng = np.random.default_rng(3)
    x, case = rng.integers(0, 20, 300).astype(float), rng.random(300) < 0.2
    u = mannwhitneyu(x[case], x[~case]).statistic / (case.sum() * (~case).sum())
    found = stratified_auc(x, case, np.zeros(300))
    assert found.auc == pytest.approx(u, abs=1e-12) and np.isnan(found.low)


def test_difference_between_strata_does_not_count() -> None:
    # All cases lie where every value is high; within the strata there is no separation at all.
    x = [9, 9, 9, 9, 1, 1, 1, 1, 1, 1]
    case = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    assert stratified_auc(x, case, list("aaaabbbbbb")).auc == 0.5


def test_signal_without_information_stays_at_a_half_and_its_interval_covers_it() -> None:
    rng = np.random.default_rng(8)
    found = stratified_auc(rng.random(4000), rng.random(4000) < 0.1, rng.integers(0, 40, 4000))
    assert found.low < 0.5 < found.high and found.high - found.low < 0.12
    assert found.n_strata == 40


def test_unknown_values_and_strata_without_cases_are_left_out() -> None:
    found = stratified_auc([1, np.nan, 3, 1, 2], [0, 1, 1, 0, 0], list("aaabb"))
    assert (found.auc, found.n_cases, found.n_others, found.n_strata) == (1.0, 1, 1, 1)
    empty = stratified_auc([1.0, 2.0], [0, 0], ["a", "a"])
    assert np.isnan(empty.auc) and empty.n_strata == 0


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ShapeError):
        stratified_auc([1, 2], [0, 1], ["a"])
    with pytest.raises(ParameterError):
        stratified_auc([1, 2], [0, 1], ["a", "a"], replicates=0)
