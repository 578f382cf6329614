"""Area x ground profile."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipelines.stats import ParameterError, ShapeError, ground_profile

COLUMNS = ["incident", "area", "ground"]


def _frame(rows: list[tuple[object, object, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def _random(seed: int, grounds_by_area: bool, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    area = rng.integers(0, 8, n)
    base = np.array([0.5, 0.3, 0.15, 0.05])
    ground = [rng.choice(4, p=np.roll(base, a % 4) if grounds_by_area else base) for a in area]
    return pd.DataFrame(
        {"incident": range(n), "area": [f"k{a}" for a in area], "ground": [f"g{g}" for g in ground]}
    )


def test_an_incident_with_n_grounds_weighs_one_nth_in_each() -> None:
    table = ground_profile(
        _frame(
            [(1, "A", "flood"), (1, "A", "voter"), (2, "A", "voter"), (3, "B", "flood"), (3, "B", "flood")]
        )
    ).table.set_index(["area", "ground"])
    assert table.loc[("A", "voter"), "weight"] == 1.5
    assert table.loc[("A", "flood"), "weight"] == 0.5
    assert table.loc[("A", "voter"), "n_incidents"] == 2
    assert table.loc[("B", "flood"), "weight"] == 1
    assert table["weight"].sum() == pytest.approx(3)


def test_unknown_stays_a_category() -> None:
    table = ground_profile(_frame([(1, "A", None), (2, "A", "voter"), (3, "B", pd.NA)])).table
    assert set(table["ground"]) == {"unknown", "voter"}
    assert table.groupby("area")["share"].sum().to_numpy() == pytest.approx([1, 1])


def test_concentration_and_interval_follow_the_dirichlet_multinomial_of_scipy() -> None:
    profile = ground_profile(_random(1, True), permutations=9)
    wide = profile.table.pivot_table(index="area", columns="ground", values="weight")
    pooled = (wide.sum() / wide.to_numpy().sum()).to_numpy()

    def loglik(c: float) -> float:
        return sum(
            stats.dirichlet_multinomial.logpmf(row.astype(int), c * pooled, int(row.sum()))
            for row in wide.to_numpy()
        )

    assert loglik(profile.concentration) >= max(loglik(c) for c in np.geomspace(0.1, 1e4, 60)) - 1e-9
    row = profile.table.iloc[5]
    c, n = profile.concentration, wide.loc[row["area"]].sum()
    prior = pooled[list(wide.columns).index(row["ground"])]
    mean = stats.beta(c * prior + row["weight"], c * (1 - prior) + n - row["weight"]).mean()
    assert row["share"] == pytest.approx(mean)
    # Variance between areas and of the pooled shares, one beside the other.
    weight = 1 / (1 / c + 1 / wide.to_numpy().sum()) + n
    posterior = stats.beta(mean * weight, (1 - mean) * weight)
    assert row["share_low"] == pytest.approx(posterior.ppf(0.025))
    assert row["share_high"] == pytest.approx(posterior.ppf(0.975))


@pytest.mark.slow
@pytest.mark.parametrize("grounds_by_area", [True, False])
def test_intervals_hold_the_true_shares_as_often_as_they_say(grounds_by_area: bool) -> None:
    base = np.array([0.5, 0.3, 0.15, 0.05])
    hits = []
    for seed in range(40):
        table = ground_profile(_random(seed, grounds_by_area, 150), permutations=1).table
        turn = table["area"].str[1:].astype(int) % 4 if grounds_by_area else 0
        truth = base[(table["ground"].str[1:].astype(int) - turn) % 4]
        hits.append(((table["share_low"] <= truth) & (truth <= table["share_high"])).mean())
    assert 0.9 <= np.mean(hits) <= 0.995


@pytest.mark.slow
def test_g_statistic_is_that_of_scipy_and_the_test_sees_dependence_only_where_it_is() -> None:
    frame = _random(2, True)
    profile = ground_profile(frame, permutations=199)
    wide = pd.crosstab(frame["area"], frame["ground"])
    reference = stats.chi2_contingency(wide, lambda_="log-likelihood", correction=False)
    assert profile.g_statistic == pytest.approx(reference.statistic)
    assert profile.p_value == pytest.approx(1 / 200)
    null = [ground_profile(_random(s, False, 80), permutations=99).p_value for s in range(16)]
    assert 0.25 < np.mean(null) < 0.75


def test_a_raised_cell_is_flagged_only_with_three_incidents() -> None:
    background = [(f"b{a}{g}{k}", f"k{a}", f"g{g}") for a in range(10) for g in range(5) for k in range(4)]
    raised = [(f"x{k}", "k3", "flood") for k in range(25)]
    table = ground_profile(_frame(background + raised)).table
    assert table.loc[table["is_flagged"], ["area", "ground"]].to_numpy().tolist() == [["k3", "flood"]]
    two = ground_profile(_frame([*background[:40], ("x1", "k3", "flood"), ("x2", "k3", "flood")])).table
    assert not two["is_flagged"].any()


def test_one_area_or_one_ground_is_neutral() -> None:
    for rows in ([(1, "A", "x"), (2, "A", "y")], [(1, "A", "x"), (2, "B", "x")], [(1, "A", "x")]):
        profile = ground_profile(_frame(rows))
        assert profile.p_value == 1
        numbers = profile.table.select_dtypes("number").to_numpy()
        assert np.isfinite(numbers).all()


def test_same_seed_same_result() -> None:
    first, second = (ground_profile(_random(3, True), permutations=99) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.p_value == second.p_value


def test_bad_frames_are_named() -> None:
    for rows, error, word in (
        (_frame([]), ShapeError, "incidents"),
        (_frame([(1, "A", "x")]).drop(columns="ground"), ParameterError, "ground"),
        (_frame([(1, "A", "x"), (2, None, "x")]), ParameterError, r"area\[1\]"),
        (_frame([(None, "A", "x")]), ParameterError, r"incident\[0\]"),
        (_frame([(1, "A", "x"), (1, "B", "x")]), ShapeError, "two areas"),
    ):
        with pytest.raises(error, match=word):
            ground_profile(rows)
