"""The hotspot marts on the real register: who may be compared, what is claimed, and what stays unknown."""

from __future__ import annotations

import pytest

MARTS = (
    "hotspots",
    "propensity",
    "persistence",
    "clusters",
    "ground_profile",
    "backtest",
    "dispersion",
    "resolution",
    "funnel",
)


@pytest.mark.parametrize("mart", MARTS)
def test_no_row_holds_nan(warehouse, mart: str) -> None:
    numbers = warehouse.execute(
        "select column_name from duckdb_columns() where schema_name = 'mart' and table_name = ? and data_type = 'DOUBLE'",
        [mart],
    ).fetchall()
    for (column,) in numbers:
        assert warehouse.execute(f'select count(*) from mart.{mart} where isnan("{column}")').fetchone() == (
            0,
        ), column


def test_three_outcomes_are_never_pooled(warehouse) -> None:
    found = {o for (o,) in warehouse.execute("select distinct outcome from mart.hotspots").fetchall()}
    assert found == {"psu", "psl", "pss", "dispute", "late_recap"}


def test_area_without_data_never_ranks(warehouse) -> None:
    query = "select count(*) from mart.hotspots where coverage = 'no_data' or count is null"
    assert warehouse.execute(query).fetchone() == (0,)
    unknown = "select count(*) from core.hotspot_input where coverage = 'no_data' and count is null"
    assert warehouse.execute(unknown).fetchone()[0] > 1000


def test_scope_known_in_full_tests_incidents_and_the_others_tps(warehouse) -> None:
    query = (
        "select distinct unit from mart.hotspots where outcome in ('psu', 'psl', 'pss') and scope_code = ?"
    )
    assert warehouse.execute(query, ["31"]).fetchall() == [("incident",)]
    assert warehouse.execute(query, ["00"]).fetchall() == [("tps",)]


def test_flood_of_2024_is_four_incidents_of_nineteen_tps(warehouse) -> None:
    query = """
        select count, n_tps_affected from mart.hotspots
        where scope_code = '31' and election_id = 'pemilu-2024' and outcome = 'psl' and area_code = '3172'
    """
    count, tps = warehouse.execute(query).fetchone()
    assert tps == 19 and count < 10


def test_expected_adds_up_to_the_cases_where_every_area_is_known(warehouse) -> None:
    query = """
        select election_id, level, sum(count), round(sum(expected), 6) from core.hotspot_input
        where scope_code = '31' and outcome = 'psu' group by all having sum(count) <> round(sum(expected), 6)
    """
    assert warehouse.execute(query).fetchall() == []


def test_jakarta_pusat_leads_by_propensity_but_nothing_is_confirmed(warehouse) -> None:
    leading = """
        select area_code from mart.propensity where scope_code = '31' and outcome = 'psu' and level = 'regency'
        order by propensity desc limit 1
    """
    assert warehouse.execute(leading).fetchone() == ("3171",)
    confirmed = "select count(*) from mart.persistence where evidence = 'confirmed_several'"
    assert warehouse.execute(confirmed).fetchone() == (0,)


def test_tanah_abang_is_on_the_watch_list_without_a_claim(warehouse) -> None:
    query = """
        select total_count, n_supported, evidence from mart.persistence
        where area_code = '317107' and outcome = 'psu'
    """
    count, supported, evidence = warehouse.execute(query).fetchone()
    assert supported == 0 and count <= 3 and evidence in ("watch_list", "none")


def test_late_recapitulation_is_described_and_never_tested(warehouse) -> None:
    query = "select count(*), count(p_value), bool_or(is_comparable) from mart.hotspots where outcome = 'late_recap'"
    rows, tested, comparable = warehouse.execute(query).fetchone()
    assert rows > 100 and tested == 0 and comparable is False


def test_cluster_claims_rest_on_the_over_dispersed_null_and_complete_data(warehouse) -> None:
    wrong = "select count(*) from mart.clusters where is_supported and (p_value > 0.05 or not is_complete)"
    assert warehouse.execute(wrong).fetchone() == (0,)
    cries_wolf = "select count(*) from mart.clusters where p_poisson <= 0.05 and p_value > 0.05"
    assert warehouse.execute(cries_wolf).fetchone()[0] > 10


def test_backtest_shows_every_fold_and_every_baseline(warehouse) -> None:
    query = """
        select distinct election_id from mart.backtest
        where scope_code = '31' and level = 'district' and n_cases > 0
    """
    folds = {e for (e,) in warehouse.execute(query).fetchall()}
    assert folds == {"pilkada-2017", "pilkada-2017-r2", "pemilu-2019", "pemilu-2024"}
    methods = {m for (m,) in warehouse.execute("select distinct method from mart.backtest").fetchall()}
    baselines = {
        "random",
        "tps_count",
        "last_count",
        "last_rate",
        "pooled_rate",
        "parent_rate",
        "any_before",
        "last_two",
    }
    assert baselines | {"flat_eb", "cascade"} <= methods


def test_resolution_says_how_large_a_difference_must_be(warehouse) -> None:
    query = """
        select level, detectable_ratio from mart.resolution
        where scope_code = '00' and election_id = 'pemilu-2024' and outcome = 'psu' order by detectable_ratio
    """
    (first, low), (second, high) = warehouse.execute(query).fetchall()
    assert (first, second) == ("province", "regency") and 1 < low < high


def test_first_places_carry_evidence_basis_and_standard(warehouse) -> None:
    query = """
        select rank, area_code, scope_code, basis, evidence,
            relative_low < relative_rate and relative_rate < relative_high
        from mart.first_places where parent_code = '31' order by rank
    """
    rows = warehouse.execute(query).fetchall()
    assert rows[0][:4] == (1, "3171", "31", "propensity") and all(r[5] for r in rows)
    assert {r[4] for r in rows} <= {"watch_list", "none"}


def test_funnel_limits_agree_with_the_test(warehouse) -> None:
    """Above the upper 95 % limit is p below 0.05, for the nearest point of the grid."""
    query = """
        select h.count / h.exposure * 1000 > f.high_95 as is_outside, h.p_value
        from mart.hotspots as h
        join mart.funnel as f using (scope_code, election_id, outcome, level)
        where h.scope_code = '00' and h.outcome = 'psu' and h.level = 'regency'
        qualify row_number() over (partition by h.area_code order by abs(f.exposure - h.exposure), f.point) = 1
    """
    rows = warehouse.execute(query).fetchall()
    assert any(outside for outside, _ in rows)
    assert all(p < 0.05 for outside, p in rows if outside)


def test_among_equals_the_watch_list_takes_those_with_more_cases(warehouse) -> None:
    query = """
        select min(total_count) filter (evidence = 'watch_list'), max(total_count) filter (evidence = 'none')
        from mart.persistence
        where scope_code = '31' and outcome = 'psu' and level = 'district' and starts_with(area_code, '3171')
    """
    watched, others = warehouse.execute(query).fetchone()
    assert watched >= others
