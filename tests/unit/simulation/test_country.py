"""The simulated country: calibrated to 2024, marked as simulated, reproducible, and refused when absurd."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.simulation.areas import LEVELS, CountrySize, make_land
from pipelines.simulation.country import Hotspots, simulate_country
from pipelines.stats.errors import ParameterError

SMALL = CountrySize(provinces=6, kab=60, kecamatan=600, kelurahan=5_000, tps=40_000)


def occupancy(affected: pd.DataFrame) -> list[int]:
    """Affected TPS, kelurahan, kecamatan, kab."""
    area = affected.area_code
    stations = len(affected[["area_code", "tps_number"]].drop_duplicates())
    return [stations, area.nunique(), area.str[:6].nunique(), area.str[:4].nunique()]


@pytest.mark.slow
def test_default_country_is_as_clumped_as_2024() -> None:
    rows = []
    for seed in range(4):
        country = simulate_country(seed=seed)
        rows += [occupancy(group) for _, group in country.affected_tps.groupby("election_id")]
    mean, error = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(len(rows))
    # 1,113 TPS in 560 kelurahan, 430 kecamatan, 229 kab: within 7 % plus the error of twelve elections.
    for value, se, target in zip(mean, error, (1113, 560, 430, 229), strict=True):
        assert abs(value - target) < 0.07 * target + 2 * se


def test_independent_events_would_fill_the_map_as_they_do_in_2024() -> None:
    rng = np.random.default_rng(5)
    land = make_land(rng, CountrySize())
    rows = []
    for _ in range(10):
        hit = rng.multinomial(1113, land.tps / land.tps.sum()) > 0
        kec = land.up[2][hit]
        rows.append([hit.sum(), np.unique(kec).size, np.unique(land.up[1][kec]).size])
    assert np.mean(rows, axis=0) == pytest.approx([1106, 1032, 455], rel=0.08)


def test_every_row_is_marked_as_simulated() -> None:
    country = simulate_country(size=SMALL, hotspots=Hotspots(persistent_kab=2, clusters=1))
    assert list(country.frames()) == ["areas", "elections", "incidents", "affected_tps", "truth"]
    for frame in country.frames().values():
        assert len(frame) and frame.is_simulated.all()


def test_areas_form_a_tree_whose_tps_add_up() -> None:
    areas = simulate_country(size=SMALL).areas
    assert areas.area_code.is_unique
    assert areas.level.value_counts().to_dict() == dict(zip(LEVELS, (6, 60, 600, 5_000), strict=True))
    below = areas[areas.parent_code != ""]
    assert below.parent_code.isin(areas.area_code).all()
    total = below.groupby("parent_code").n_tps.sum()
    inner = areas[areas.level != "kelurahan"].set_index("area_code").n_tps
    assert total.reindex(inner.index).equals(inner)
    assert areas[areas.level == "province"].n_tps.sum() == 40_000
    assert areas.n_tps.min() >= 1
    assert all(row.area_code.startswith(row.parent_code) for row in below.itertuples())


def test_incidents_agree_with_their_affected_tps() -> None:
    country = simulate_country(size=SMALL)
    size = country.affected_tps.groupby("incident_id").size()
    assert (country.incidents.set_index("incident_id").n_tps == size).all()
    assert not country.affected_tps.duplicated(["incident_id", "tps_number"]).any()
    limit = country.areas.set_index("area_code").n_tps
    number = country.affected_tps.tps_number.astype(int)
    assert (number.to_numpy() <= limit.reindex(country.affected_tps.area_code).to_numpy()).all()


def test_same_seed_same_country() -> None:
    first, again, other = (simulate_country(size=SMALL, seed=s) for s in (3, 3, 4))
    for name, frame in first.frames().items():
        pd.testing.assert_frame_equal(frame, again.frames()[name])
    assert not first.incidents.equals(other.incidents)


def test_injected_hotspots_stand_out_where_the_truth_says() -> None:
    country = simulate_country(
        size=SMALL,
        hotspots=Hotspots(persistent_kab=3, clusters=1, cluster_size=5, rate_ratio=40.0),
        k_kab=50.0,
        k_kec=50.0,
    )
    truth = country.truth
    assert set(truth.kind) == {"persistent", "cluster"}
    kept = truth[truth.kind == "persistent"].groupby("election_id").area_code.apply(frozenset)
    assert len(kept) == 3 and len(set(kept)) == 1
    counts = country.incidents.groupby(country.incidents.area_code.str[:4]).size()
    hot = counts.reindex(truth[truth.kind == "persistent"].area_code.unique(), fill_value=0)
    assert hot.mean() > 5 * counts.drop(hot.index).mean()
    cluster = truth[truth.kind == "cluster"]
    assert (cluster.groupby(["election_id", "cluster_number"]).size() == 5).all()


def test_persistence_makes_the_same_kab_return() -> None:
    def correlation(persistence: float) -> float:
        values = []
        for seed in range(4):
            country = simulate_country(
                size=SMALL, hotspots=Hotspots(persistence=persistence), k_kec=50.0, seed=seed
            )
            kab = country.incidents.area_code.str[:4]
            table = pd.crosstab(kab, country.incidents.election_id).to_numpy()
            values.append(np.corrcoef(np.log1p(table).T)[0, 1:].mean())
        return float(np.mean(values))

    assert correlation(1.0) > 0.6 > 0.35 > correlation(0.0)


@pytest.mark.parametrize(
    ("options", "element"),
    [
        ({"elections": []}, "elections"),
        ({"elections": ["a-2014", "a-2014"]}, "elections"),
        ({"elections": ["pemilu"]}, "elections[0]"),
        ({"incidents_per_election": -1.0}, "incidents_per_election"),
        ({"k_kab": 0.0}, "k_kab"),
        ({"hotspots": Hotspots(persistent_kab=61)}, "persistent_kab"),
        ({"hotspots": Hotspots(persistence=1.5)}, "persistence"),
    ],
)
def test_absurd_options_are_refused_by_name(options: dict, element: str) -> None:
    with pytest.raises(ParameterError) as caught:
        simulate_country(size=SMALL, **options)
    assert caught.value.element == element


def test_sizes_that_shrink_from_level_to_level_are_refused() -> None:
    with pytest.raises(ParameterError):
        CountrySize(provinces=10, kab=5)
