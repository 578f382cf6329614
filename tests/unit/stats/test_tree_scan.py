"""Tree scan: published numbers, the over-dispersed null, awkward input."""

from __future__ import annotations

import math
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.stats.errors import CountError, ExposureError, ParameterError, ShapeError, TreeError
from pipelines.stats.spatial.null import gamma_mean_one, stream
from pipelines.stats.spatial.null_shape import negative_binomial_shape, nested_shapes
from pipelines.stats.spatial.tree_scan import tree_scan

# TreeScan's own example (TreeScan 2.4, conditional Poisson, 9,999 replicates): node, cases, expected,
# relative risk, log-likelihood ratio, p-value.
PARENT = {
    **dict.fromkeys(["Leaf1", "Leaf2", "Leaf3"], "Node1"),
    **dict.fromkeys(["Leaf4", "Leaf5", "Leaf6", "Leaf7"], "Node2"),
    **dict.fromkeys(["Leaf8", "Leaf9", "Leaf10", "Leaf11"], "Node3"),
    "Leaf12": "Node4",
    "Node1": "Node5",
    "Node2": "Node5",
    "Node3": "Node6",
    "Node4": "Node6",
    "Node5": "Root",
    "Node6": "Root",
    "Root": None,
}
CASES = [1, 2, 0, 6, 4, 2, 5, 9, 14, 7, 3, 2]
WEIGHT = [200, 300, 400, 200, 300, 200, 600, 400, 200, 200, 400, 700]
PUBLISHED = [
    ("Leaf9", 14, 2.68, 6.66, 13.136308, 0.0001),
    ("Node3", 33, 16.10, 3.63, 11.148394, 0.0001),
    ("Node6", 35, 25.49, 2.03, 3.318753, 0.0801),
    ("Leaf10", 7, 2.68, 2.84, 2.579169, 0.1875),
    ("Leaf4", 6, 2.68, 2.39, 1.619486, 0.4879),
    ("Leaf8", 9, 5.37, 1.81, 1.156791, 0.6400),
]


def example() -> tuple[list[int], list[int], list[str | None], list[str]]:
    labels = list(PARENT)
    cases = [CASES[int(name[4:]) - 1] if name.startswith("Leaf") else 0 for name in labels]
    weight = [WEIGHT[int(name[4:]) - 1] if name.startswith("Leaf") else 0 for name in labels]
    return cases, weight, list(PARENT.values()), labels


def country(n_kab: int = 40, n_kec: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Two levels below five roots: parent positions and exposures (of the leaves)."""
    kab = np.arange(n_kab) % 5
    kec = 5 + np.repeat(np.arange(n_kab), n_kec)
    parent = np.concatenate([np.full(5, -1), kab, kec])
    exposure = np.concatenate([np.zeros(5 + n_kab), np.full(n_kab * n_kec, 20.0)])
    return parent, exposure


def test_published_example_of_treescan_is_reproduced_to_the_printed_digits() -> None:
    cases, weight, parent, labels = example()
    result = tree_scan(cases, weight, parent, labels=labels, replicates=9999, seed=1)
    assert len(result.clusters) == len(PUBLISHED)
    for cluster, (name, n, expected, risk, llr, p) in zip(result.clusters, PUBLISHED, strict=True):
        assert labels[cluster.node or 0] == name
        assert cluster.cases == n
        assert f"{cluster.expected:.2f}" == f"{expected:.2f}"
        assert f"{cluster.relative_risk:.2f}" == f"{risk:.2f}"
        assert f"{cluster.llr:.6f}" == f"{llr:.6f}"
        assert cluster.p_value == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 9999) * math.sqrt(2))
    assert [labels[m] for m in result.clusters[1].members] == ["Leaf8", "Leaf9", "Leaf10", "Leaf11"]


def test_printed_file_of_treescan_agrees_with_ours(shared_data: Path) -> None:
    folder = shared_data / "published" / "treescan_example"
    rows = [line.split(",") for line in (folder / "tree.tre").read_text().split("\n") if line.strip()]
    parent = {row[0].strip(): row[1].strip() if len(row) > 1 else "" for row in rows}
    found = {}
    for line in (folder / "Poisson.cas").read_text().splitlines():
        if line.strip():
            name, n, weight = line.split(",")
            found[name.strip()] = (int(n), float(weight))
    labels = list(parent)
    cases = [found.get(name, (0, 0.0))[0] for name in labels]
    weight = [found.get(name, (0, 0.0))[1] for name in labels]
    result = tree_scan(cases, weight, list(parent.values()), labels=labels, replicates=99)
    text = (folder / "EXPECTED_TreeScan2.4_Poisson.txt").read_text().splitlines()
    printed = [line.rsplit(" ", 1)[1] for line in text if line.startswith("  Log Likelihood Ratio")]
    assert [f"{cluster.llr:.6f}" for cluster in result.clusters] == printed


def test_disjoint_clusters_share_no_leaf() -> None:
    cases, weight, parent, labels = example()
    result = tree_scan(cases, weight, parent, labels=labels, replicates=9)
    assert [labels[c.node or 0] for c in result.disjoint] == ["Leaf9", "Leaf10", "Leaf4", "Leaf8"]


def test_order_of_the_nodes_does_not_matter() -> None:
    cases, weight, parent, labels = example()
    back = tree_scan(cases[::-1], weight[::-1], parent[::-1], labels=labels[::-1], replicates=0)
    forth = tree_scan(cases, weight, parent, labels=labels, replicates=0)
    assert [c.llr for c in back.clusters] == pytest.approx([c.llr for c in forth.clusters])


def test_only_child_is_reported_instead_of_its_identical_parent() -> None:
    result = tree_scan([0, 0, 9, 1], [0, 0, 1, 9], [-1, 0, 1, 0], replicates=9)
    assert [c.node for c in result.clusters] == [2]


def test_cases_known_only_at_an_inner_node_count_for_it_and_above() -> None:
    # The regency reports 8 cases without saying in which district.
    result = tree_scan([0, 8, 1, 1, 1], [0, 1, 5, 5, 5], [-1, 0, 1, 1, 0], replicates=0)
    top = result.clusters[0]
    assert (top.node, top.cases, top.members) == (1, 10, (2, 3))


def test_same_bytes_for_the_same_seed_and_any_number_of_threads() -> None:
    parent, exposure = country()
    cases = np.where(exposure > 0, np.arange(exposure.size) % 3, 0)
    before = numba.get_num_threads()
    runs = []
    for threads in {1, before}:
        numba.set_num_threads(threads)
        runs.append(tree_scan(cases, exposure, parent, null="negative_binomial", shape=0.5, seed=7))
    numba.set_num_threads(before)
    assert all(run.null_llr.tobytes() == runs[0].null_llr.tobytes() for run in runs)
    other = tree_scan(cases, exposure, parent, null="negative_binomial", shape=0.5, seed=8)
    assert other.null_llr.tobytes() != runs[0].null_llr.tobytes()


def test_share_limit_removes_large_nodes_from_data_and_null() -> None:
    cases, weight, parent, labels = example()
    result = tree_scan(cases, weight, parent, labels=labels, max_share=0.1, replicates=99)
    assert [labels[c.node or 0] for c in result.clusters] == ["Leaf9", "Leaf10", "Leaf4", "Leaf8"]
    everything = tree_scan(cases, weight, parent, labels=labels, replicates=99)
    assert np.all(result.null_llr <= everything.null_llr)


@pytest.mark.parametrize("k", [0.04, 0.27, 0.9, 1.0, 6.0])
def test_gamma_multipliers_have_mean_one_and_variance_one_over_k(k: float) -> None:
    state, n = stream(3, 1), 200_000
    draws = np.empty(n)
    for i in range(n):
        state, draws[i] = gamma_mean_one(np.uint64(state), k)
    fourth = 3 / k**2 + 6 / k**3  # fourth central moment of a gamma with mean 1
    assert draws.mean() == pytest.approx(1, abs=5 / math.sqrt(k * n))
    assert draws.var() == pytest.approx(1 / k, abs=5 * math.sqrt(fourth / n))


def test_shapes_of_nested_levels_are_recovered_from_counts() -> None:
    rng = np.random.default_rng(5)
    parent, _ = country(2_000, 8)
    depth = np.where(parent < 0, 0, np.where(parent < 5, 1, 2))
    weight = np.zeros(parent.size)
    kab = rng.gamma(0.5, 2.0, 2_005)
    leaf = depth == 2
    weight[leaf] = kab[parent[leaf]] * rng.gamma(1.5, 1 / 1.5, leaf.sum())
    y = rng.poisson(weight * 2.0).astype(np.int64)
    e = np.where(leaf, y.sum() / leaf.sum(), 0.0)
    for level in (1, 0):
        for totals in (y, e):
            np.add.at(totals, parent[depth == level + 1], totals[depth == level + 1])
    shapes = nested_shapes(parent, depth, y, e)
    assert shapes[1] == pytest.approx(0.5, rel=0.15)
    assert shapes[2] == pytest.approx(1.5, rel=0.15)


def test_poisson_counts_have_no_extra_spread() -> None:
    assert negative_binomial_shape(np.full(50, 3), np.full(50, 3.0)) == math.inf
    assert negative_binomial_shape(np.zeros(50, np.int64), np.full(50, 3.0)) == math.inf


def test_overdispersed_null_is_the_poisson_null_when_shapes_are_infinite() -> None:
    parent, exposure = country()
    cases = np.where(exposure > 0, 1, 0)
    flat = tree_scan(cases, exposure, parent)
    wide = tree_scan(cases, exposure, parent, null="negative_binomial", shape=np.inf)
    assert flat.null_llr.tobytes() == wide.null_llr.tobytes()
    narrow = tree_scan(cases, exposure, parent, null="negative_binomial", k_kab=0.3, k_kec=0.3)
    assert np.median(narrow.null_llr) > 3 * np.median(flat.null_llr)
    assert np.array_equal(np.unique(narrow.shape), [0.3, np.inf])


def test_neutral_results() -> None:
    parent, exposure = country()
    none = tree_scan(np.zeros(parent.size), exposure, parent, null="negative_binomial")
    assert none.clusters == () and none.p_value == 1.0 and none.total_cases == 0
    assert tree_scan([5], [1.0], [-1]).clusters == ()
    one_place = np.zeros(parent.size)
    one_place[-1] = 30
    result = tree_scan(one_place, exposure, parent, replicates=99)
    assert result.clusters[0].members == (parent.size - 1,)
    assert result.p_value == 0.01 and math.isinf(result.clusters[0].relative_risk)
    single = np.zeros(parent.size)
    single[-1] = 1
    assert tree_scan(single, exposure, parent).clusters == ()


def test_deep_tree_needs_no_recursion() -> None:
    n = 50_000
    parent = np.arange(n) - 1
    cases, exposure = np.zeros(n), np.ones(n)
    cases[-1] = 5
    result = tree_scan(cases, exposure, parent, replicates=1)
    assert result.clusters[0].node == n - 1


@pytest.mark.parametrize(
    ("change", "error", "element"),
    [
        ({"cases": [1, -1, 0]}, CountError, "cases[1]"),
        ({"cases": [1, 0.5, 0]}, CountError, "cases[1]"),
        ({"cases": [1, float("nan"), 0]}, CountError, "cases[1]"),
        ({"cases": ["a", 1, 0]}, CountError, "cases"),
        ({"cases": []}, ShapeError, "cases"),
        ({"expected": [1, 1]}, ShapeError, "expected"),
        ({"expected": [1, 1, -1]}, ExposureError, "expected[2]"),
        ({"expected": [1, 0, 1]}, ExposureError, "expected[1]"),
        ({"expected": [1, float("nan"), 1]}, ExposureError, "expected[1]"),
        ({"cases": [0, 0, 0], "expected": [0, 0, 0]}, ExposureError, "expected"),
        ({"parent": [-1, 0, 3]}, TreeError, "parent[2]"),
        ({"parent": [-1, 0, -2]}, TreeError, "parent[2]"),
        ({"parent": [-1, 0, "x"]}, TreeError, "parent[2]"),
        ({"parent": [-1, 2, 1]}, TreeError, "parent[1]"),
        ({"parent": [0, 0, 0]}, TreeError, "parent[0]"),
        ({"parent": [-1, 0]}, ShapeError, "parent"),
        ({"labels": ["a", "b", "b"], "parent": [None, "a", "a"]}, TreeError, "labels[1]"),
        ({"labels": ["a", "b", "c"], "parent": [None, "a", "d"]}, TreeError, "parent[2]"),
        ({"labels": ["a", "b"]}, ShapeError, "labels"),
        ({"null": "gaussian"}, ParameterError, "null"),
        ({"replicates": -1}, ParameterError, "replicates"),
        ({"seed": -1}, ParameterError, "seed"),
        ({"max_share": 0.0}, ParameterError, "max_share"),
        ({"min_cases": 0}, ParameterError, "min_cases"),
        ({"shape": 0.5}, ParameterError, "shape"),
        ({"null": "negative_binomial", "shape": -1.0}, ParameterError, "shape[0]"),
        ({"null": "negative_binomial", "shape": {5: 1.0}}, ParameterError, "shape"),
        ({"null": "negative_binomial", "shape": {1: 1.0}, "k_kab": 1.0}, ParameterError, "shape"),
    ],
)
def test_bad_input_names_the_element(change: dict, error: type[Exception], element: str) -> None:
    good = {"cases": [1, 2, 3], "expected": [1, 1, 1], "parent": [-1, 0, 0], "replicates": 9}
    with pytest.raises(error) as caught:
        tree_scan(**{**good, **change})
    assert caught.value.element == element


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_clusters_agree_with_a_plain_recursive_reading(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 14))
    parent = [-1] + [data.draw(st.integers(-1, i - 1)) for i in range(1, n)]
    cases = data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    exposure = data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    result = tree_scan(cases, exposure, parent, replicates=3, min_cases=1)
    total = sum(cases)

    def below(node: int) -> list[int]:
        return [node] + [d for child in range(n) if parent[child] == node for d in below(child)]

    best = 0.0
    for node in range(n):
        c = sum(cases[i] for i in below(node))
        e = sum(exposure[i] for i in below(node)) * total / sum(exposure)
        if c > e + 1e-9:
            rest = (total - c) * math.log((total - c) / (total - e)) if total > c else 0.0
            best = max(best, c * math.log(c / e) + rest)
    assert (result.clusters[0].llr if result.clusters else 0.0) == pytest.approx(best, abs=1e-9)
    assert all(0 < c.p_value <= 1 for c in result.clusters)
