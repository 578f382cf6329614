"""Rolling-origin back-test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.stats import CountError, ExposureError, ParameterError, ShapeError
from pipelines.stats.backtest import backtest
from pipelines.stats.backtest.methods import BASELINES, OURS


def _country(seed: int = 1, elections: int = 4, persistent: bool = True, areas: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    theta = rng.gamma(0.5, 2, areas) if persistent else np.ones(areas)
    exposure = rng.integers(20, 200, areas)
    rows = [
        pd.DataFrame(
            {
                "election": 2010 + t,
                "area": [f"a{i:03d}" for i in range(areas)],
                "parent": [f"p{i // 10:02d}" for i in range(areas)],
                "count": rng.poisson(exposure * 0.01 * theta * rng.gamma(1, 1, areas)),
                "exposure": exposure + t,
                "index": rng.normal(size=areas),
            }
        )
        for t in range(elections)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def result():
    return backtest(_country(), replicates=60)


def test_every_fold_method_and_metric_is_there(result) -> None:
    table = result.metrics
    assert sorted(table["election"].unique()) == [2011, 2012, 2013]
    assert set(table["method"]) == {*BASELINES, *OURS}
    assert set(table["metric"]) == {
        "hit_rate",
        "pai",
        "pei",
        "precision",
        "average_precision",
        "log_score",
        "pit_distance",
        "calibration_slope",
    }
    assert set(table.loc[table["metric"] == "pai", "at"]) == {0.01, 0.05, 0.1, 0.2}
    assert not table.duplicated(["election", "method", "metric", "at"]).any()
    assert np.isfinite(table[["value", "low", "high"]].to_numpy()).all()


def test_nothing_of_the_scored_or_later_elections_reaches_a_score(result) -> None:
    frame = _country()
    changed = frame.copy()
    rng = np.random.default_rng(9)
    late = changed["election"] >= 2012
    changed.loc[late, "count"] = rng.poisson(3, int(late.sum()))
    other = backtest(changed, replicates=60)

    def scores(outcome, years):
        return outcome.scores[outcome.scores["election"].isin(years)].reset_index(drop=True)

    pd.testing.assert_frame_equal(scores(other, [2011, 2012]), scores(result, [2011, 2012]))
    early = other.metrics["election"] == 2011
    pd.testing.assert_frame_equal(other.metrics[early], result.metrics[result.metrics["election"] == 2011])
    assert not scores(other, [2013]).equals(scores(result, [2013]))


def test_random_finds_its_share_and_no_more(result) -> None:
    table = result.metrics[result.metrics["method"] == "random"]
    np.testing.assert_allclose(table.loc[table["metric"] == "pai", "value"], 1)
    hits = table[table["metric"] == "hit_rate"]
    np.testing.assert_allclose(hits["value"], hits["at"])


def test_where_trouble_comes_back_the_past_locates_it(result) -> None:
    pai = result.metrics[(result.metrics["metric"] == "pai") & (result.metrics["at"] == 0.1)]
    by_method = pai.pivot_table(index="method", columns="election", values="value")
    assert (by_method.loc["cascade"] > 1.5).iloc[1:].all()
    assert (by_method.loc["flat_eb"] > 1.5).all()
    score = result.metrics[result.metrics["metric"] == "log_score"].pivot_table(
        index="method", columns="election", values="value"
    )
    # with one earlier election flat EB takes a flare-up for a habit, so the first fold is left out
    assert (score.loc["flat_eb"] > score.loc["tps_count"]).iloc[1:].all()


def test_where_it_does_not_the_back_test_says_so() -> None:
    table = backtest(_country(seed=4, persistent=False), replicates=100).metrics
    ours = table[table["is_ours"] & (table["metric"] == "pai") & (table["at"] == 0.2)]
    assert (ours["low"] <= 1.3).all()
    assert (ours["difference_low"] <= 0).all()


def test_scores_of_simple_rules_by_hand() -> None:
    frame = pd.DataFrame(
        [
            (1, "A", "x", 0, 10, 1.0),
            (1, "B", "x", 2, 20, 5.0),
            (1, "C", "y", 1, 10, None),
            (2, "A", "x", 4, 10, 1.0),
            (2, "B", "x", 0, 20, 5.0),
            (2, "C", "y", None, None, None),
            (3, "A", "x", 1, 10, 1.0),
            (3, "B", "x", 1, 30, 5.0),
            (3, "C", "y", 0, 10, None),
            (3, "D", "y", 0, 10, 3.0),
        ],
        columns=["election", "area", "parent", "count", "exposure", "index"],
    )
    scores = backtest(frame, first=2, replicates=5).scores
    wide = scores.pivot_table(index="area", columns="method", values="score")
    overall = 7 / 70
    assert wide["tps_count"].tolist() == [10, 30, 10, 10]
    assert wide["last_count"].tolist() == pytest.approx([4, 0, 1, overall * 10])
    assert wide["last_rate"].tolist() == pytest.approx([0.4, 0, 0.1, overall])
    assert wide["pooled_rate"].tolist() == pytest.approx([4 / 20, 2 / 40, 0.1, overall])
    assert wide["parent_rate"].tolist() == pytest.approx([0.1, 0.1, 0.1, 0.1])
    assert wide["any_before"].tolist() == [1, 1, 1, 1]
    assert wide["index"].tolist() == [1, 5, 3, 3]


def test_missing_counts_and_elections_without_a_case_are_no_obstacle() -> None:
    frame = _country(areas=40).astype({"count": "Int64"})
    frame.loc[frame["election"] == 2012, "count"] = 0
    frame.loc[frame.index % 7 == 0, "count"] = pd.NA
    table = backtest(frame.drop(columns="index"), replicates=10).metrics
    quiet = table[table["election"] == 2012]
    assert set(quiet["metric"]) == {"log_score", "pit_distance"}
    assert "index" not in set(table["method"])
    assert np.isfinite(table[["value", "low", "high"]].to_numpy()).all()
    assert table.loc[table["election"] == 2013, "n_areas"].iloc[0] < 40


def test_same_seed_same_result_and_interval_holds_the_estimate(result) -> None:
    again = backtest(_country(), replicates=60)
    pd.testing.assert_frame_equal(again.metrics, result.metrics)
    table = result.metrics[result.metrics["metric"] == "average_precision"]
    assert np.mean((table["low"] <= table["value"]) & (table["value"] <= table["high"])) > 0.9


def test_reliability_and_pit_account_for_every_area(result) -> None:
    assert (result.reliability.groupby(["election", "method"])["n_areas"].sum() == 200).all()
    observed = result.reliability.groupby(["election", "method"])["observed"].sum()
    cases = _country().groupby("election")["count"].sum()
    assert (observed.loc[2012] == cases.loc[2012]).all()
    np.testing.assert_allclose(result.pit.groupby(["election", "method"])["share"].sum(), 1)


def test_bad_frames_are_named() -> None:
    frame = _country(areas=20)
    for bad, options, error, word in (
        (frame.drop(columns="parent"), {}, ParameterError, "parent"),
        (frame, {"first": 0}, ParameterError, "first"),
        (frame, {"replicates": 0}, ParameterError, "replicates"),
        (frame, {"elections": [2010, 2011]}, ParameterError, "2012"),
        (frame, {"first": 9}, ShapeError, "frame"),
        (frame.head(0), {}, ShapeError, "frame"),
        (pd.concat([frame, frame.head(1)]), {}, ShapeError, "a000"),
        (frame.assign(count=0.5), {}, CountError, r"count\[0\]"),
        (frame.assign(exposure=-1), {}, ExposureError, r"exposure\[0\]"),
    ):
        with pytest.raises(error, match=word):
            backtest(bad, **options)
