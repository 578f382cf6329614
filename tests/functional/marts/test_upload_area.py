"""Lateness of first uploads: hours from the close of polls in each zone, never taken for zero where unknown."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import pytest

from pipelines import catalog
from pipelines.catalog.polls import polls, read_polls
from pipelines.marts import Release, poll_close

DAY = dt.date(2024, 2, 14)


@pytest.fixture
def con():
    with duckdb.connect(":memory:") as connection:
        for name in ("core.tps", "core.upload", "ref.poll_close"):
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            fields = ", ".join(f"{f.name} {f.sql_type}" for f in catalog.table(name).fields)
            connection.execute(f"create table {name} ({fields})")
        elections = pd.DataFrame({"election_id": ["e"], "voting_date": [pd.Timestamp(DAY)]})
        frame = poll_close.build(lambda _: elections, Release(1))["ref.poll_close"]  # noqa: F841 (read below)
        connection.execute("insert into ref.poll_close select * from frame")
        yield connection


def add(
    con, province: str, number: int, first: str | None, contest: str = "ppwp", village: bool = True
) -> None:
    tps = f"{province}71011001{number:03d}"
    con.execute(
        "insert into core.tps (election_id, tps_id, tps, province_code, regency_code, district_code, village_code) "
        "values ('e', ?, ?, ?, ?, ?, ?)",
        [tps, f"{number:03d}", province, *((tps[:4], tps[:6], tps[:10]) if village else (None, None, None))],
    )
    con.execute(
        "insert into core.upload (election_id, contest, tps_id, province_code, first_upload) values ('e', ?, ?, ?, ?)",
        [contest, tps, province, first],
    )


def rows(con) -> dict[str, dict]:
    found = con.execute(catalog.table("mart.upload_area").sql).df()
    return {row["area_code"]: row for row in found.to_dict("records")}


def test_polls_close_two_hours_earlier_in_the_east_on_the_clock_of_the_west() -> None:
    declared = polls()
    closes = {p: declared.closes_at("e", DAY, p).hour for p in ("31", "51", "94")}
    assert closes == {"31": 13, "51": 12, "94": 11}


def test_every_province_of_today_has_a_zone(warehouse) -> None:
    provinces = {
        code
        for (code,) in warehouse.execute(
            "select area_code from ref.areas where level = 'province'"
        ).fetchall()
    }
    assert {p for p in provinces if "-" not in p} - {"99"} == set(polls().zone_of)


def test_hours_run_from_the_close_of_polls_of_the_own_zone(con) -> None:
    add(con, "31", 1, "2024-02-14 15:00:00")
    add(con, "94", 1, "2024-02-14 15:00:00")
    found = rows(con)
    assert found["31"]["hours_median"] == 2 and found["94"]["hours_median"] == 4
    assert found["00"]["hours_median"] == 3 and found["00"]["n_tps"] == 2


def test_late_never_and_too_early_are_told_apart_at_every_level(con) -> None:
    for number, first in enumerate(
        ("2024-02-14 14:00", "2024-02-15 13:00", "2024-02-15 13:01", "2024-02-16 13:01", "2024-02-18 00:00",
         "2024-02-14 09:00", None), 1,
    ):  # fmt: skip
        add(con, "31", number, first)
    found = rows(con)
    assert list(found) == ["00", "31", "3171", "317101", "3171011001"]
    for row in found.values():
        assert [row[n] for n in ("n_tps", "n_uploaded", "n_never", "n_timed", "n_before_close")] == [
            7,
            6,
            1,
            5,
            1,
        ]
        assert [row[f"n_after_{h}h"] for h in (24, 48, 72)] == [3, 2, 1]


def test_area_where_nothing_was_uploaded_has_no_hours_instead_of_zero(con) -> None:
    add(con, "31", 1, "2024-02-14 15:00:00")
    add(con, "96", 1, None)
    row = rows(con)["96"]
    assert pd.isna(row["hours_median"]) and (row["n_never"], row["n_timed"]) == (1, 0)


def test_contest_whose_source_tells_no_time_is_left_out(con) -> None:
    add(con, "31", 1, None, contest="dpr")
    assert rows(con) == {}


def test_overseas_is_counted_but_has_no_hours(con) -> None:
    add(con, "99", 1, "2024-02-14 15:00:00", village=False)
    found = rows(con)
    assert list(found) == ["00", "99"] and found["99"]["n_uploaded"] == 1 and found["99"]["n_timed"] == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [('"13:00"', "46800", "write times in quotes"), ('["81", "82"', '["11", "82"', "two zones"),
     ("upload_zone: WIB", "upload_zone: UTC", "upload_zone")],
)  # fmt: skip
def test_wrong_declaration_says_what_to_mend(tmp_path, old: str, new: str, message: str) -> None:
    from pipelines.catalog.declared import HERE

    text = (HERE / "polls.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "polls.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(catalog.CatalogError, match=message):
        read_polls(path)
