"""Findings by provision: the same problem at two elections recurs, a recommendation is open until it is done."""

from __future__ import annotations

import duckdb

from pipelines import catalog

ROWS = [
    ("a", "pemilu-2019", "3171", "sop", "Surat suara tertukar", "Cek silang", "done"),
    ("b", "pemilu-2024", "3171", "sop", "surat suara tertukar ", "Cek silang", "open"),
    ("c", "pemilu-2024", "3172", "sop", "Surat suara tertukar", "Cek silang", "dropped"),
    ("d", "pemilu-2024", "3171", "data", "DPT ganda", None, "open"),
]


def test_recurring_and_open() -> None:
    con = duckdb.connect()
    for layer in ("core", "ref"):
        con.execute(f"create schema {layer}")
    con.execute(
        "create table ref.areas as select * from (values ('3171', 'A'), ('3172', 'B')) t(area_code, name)"
    )
    con.execute(
        "create table ref.provisions as select * from (values ('data', 2), ('sop', 4)) t(provision_code, \"order\")"
    )
    columns = ", ".join(f'"{f.name}" {f.sql_type}' for f in catalog.table("core.finding").fields)
    con.execute(f"create table core.finding ({columns})")
    names = "finding_id, election_id, area_code, provision_code, problem, recommendation, finding_status"
    con.executemany(f"insert into core.finding ({names}) values (?, ?, ?, ?, ?, ?, ?)", ROWS)
    mart = catalog.table("mart.findings")
    found = con.execute(f"select * from ({mart.sql}) order by finding_id").df().set_index("finding_id")
    assert set(mart.field_names) == {"finding_id", *found.columns}
    assert found["is_recurring"].tolist() == [True, True, False, False]
    assert found["is_open"].tolist() == [False, True, False, False]
    assert found["n_elections"].tolist() == [2, 2, 1, 1]
