"""Circular scan: published numbers, agreement with a plain reading, the over-dispersed null, awkward input."""

from __future__ import annotations

import math
from pathlib import Path

import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.stats.errors import ShapeError
from pipelines.stats.spatial import windows
from pipelines.stats.spatial.circular_scan import circular_scan, spans_sea
from pipelines.stats.spatial.null import NullPlan, draw_events, plan_null, stream
from pipelines.stats.spatial.scan_result import ScanCluster

# Lung cancer in Pennsylvania 2002, 67 counties, SaTScan 10.3.2, discrete Poisson, 9,999 replicates:
# counties, cases, expected, relative risk, radius, log-likelihood ratio, p-value.
WEST = {"washington", "greene", "allegheny", "beaver", "fayette", "westmoreland", "butler"}
PENNSYLVANIA = [
    (WEST, 2359, "2008.22", "1.23", "85.31", "36.538616", 0.0001),
    ({"delaware", "philadelphia"}, 1900, "1731.22", "1.12", "24.72", "9.649491", 0.0032),
    ({"potter", "cameron"}, 30, "20.13", "1.49", "43.60", "2.102996", 0.9479),
    ({"blair"}, 127, "108.09", "1.18", "0.00", "1.582721", 0.9930),
]


def grid(side: int = 12) -> np.ndarray:
    rng = np.random.default_rng(2)
    return np.column_stack(np.divmod(np.arange(side * side), side)) + rng.uniform(-0.3, 0.3, (side**2, 2))


def plain_best(cases, expected, population, distance, max_share) -> float:
    """Largest ratio by plain loops over a full distance matrix."""
    total, best = cases.sum(), 0.0
    for row in distance:
        order = np.argsort(row, kind="stable")
        inside = np.cumsum(population[order]) <= max_share * population.sum() + 1e-9
        c, e = np.cumsum(cases[order])[inside], np.cumsum(expected[order])[inside]
        for x, mu in zip(c, e, strict=True):
            if x >= 2 and x > mu + 1e-9:
                rest = (total - x) * math.log((total - x) / (total - mu)) if total > x else 0.0
                best = max(best, x * math.log(x / mu) + rest)
    return best


def test_pennsylvania_lung_cancer_agrees_with_satscan(shared_data: Path) -> None:
    county = pd.read_csv(shared_data / "published" / "pennLC_county.csv")
    result = circular_scan(county.cases, county.population, county[["x_km", "y_km"]], replicates=1999, seed=1)
    for cluster, (names, n, expected, risk, radius, llr, p) in zip(
        result.clusters, PENNSYLVANIA, strict=False
    ):
        assert set(county.county.iloc[list(cluster.members)]) == names
        assert cluster.cases == n
        assert f"{cluster.expected:.2f}" == expected
        assert f"{cluster.relative_risk:.2f}" == risk
        assert f"{cluster.radius:.2f}" == radius
        assert f"{cluster.llr:.6f}" == llr
        noise = 4 * math.sqrt(p * (1 - p) * (1 / 9999 + 1 / 1999))
        assert cluster.p_value == pytest.approx(p, abs=noise + 1 / 2000)
    assert all(cluster.p_value == 1.0 for cluster in result.clusters[4:])


def test_great_circle_finds_the_same_first_cluster_in_pennsylvania(shared_data: Path) -> None:
    county = pd.read_csv(shared_data / "published" / "pennLC_county.csv")
    result = circular_scan(
        county.cases, county.population, county[["lon", "lat"]], metric="great_circle", replicates=9
    )
    assert set(county.county.iloc[list(result.clusters[0].members)]) == WEST
    assert result.clusters[0].llr == pytest.approx(36.538616, abs=5e-7)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_best_ratio_is_that_of_plain_loops(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 15))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    cases = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
    population = rng.integers(1, 50, n).astype(float)
    xy = rng.uniform(0, 10, (n, 2))
    share = data.draw(st.sampled_from([0.1, 0.3, 0.5, 1.0]))
    distance = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    expected = population * cases.sum() / population.sum()
    result = circular_scan(cases, population, xy, share, replicates=2)
    found = result.clusters[0].llr if result.clusters else 0.0
    assert found == pytest.approx(plain_best(cases, expected, population, distance, share), abs=1e-9)


def test_replicates_and_data_are_judged_by_the_same_ratio() -> None:
    """A data set drawn by the null itself, scanned again as data, gives the ratio its replicate had."""
    xy, n = grid(), 144
    population = np.random.default_rng(4).integers(5, 50, n).astype(float)
    expected = population * 60 / population.sum()
    plan = _plan(expected)
    circles = windows.build_circles(xy, population, expected, 0.4, None)
    best = np.zeros(5)
    windows.replicate_circles(plan, 0, circles, n, 60, 2, 11, best)
    for r in range(5):
        counts = _drawn(plan, 60, 11, r)
        again = circular_scan(counts, population, xy, 0.4, replicates=0)
        assert again.clusters[0].llr == pytest.approx(best[r], abs=1e-9)


def _drawn(plan: NullPlan, total: int, seed: int, replicate: int) -> np.ndarray:
    events = np.empty(total, np.int32)
    state = np.uint64(stream(seed, replicate))
    draw_events(state, plan, np.empty(0), np.empty(1), np.empty(2, np.int32), events)
    return np.bincount(events, minlength=144)


def _plan(expected: np.ndarray) -> NullPlan:
    return plan_null(expected, np.full(expected.size, -1), np.full(expected.size, np.inf))


def test_many_cases_take_the_direct_way_and_agree_with_plain_loops() -> None:
    xy, n = grid(), 144
    population = np.random.default_rng(4).integers(5, 50, n).astype(float)
    distance = np.linalg.norm(xy[:, None] - xy[None], axis=2)
    expected = population * 20_000 / population.sum()
    circles = windows.build_circles(xy, population, expected, 0.3, None)
    assert circles.neighbour.size // 4 < 20_000  # too many cases for the table
    best = np.zeros(3)
    plan = _plan(expected)
    windows.replicate_circles(plan, 0, circles, n, 20_000, 2, 5, best)
    for r in range(3):
        counts = _drawn(plan, 20_000, 5, r)
        assert best[r] == pytest.approx(plain_best(counts, expected, population, distance, 0.3), abs=1e-8)


def test_secondary_clusters_share_no_area() -> None:
    rng = np.random.default_rng(8)
    cases = rng.negative_binomial(0.5, 0.2, 144)
    result = circular_scan(cases, np.full(144, 10.0), grid(), replicates=9)
    members = [m for cluster in result.clusters for m in cluster.members]
    assert len(result.clusters) > 2 and len(members) == len(set(members))
    llr = [cluster.llr for cluster in result.clusters]
    assert llr == sorted(llr, reverse=True)


def test_window_and_neighbour_limits_hold() -> None:
    cases = np.random.default_rng(8).poisson(1.0, 144)
    small = circular_scan(cases, np.full(144, 10.0), grid(), 0.05, replicates=9)
    assert max(len(c.members) for c in small.clusters) <= 7
    few = circular_scan(cases, np.full(144, 10.0), grid(), 0.5, replicates=9, max_neighbours=3)
    assert max(len(c.members) for c in few.clusters) <= 3


def test_window_is_found_where_population_is_far_from_even() -> None:
    """Centres in an empty region reach far: their rows need more neighbours than the first query gives."""
    xy, population = grid(), np.full(144, 0.001)
    population[:5] = 1000.0
    circles = windows.build_circles(xy, population, population, 0.5, None)
    lengths = np.diff(circles.start)
    for i in range(144):
        order = np.argsort(np.linalg.norm(xy - xy[i], axis=1), kind="stable")
        fits = np.cumsum(population[order]) <= 0.5 * population.sum() * (1 + 1e-12)
        assert lengths[i] == fits.sum()
        assert np.array_equal(circles.neighbour[circles.start[i] : circles.start[i + 1]], order[fits])


def test_stacked_centres_enter_in_input_order() -> None:
    xy = np.array([[0.0, 0.0], [5.0, 5.0], [0.0, 0.0], [0.0, 0.0], [9.0, 9.0]])
    circles = windows.build_circles(xy, np.ones(5), np.ones(5), 1.0, None)
    rows = [circles.neighbour[circles.start[i] : circles.start[i + 1]].tolist() for i in range(5)]
    assert rows[0] == [0, 2, 3, 1, 4] and rows[2] == [2, 0, 3, 1, 4] and rows[3] == [3, 0, 2, 1, 4]


def test_great_circle_crosses_the_date_line_and_measures_km() -> None:
    lonlat = [[179.9, 0.0], [-179.9, 0.0], [100.0, 0.0], [110.0, 0.0]]
    result = circular_scan([9, 9, 0, 0], [1, 1, 9, 9], lonlat, metric="great_circle", replicates=9)
    assert result.clusters[0].members == (0, 1)
    assert result.clusters[0].radius == pytest.approx(0.2 * math.pi / 180 * 6371.0088, rel=1e-9)


def test_same_bytes_for_any_number_of_threads_and_for_more_replicates() -> None:
    cases = np.random.default_rng(8).poisson(0.3, 144)
    before = numba.get_num_threads()
    runs = []
    for threads in {1, before}:
        numba.set_num_threads(threads)
        runs.append(circular_scan(cases, np.ones(144), grid(), null="negative_binomial", shape=0.3, seed=5))
    numba.set_num_threads(before)
    assert all(run.null_llr.tobytes() == runs[0].null_llr.tobytes() for run in runs)
    short = circular_scan(
        cases, np.ones(144), grid(), null="negative_binomial", shape=0.3, seed=5, replicates=77
    )
    assert np.array_equal(short.null_llr, runs[0].null_llr[:77])


def test_overdispersed_null_asks_for_more_than_poisson() -> None:
    cases = np.random.default_rng(8).negative_binomial(0.3, 0.2, 144)
    flat = circular_scan(cases, np.ones(144), grid())
    wide = circular_scan(cases, np.ones(144), grid(), null="negative_binomial")
    assert flat.p_value < 0.01 < 0.05 < wide.p_value
    assert 0.1 < wide.shape[0] < 0.9
    grouped = circular_scan(
        cases,
        np.ones(144),
        grid(),
        null="negative_binomial",
        shape=1.0,
        group=np.arange(144) // 12,
        group_shape=0.5,
    )
    ungrouped = circular_scan(cases, np.ones(144), grid(), null="negative_binomial", shape=1.0)
    assert np.median(grouped.null_llr) > np.median(ungrouped.null_llr)
    assert grouped.shape.shape == (144,)


def test_spread_of_groups_and_areas_is_estimated_together() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(400), 6)
    weight = rng.gamma(0.5, 2.0, 400)[group] * rng.gamma(1.5, 1 / 1.5, 2_400)
    cases = rng.poisson(1.5 * weight)
    result = circular_scan(
        cases,
        np.ones(2_400),
        rng.uniform(0, 1, (2_400, 2)),
        0.02,
        null="negative_binomial",
        group=group,
        replicates=1,
    )
    assert result.shape[0] == pytest.approx(1.5, rel=0.2)


def test_given_expected_counts_replace_population_but_not_the_window() -> None:
    cases = np.zeros(144, dtype=int)
    cases[[0, 1]] = 10
    expected = np.ones(144)
    expected[[0, 1]] = 71.0  # half of all: the excess is explained
    explained = circular_scan(cases, np.ones(144), grid(), expected=expected, replicates=9)
    assert explained.clusters[0].expected > 9
    assert circular_scan(cases, np.ones(144), grid(), replicates=9).clusters[0].expected < 1


def test_neutral_results() -> None:
    none = circular_scan(np.zeros(144), np.ones(144), grid(), null="negative_binomial")
    assert none.clusters == () and none.p_value == 1.0
    assert circular_scan([4], [10.0], [[0.0, 0.0]]).clusters == ()
    one = np.zeros(144)
    one[7] = 40
    alone = circular_scan(one, np.ones(144), grid(), replicates=99)
    assert alone.clusters[0].members == (7,) and alone.p_value == 0.01
    empty_area = np.ones(144)
    empty_area[3] = 0  # no population, no case: takes no part
    assert 3 not in {
        m for c in circular_scan(one, empty_area, grid(), replicates=9).clusters for m in c.members
    }
    too_big = circular_scan([3, 1], [9.0, 1.0], [[0, 0], [1, 1]], 0.5, replicates=9)
    assert too_big.clusters == ()


def test_clusters_across_water_are_flagged() -> None:
    make = [ScanCluster(m, 5, 1.0, 3.0, 0.1, 2.0) for m in ((0, 1), (1, 2), (3,))]
    assert spans_sea(make, ["jawa", "jawa", "bali", "bali"]) == (False, True, False)
    with pytest.raises(ShapeError):
        spans_sea(make, ["jawa", "jawa"])
