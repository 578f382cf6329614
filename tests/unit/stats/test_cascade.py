"""Credibility cascade over levels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.stats import (
    CountError,
    ExposureError,
    ParameterError,
    ShapeError,
    TreeError,
    credibility_cascade,
    fit_credibility,
)

LEVELS = ["province", "regency", "district"]


def _country(seed: int = 1, elections: int = 3) -> pd.DataFrame:
    """Ten provinces of five regencies of four districts; the upper levels are sums of the districts."""
    rng = np.random.default_rng(seed)
    district = np.arange(200)
    province, regency = district // 20, district // 4
    theta = (
        np.repeat(rng.gamma(2, 0.5, 10), 20) * np.repeat(rng.gamma(2, 0.5, 50), 4) * rng.gamma(4, 0.25, 200)
    )
    rows = []
    for election in range(elections):
        exposure = rng.integers(50, 150, 200)
        count = rng.poisson(exposure * 0.02 * theta * rng.gamma(2, 0.5, 200))
        leaves = pd.DataFrame(
            {"p": province, "r": regency, "d": district, "count": count, "exposure": exposure}
        )
        for level, key, above in (("province", "p", None), ("regency", "r", "p"), ("district", "d", "r")):
            part = leaves.groupby([key] + ([above] if above else []), as_index=False)[
                ["count", "exposure"]
            ].sum()
            parent = [None] * len(part) if above is None else [f"{above}{v}" for v in part[above]]
            rows.append(
                part.assign(
                    level=level, area=[f"{key}{v}" for v in part[key]], parent=parent, election=election
                )
            )
    columns = ["level", "area", "parent", "election", "count", "exposure"]
    return pd.concat(rows, ignore_index=True)[columns]


def test_first_level_is_the_plain_fit() -> None:
    frame = _country()
    top = frame[frame["level"] == "province"]
    count = top.pivot_table(index="area", columns="election", values="count")
    exposure = top.pivot_table(index="area", columns="election", values="exposure")
    fit = fit_credibility(count.to_numpy(), exposure.to_numpy() * (count.sum() / exposure.sum()).to_numpy())
    areas = credibility_cascade(frame, ["province"]).areas
    np.testing.assert_allclose(areas["theta"], fit.theta)
    np.testing.assert_allclose(areas["propensity"], fit.theta)
    np.testing.assert_allclose(areas["propensity_variance"], fit.variance)


def test_expected_counts_add_up_to_cases_at_every_level() -> None:
    frame = _country()
    result = credibility_cascade(frame, LEVELS)
    assert result.areas.groupby("level").size().to_dict() == {"province": 10, "regency": 50, "district": 200}
    expected = result.elections.groupby(["level", "election"])["expected"].sum()
    cases = frame.groupby(["level", "election"])["count"].sum()
    pd.testing.assert_series_equal(expected, cases.astype(float), check_names=False)


def test_propensity_is_the_product_down_the_chain() -> None:
    areas = credibility_cascade(_country(), LEVELS).areas.set_index("area")
    leaf = areas.loc["d137"]
    regency = areas.loc[leaf["parent"]]
    province = areas.loc[regency["parent"]]
    assert leaf["propensity"] == pytest.approx(leaf["theta"] * regency["theta"] * province["theta"])
    second = [(a["theta"] ** 2 + a["theta_variance"]) for a in (leaf, regency, province)]
    assert leaf["propensity_variance"] == pytest.approx(np.prod(second) - leaf["propensity"] ** 2)


def test_order_of_rows_does_not_matter() -> None:
    frame = _country()
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        credibility_cascade(frame, LEVELS).areas, credibility_cascade(shuffled, LEVELS).areas
    )


def test_no_data_is_not_zero_and_one_election_makes_no_claim() -> None:
    frame = _country().astype({"count": "Int64"})
    gone = (frame["area"] == "d7") & (frame["election"] > 0)
    frame.loc[gone, "count"] = pd.NA
    areas = credibility_cascade(frame, LEVELS).areas.set_index("area")
    assert areas.loc["d7", "elections"] == 1 and not areas.loc["d7", "has_claim"]
    assert areas.loc["d8", "has_claim"]
    zero = frame.assign(count=frame["count"].fillna(0))
    assert (
        credibility_cascade(zero, LEVELS).areas.set_index("area").loc["d7", "theta"]
        < areas.loc["d7", "theta"]
    )
    single = credibility_cascade(_country(elections=1), LEVELS).areas
    assert not single["has_claim"].any() and (single["theta"] == 1).all()


def test_children_of_a_quiet_parent_stay_finite() -> None:
    frame = _country()
    frame.loc[(frame["area"] == "r3"), "count"] = 0
    result = credibility_cascade(frame, LEVELS)
    numbers = result.areas[["theta", "theta_variance", "propensity", "propensity_variance"]]
    assert np.isfinite(numbers.to_numpy()).all() and (numbers >= 0).all(axis=None)


def test_bad_frames_are_named() -> None:
    frame = _country()
    unknown = frame.assign(parent=frame["parent"].replace("r3", "r99"))
    two = frame.copy()
    two.loc[two.index[two["area"] == "d5"][0], "parent"] = "r0"
    for bad, levels, error, word in (
        (frame.drop(columns="exposure"), LEVELS, ParameterError, "exposure"),
        (frame, ["province", "village"], ParameterError, "village"),
        (frame, [], ParameterError, "levels"),
        (pd.concat([frame, frame.tail(1)]), LEVELS, ShapeError, "d199"),
        (unknown, LEVELS, TreeError, "r99"),
        (two, LEVELS, TreeError, "d5"),
        (frame.assign(count=-1), LEVELS, CountError, r"count\[0\]"),
        (frame.assign(exposure=0), LEVELS, ExposureError, "exposure"),
    ):
        with pytest.raises(error, match=word):
            credibility_cascade(bad, levels)
