"""Views for readers: declared once, made of the tables as they are, with the names of their codes."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.warehouse import about, load
from tests.support.invented import put
from tests.support.invented_warehouse import copy_of, invented

pytestmark = pytest.mark.xdist_group("views")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with copy_of(invented()) as con:
        for row in about.code_values_frame().to_dict("records"):
            put(con, "meta.code_values", row)
        for number, (score, confidence) in enumerate((("49.89", "medium"), ("48.89", "low")), 2):
            put(
                con,
                "core.index_score",
                {"index_id": "ikp", "edition": "2019", "level": "province", "area_code": "31"}
                | {"dimension": "total", "score": score, "confidence": confidence}
                | {"source_file": "register/indices.csv", "source_row": number}
                | {"source_url": "https://www.example.org/ikp", "source_title": "Indeks (contoh)"},
            )
        con.execute("delete from mart.indices")
        con.execute(f"insert into mart.indices {catalog.table('mart.indices').sql}")
        load.create_views(con, catalog.views())
        yield con


@pytest.mark.parametrize("view", catalog.views(), ids=lambda view: view.full_name)
def test_a_view_has_exactly_the_declared_columns(con: duckdb.DuckDBPyConnection, view: Table) -> None:
    found = [(name, kind) for name, kind, *_ in con.execute(f"describe {view.full_name}").fetchall()]
    assert found == [(f.name, f.sql_type.upper()) for f in view.fields]


@pytest.mark.parametrize("view", catalog.views(), ids=lambda view: view.full_name)
def test_every_column_of_a_view_is_commented(con: duckdb.DuckDBPyConnection, view: Table) -> None:
    rows = con.execute("select comment from duckdb_columns() where table_name = ?", [view.name]).fetchall()
    assert len(rows) == len(view.fields) and all(comment for (comment,) in rows)


@pytest.mark.parametrize("view", catalog.views(), ids=lambda view: view.full_name)
def test_names_stand_beside_every_code(view: Table) -> None:
    names = view.field_names
    for field in view.fields:
        if field.codes:
            assert {f"{field.name}_name_id", f"{field.name}_name_en"} <= {*names}, field.name
    if "area_code" in names:
        assert {"area_name", "province_code", "regency_code", "district_code"} <= {*names}


def test_a_view_that_shows_a_table_loses_and_doubles_no_row(con: duckdb.DuckDBPyConnection) -> None:
    pairs = (("v_incidents", "incidents"), ("v_counts", "counts"), ("v_recap", "recap_timeliness"))
    for view, table in (*pairs, ("v_disputes", "disputes"), ("v_hotspots", "hotspots")):
        counted = con.execute(
            f"select (select count(*) from mart.{view}), (select count(*) from mart.{table})"
        ).fetchone()
        assert counted is not None and counted[0] == counted[1], view


def test_several_codes_in_a_cell_have_their_names_in_the_order_of_the_list(
    con: duckdb.DuckDBPyConnection,
) -> None:
    for number, kind in enumerate(("disqualify;psu", "none", None)):
        put(con, "mart.disputes", {"dispute_id": f"list-{number}", "order_kind": kind})
    rows = con.execute(
        "select order_kind_name_en from mart.v_disputes where starts_with(dispute_id, 'list-') order by dispute_id"
    ).fetchall()
    known = catalog.code_lists()["order_kind"]
    both = "; ".join(known[code]["en"] for code in known if code in ("psu", "disqualify"))
    assert rows == [(both,), (known["none"]["en"],), (None,)]


def test_a_place_without_a_code_keeps_the_name_that_its_source_wrote(con: duckdb.DuckDBPyConnection) -> None:
    put(
        con,
        "mart.incidents",
        {"incident_id": "x", "election_id": "pemilu-2024", "outcome": "psu", "status": "held"}
        | {"area_code": "3171", "level": "regency", "district_name": "Kecamatan Tanpa Kode"},
    )
    row = con.execute(
        "select district_code, district_name, regency_name, province_name, outcome_name_en"
        " from mart.v_incidents where incident_id = 'x'"
    ).fetchone()
    con.execute("delete from mart.incidents where incident_id = 'x'")
    jakarta = ("Kota Administrasi Jakarta Pusat", "Daerah Khusus Ibukota Jakarta")
    assert row == (None, "Kecamatan Tanpa Kode", *jakarta, "re-vote (PSU)")


def test_an_index_has_its_election_and_keeps_what_sources_state_differently(
    con: duckdb.DuckDBPyConnection,
) -> None:
    rows = con.execute(
        "select election_id, score, score_low, score_high, is_contradicted, claim_id, other_claims from mart.indices"
    ).fetchall()
    chosen, other = "row/register/indices.csv/2", "row/register/indices.csv/3=48.89"
    assert rows == [("pemilu-2019", 49.89, 48.89, 49.89, True, chosen, other)]
    fact = con.execute(
        "select value_exact, value_lower, about_name_en from mart.v_area_all where fact = 'index'"
    ).fetchall()
    assert fact == [(None, 48.89, "election vulnerability index (Bawaslu)")]


def test_a_source_counts_every_row_that_rests_on_it(con: duckdb.DuckDBPyConnection) -> None:
    row = con.execute(
        "select publisher, n_rows, tables, provinces, lowest_confidence from mart.v_sources"
        " where source_url = 'https://www.example.org/ikp'"
    ).fetchone()
    assert row == ("example.org", 2, "core.index_score", "31", "low")


def test_a_view_is_made_only_where_its_tables_are() -> None:
    with duckdb.connect() as con:
        con.execute("create schema mart")
        load.create_views(con, catalog.views())
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchone() == (0,)


def test_a_renamed_table_lives_on_as_a_commented_view() -> None:
    from dataclasses import replace

    with copy_of(invented()) as con:
        renamed = replace(catalog.table("mart.counts"), formerly=("mart.old_counts",))
        load.create_former_names(con, [renamed])
        same = con.execute(
            "select (select count(*) from mart.old_counts) = (select count(*) from mart.counts)"
        ).fetchone()
        comment = con.execute("select comment from duckdb_views() where view_name = 'old_counts'").fetchone()
    assert same == (True,) and comment is not None and "Now mart.counts" in comment[0]
