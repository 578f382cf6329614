"""Bernoulli tree scan: published numbers and awkward input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.stats.errors import CountError, ShapeError
from pipelines.stats.spatial.tree_scan_bernoulli import tree_scan_bernoulli
from tests.unit.stats.test_tree_scan import CASES, country, example

# TreeScan's own example, conditional Bernoulli, 999 replicates: node, trials, cases, expected, risk, llr, p.
CONTROLS = [2, 3, 4, 2, 3, 2, 6, 4, 2, 2, 4, 7]
BERNOULLI = [
    ("Node3", 33, "25.78", "1.70", "4.552870", 0.031),
    ("Leaf9", 14, "9.17", "1.71", "4.062552", 0.076),
    ("Node6", 35, "30.94", "1.36", "1.429486", 0.622),
    ("Leaf10", 7, "5.16", "1.41", "0.912837", 0.840),
    ("Leaf4", 6, "4.58", "1.35", "0.591424", 0.937),
    ("Leaf8", 9, "7.45", "1.25", "0.451200", 0.966),
]


def test_published_bernoulli_example_is_reproduced_to_the_printed_digits() -> None:
    cases, _, parent, labels = example()
    leaf = [int(name[4:]) - 1 if name.startswith("Leaf") else None for name in labels]
    trials = [0 if i is None else CASES[i] + CONTROLS[i] for i in leaf]
    result = tree_scan_bernoulli(cases, trials, parent, labels=labels, replicates=9999, seed=1)
    assert len(result.clusters) == len(BERNOULLI)
    for cluster, (name, n, expected, risk, llr, p) in zip(result.clusters, BERNOULLI, strict=True):
        assert labels[cluster.node or 0] == name
        assert cluster.cases == n
        assert f"{cluster.expected:.2f}" == expected
        assert f"{cluster.relative_risk:.2f}" == risk
        assert f"{cluster.llr:.6f}" == llr
        assert cluster.p_value == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) * (1 / 999 + 1 / 9999)))


def test_bernoulli_scan_refuses_more_cases_than_trials_and_is_neutral_without_contrast() -> None:
    with pytest.raises(CountError) as caught:
        tree_scan_bernoulli([1, 4], [2, 3], [-1, 0])
    assert caught.value.element == "cases[1]"
    with pytest.raises(ShapeError):
        tree_scan_bernoulli([1, 4], [5], [-1, 0])
    assert tree_scan_bernoulli([0, 0, 0], [3, 3, 3], [-1, 0, 0]).clusters == ()
    assert tree_scan_bernoulli([0, 3, 3], [0, 3, 3], [-1, 0, 0]).clusters == ()
    assert tree_scan_bernoulli([0, 0, 0], [0, 0, 0], [-1, 0, 0]).p_value == 1.0
    all_in_one = tree_scan_bernoulli([0, 5, 0], [0, 5, 20], [-1, 0, 0], replicates=99)
    assert all_in_one.clusters[0].members == (1,) and math.isinf(all_in_one.clusters[0].relative_risk)


def test_bernoulli_replicates_do_not_depend_on_each_other() -> None:
    parent, exposure = country()
    trials = exposure.astype(int)
    cases = np.where(trials > 0, np.arange(trials.size) % 4, 0)
    long = tree_scan_bernoulli(cases, trials, parent, replicates=64, seed=5)
    short = tree_scan_bernoulli(cases, trials, parent, replicates=7, seed=5)
    assert np.array_equal(short.null_llr, long.null_llr[:7])
