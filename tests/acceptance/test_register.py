"""What must come out of the real register: figures stated by KPU, Bawaslu and the court, with their coverage."""

from __future__ import annotations

import duckdb
import pytest

JAKARTA_PSU = {
    "pilpres-2014": (13, 4),
    "pilkada-2017": (2, 1),
    "pilkada-2017-r2": (2, 1),
    "pemilu-2019": (11, 2),
    "pemilu-2024": (1, 1),
    "pilkada-2024": (0, 0),
}
# Provinces of which the register states that it is complete.
COMPLETE = {
    ("pemilu-2024", "psu"): ["13", "18", "31", "34", "52", "63", "65", "81", "92"],
    ("pemilu-2024", "psl"): ["31", "34"],
    ("pilkada-2024", "psu"): ["31"],
}
NATION = {
    ("pemilu-2024", "psu"): 738,
    ("pemilu-2024", "psl"): 117,
    ("pemilu-2024", "pss"): 258,
    ("pilkada-2024", "psu"): 249,
    ("pilkada-2024", "psl"): 102,
    ("pilkada-2024", "pss"): 247,
}


def zero(con: duckdb.DuckDBPyConnection, election: str, area: str, outcome: str) -> tuple:
    query = (
        "select value, coverage, basis, claim_date, n_unlocated from mart.three_zeros "
        "where election_id = ? and area_code = ? and outcome = ?"
    )
    row = con.execute(query, [election, area, outcome]).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(("election", "expected"), JAKARTA_PSU.items())
def test_psu_held_in_jakarta_and_jakarta_pusat(warehouse, election: str, expected: tuple[int, int]) -> None:
    for area, value in zip(("31", "3171"), expected, strict=True):
        assert zero(warehouse, election, area, "psu")[:2] == (value, "complete")


def test_psl_of_the_flood_in_jakarta_2024(warehouse) -> None:
    assert zero(warehouse, "pemilu-2024", "31", "psl")[:2] == (19, "complete")
    assert zero(warehouse, "pemilu-2024", "3172", "psl")[0] == 19


@pytest.mark.parametrize(("key", "value"), NATION.items())
def test_national_counts_are_those_of_kpu_and_the_rest_is_unlocated(
    warehouse, key: tuple[str, str], value: int
) -> None:
    found, coverage, basis, day, unlocated = zero(warehouse, key[0], "00", key[1])
    assert (found, coverage, basis) == (value, "complete", "kpu")
    assert str(day)[:10] == {"pemilu-2024": "2024-02-27", "pilkada-2024": "2024-12-13"}[key[0]]
    assert unlocated > 0
    query = (
        "select area_code from mart.three_zeros where election_id = ? and outcome = ? and level = 'province' "
        "and coverage = 'complete' order by area_code"
    )
    assert [area for (area,) in warehouse.execute(query, list(key)).fetchall()] == COMPLETE.get(key, [])


def test_constitutional_court_2024(warehouse) -> None:
    query = (
        "select measure, value, coverage from mart.dispute_counts where election_id = 'pemilu-2024' "
        "and area_code = '00' and contest_group = 'legislative' order by measure"
    )
    assert warehouse.execute(query).fetchall() == [
        ("granted", 44, "complete"),
        ("registered", 297, "complete"),
    ]


def test_final_totals_of_2019_are_used_and_swapped_labels_are_not(warehouse) -> None:
    # KPU, 25 March 2024: 1,114 PSU; its PSL (2,293) and PSS (384) are the reverse of what it said in 2019.
    assert zero(warehouse, "pemilu-2019", "00", "psu")[:2] == (1114, "complete")
    for outcome, value in (("psl", 2293), ("pss", 384)):
        assert zero(warehouse, "pemilu-2019", "00", outcome)[0] != value
        query = (
            "select reason from mart.conflicts where election_id = 'pemilu-2019' and area_code = '00' "
            "and outcome = ? and measure = 'held' and other_value = ?"
        )
        assert warehouse.execute(query, [outcome, str(value)]).fetchall() == [("low_confidence",)]


def test_register_without_the_official_figure_says_so(warehouse) -> None:
    query = (
        "select status, message_en from meta.checks "
        "where rule = 'coverage_reconciles' and contains(check_id, 'pilkada-2024') and contains(check_id, '14')"
    )
    status, message = warehouse.execute(query).fetchone()
    assert status == "warn" and "No row in the register" in message
    assert zero(warehouse, "pilkada-2024", "14", "psu")[:2] == (None, "no_data")
    assert zero(warehouse, "pemilu-2014", "00", "psu")[1] == "at_least"


def test_no_data_is_never_zero(warehouse) -> None:
    nothing = "coverage in ('no_data', 'steps_only')"
    query = f"select count(*) from mart.three_zeros where (value is null) <> ({nothing})"
    assert warehouse.execute(query).fetchone() == (0,)


def test_an_area_with_a_known_event_is_never_without_data(warehouse) -> None:
    query = """
        select count(*) from mart.three_zeros z
        where coverage = 'no_data' and exists (
            from mart.incidents i
            where i.election_id = z.election_id and i.outcome = z.outcome and starts_with(i.area_code, z.area_code)
        )
    """
    assert warehouse.execute(query).fetchone() == (0,)


def test_the_value_of_a_zero_is_the_lower_bound(warehouse) -> None:
    query = """
        select count(*) from mart.three_zeros
        where outcome in ('psu', 'psl', 'pss', 'pssu') and value is not null and value <> held_lower
            or outcome = 'psu_court' and value is not null and value <> ordered_lower
    """
    assert warehouse.execute(query).fetchone() == (0,)


def test_every_election_area_and_outcome_is_listed_once(warehouse) -> None:
    query = (
        "select count(*), count(distinct (election_id, area_code, outcome)) from mart.three_zeros "
        "where level in ('national', 'province', 'regency')"
    )
    # 9 nationwide elections of 1 + 38 + 514 areas, and the run-off of Jakarta with 1 + 1 + 6; seven outcomes.
    assert warehouse.execute(query).fetchone() == ((9 * 553 + 8) * 7, (9 * 553 + 8) * 7)


def test_incidents_add_up_to_what_the_nation_shows(warehouse) -> None:
    query = """
        select c.election_id, c.kind, c.lower, sum(i.n_tps)
        from mart.counts c join mart.incidents i on i.election_id = c.election_id and i.outcome = c.kind
        where c.area_code = '00' and c.measure = 'held' and i.status = 'held'
        group by all having c.lower <> sum(i.n_tps)
    """
    assert warehouse.execute(query).fetchall() == []


def test_jakarta_incidents_name_place_ground_and_source(warehouse) -> None:
    query = """
        select village_name, tps, ground_code, contest
        from mart.incidents join mart.incident_ballots using (incident_id)
        where election_id = 'pemilu-2024' and outcome = 'psu' and province_code = '31' order by contest
    """
    expected = [("Menteng", "043", "wrong_ballots", c) for c in ("dpd", "dpr", "dprd_prov")]
    assert warehouse.execute(query).fetchall() == expected


def test_undivided_papua_is_apart_from_todays_papua(warehouse) -> None:
    query = "select level, n_tps from core.exposure_resolution where election_id = 'pemilu-2019' and area_code = ?"
    assert warehouse.execute(query, ["91-2022"]).fetchone() == ("former_province", 15231)
    assert warehouse.execute(query, ["91"]).fetchone()[0] == "province"


def test_former_codes_and_names_lead_to_todays_regencies(warehouse) -> None:
    query = "select area_code from ref.area_lineage where former_code = ? and change = 'recoded'"
    assert warehouse.execute(query, ["9101"]).fetchall() == [("9301",)]
    renamed = "select area_code from ref.area_lineage where former_name = 'Kabupaten Toba Samosir'"
    assert warehouse.execute(renamed).fetchall() == [("1212",)]


def test_jakarta_recapitulation_2019_was_late_against_window_and_extension(warehouse) -> None:
    query = """
        select days_late, verdict, days_late_extension, verdict_extension from mart.recap_timeliness
        where election_id = 'pemilu-2019' and area_code = '31' and milestone = 'recap_province'
    """
    assert warehouse.execute(query).fetchone() == (5, "late", 2, "late")


def test_every_row_read_is_kept_or_quarantined(warehouse) -> None:
    query = "select sum(n_read), sum(n_kept + n_quarantined) from meta.inputs"
    read, accounted = warehouse.execute(query).fetchone()
    assert read == accounted > 15000


def test_every_table_of_the_catalog_is_in_the_warehouse_with_its_comment(warehouse) -> None:
    from pipelines import catalog

    found = dict(
        warehouse.execute("select schema_name || '.' || table_name, comment from duckdb_tables()").fetchall()
    )
    for table in catalog.load():
        assert table.title["id"] in (found[table.full_name] or ""), table.full_name


def test_no_person_is_named_as_petitioner(warehouse) -> None:
    columns = warehouse.execute(
        "select column_name from duckdb_columns() where table_name = 'disputes'"
    ).fetchall()
    assert ("petitioner",) not in columns
    kinds = warehouse.execute("select distinct petitioner_kind from mart.disputes").fetchall()
    assert {k for (k,) in kinds} <= {"party", "individual", "pair", "other", None}


def test_rates_carry_count_exposure_and_interval(warehouse) -> None:
    query = """
        select count, exposure, round(rate, 4), rate_low < rate and rate < rate_high from mart.rates
        where election_id = 'pemilu-2019' and area_code = '31' and outcome = 'psu'
    """
    assert warehouse.execute(query).fetchone() == (11, 29063, round(11 / 29.063, 4), True)


def test_export_is_complete_and_matches_the_database(register_run, warehouse) -> None:
    for path in sorted((register_run.work / "parquet").glob("*.parquet")):
        inside = warehouse.execute(f"select count(*) from {path.stem}").fetchone()
        assert warehouse.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone() == inside


@pytest.mark.parametrize("election", ["pemilu-2019", "pemilu-2024"])
def test_provinces_reconcile_with_the_nation_where_every_province_is_known(warehouse, election: str) -> None:
    query = """
        select distinct status from meta.checks
        where kind = 'reconciliation' and table_name = 'core.exposure_resolution' and contains(check_id, ?)
    """
    assert warehouse.execute(query, [election]).fetchall() == [("pass",)]
