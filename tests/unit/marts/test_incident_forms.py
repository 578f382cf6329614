"""Incidents find their stations by code or by name and number, and say so where they do not."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.marts import Release, incident_forms


@pytest.fixture
def con():
    with duckdb.connect(":memory:") as connection:
        for schema in ("core", "ref", "mart"):
            connection.execute(f"create schema {schema}")
        connection.execute("""
            create table mart.incidents (incident_id varchar, election_id varchar, outcome varchar, status varchar,
                area_code varchar, village_name varchar, tps varchar);
            create table core.tps (election_id varchar, tps_id varchar, tps varchar, village_code varchar,
                district_code varchar, regency_code varchar, village varchar);
            create table core.result (election_id varchar, contest varchar, tps_id varchar, province_code varchar,
                users_total bigint, dpt_total bigint, votes_invalid bigint, votes_total bigint,
                dptb_users_total bigint, dpk_users_total bigint);
            create table mart.form_audit (election_id varchar, contest varchar, tps_id varchar, regency_code varchar,
                district_code varchar, village_code varchar, n_errors bigint, n_flags bigint, n_evaluable bigint,
                failed_rules varchar);
            create table core.upload (election_id varchar, contest varchar, tps_id varchar, first_upload timestamp);
            create table ref.elections as select 'e' as election_id, date '2024-02-14' as voting_date;
        """)
        for n in range(1, 6):
            tps, village = f"7301011001{n:03d}", "desa-baru" if n < 5 else "lain"
            connection.execute("insert into core.tps values ('e', ?, ?, '7301011001', '730101', '7301', ?)",
                               [tps, f"{n:03d}", village])  # fmt: skip
            connection.execute("insert into core.result values ('e', 'ppwp', ?, '73', ?, 200, 2, 100, 1, 1)",
                               [tps, 100 if n > 1 else 180])  # fmt: skip
            connection.execute("insert into mart.form_audit values ('e', 'ppwp', ?, '7301', '730101', '7301011001', "
                               "?, 0, 9, null)", [tps, 3 if n == 1 else 0])  # fmt: skip
        yield connection


def link(con, *incidents: tuple[str, str, str]) -> list[tuple]:
    for i, (area, village, tps) in enumerate(incidents):
        con.execute(
            "insert into mart.incidents values (?, 'e', 'psu', 'held', ?, ?, ?)",
            [f"l{i}", area, village, tps],
        )
    for name, select in incident_forms.selects().items():
        con.execute(f"create table {name} as {select}")
    return con.execute("select incident_id, match, tps_id from mart.incident_forms order by 1").fetchall()


def test_station_is_found_by_code_name_or_not_at_all(con) -> None:
    found = link(
        con,
        ("7301011001", "x", "1"),
        ("7301", "Desa Baru", "02"),
        ("7301", "Desa Baru", "77"),
        ("7301", "Entah", "1"),
    )
    assert found == [
        ("l0", "code", "7301011001001"), ("l1", "name", "7301011001002"), ("l2", "none", None), ("l3", "none", None),
    ]  # fmt: skip


def test_what_fits_two_stations_fits_none(con) -> None:
    con.execute(
        "insert into core.tps values ('e', '7301021001002', '002', '7301021001', '730102', '7301', 'desa-baru')"
    )
    assert link(con, ("7301", "Desa Baru", "2"), ("730102", "Baru", "2")) == [
        ("l0", "ambiguous", None), ("l1", "name", "7301021001002"),
    ]  # fmt: skip


def test_forms_show_turnout_against_neighbours_and_the_auc_follows(con) -> None:
    link(con, ("7301011001", "x", "1"))
    row = con.execute("select turnout, round(turnout_gap, 6), n_errors from mart.incident_forms").fetchone()
    assert row == (0.9, 0.4, 3)
    built = incident_forms.build(lambda name: con.execute(f"select * from {name}").df(), Release(1))
    table = built["mart.form_separation"].set_index("signal")
    assert table.loc["turnout", "auc"] == table.loc["n_errors", "auc"] == 1.0
    assert table.loc["invalid_share", "auc"] == 0.5 and table.loc["turnout", "n_others"] == 4


def test_no_incident_gives_empty_tables(con) -> None:
    link(con)
    built = incident_forms.build(lambda name: con.execute(f"select * from {name}").df(), Release(1))
    assert len(built["mart.form_separation"]) == 0
