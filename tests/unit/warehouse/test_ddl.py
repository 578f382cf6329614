"""What a YAML declaration turns into in the database, the dictionary and the data package."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.catalog import Table
from pipelines.catalog.declared import code_lists, read_table
from pipelines.catalog.sql import literal, quote
from pipelines.warehouse import about, ddl, export, load

DECLARATION = """
name: sample
layer: core
title_id: Contoh
title_en: Sample
grain: one row per thing
sources: [{source: register, file: sample.csv}]
fields:
  - {name: thing_id, type: string, constraints: {required: true, pattern: "[a-z]+"}}
  - {name: amount, type: integer, unit: TPS, title_id: Jumlah, title_en: Amount, constraints: {minimum: 0, maximum: 10}}
  - {name: status, type: string, codes: status}
  - {name: day, type: date, constraints: {minimum: "2014-01-01"}}
primaryKey: [thing_id]
uniqueKeys: [[amount, day]]
"""


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "core.sample.yaml"
    path.write_text(DECLARATION)
    return read_table(path, {}, code_lists())


@pytest.fixture
def con(tmp_path: Path, table: Table):
    with load.writing(tmp_path / "w.duckdb") as connection:
        load.create_schemas(connection)
        load.create_table(connection, table)
        yield connection


@pytest.mark.parametrize(
    "row",
    [
        "('A1', 1, 'held', date '2024-02-14')",  # pattern
        "('a', 11, 'held', date '2024-02-14')",  # maximum
        "('a', -1, 'held', date '2024-02-14')",  # minimum
        "('a', 1, 'dreamt', date '2024-02-14')",  # enum
        "('a', 1, 'held', date '2013-02-14')",  # earliest date
        "(null, 1, 'held', date '2024-02-14')",  # required
    ],
)
def test_constraint_in_yaml_is_a_constraint_in_the_database(con: duckdb.DuckDBPyConnection, row: str) -> None:
    with pytest.raises(duckdb.ConstraintException):
        con.execute(f"insert into core.sample select *, 'f', 1 from (values {row})")


def test_keys_in_yaml_are_keys_in_the_database(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into core.sample values ('a', 1, 'held', date '2024-02-14', 'f', 2)")
    with pytest.raises(duckdb.ConstraintException):
        con.execute("insert into core.sample values ('a', 2, 'held', date '2024-02-15', 'f', 3)")
    with pytest.raises(duckdb.ConstraintException):
        con.execute("insert into core.sample values ('b', 1, 'held', date '2024-02-14', 'f', 4)")


def test_foreign_key_within_a_schema_is_enforced(tmp_path: Path) -> None:
    from pipelines import catalog

    with load.writing(tmp_path / "k.duckdb") as con:
        load.create_schemas(con)
        load.create_table(con, catalog.table("ref.elections"))
        load.create_table(con, catalog.table("ref.stages"))
        with pytest.raises(duckdb.ConstraintException, match="foreign key"):
            con.execute(
                "insert into ref.stages values"
                " ('pemilu-1955', 'recap_district', null, date '2015-10-01', null, null, 'high', null, 'f', 2)"
            )


def test_comment_carries_titles_unit_and_reference(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    query = "select column_name, comment from duckdb_columns() where table_name = 'sample'"
    comments = dict(con.execute(query).fetchall())
    assert "Jumlah" in comments["amount"] and "Amount" in comments["amount"] and "[TPS]" in comments["amount"]
    from pipelines import catalog

    claim = catalog.table("core.revote_claim")
    assert "-> ref.areas.area_code" in ddl.column_comment(claim, claim.field("area_code"))


def test_dictionary_and_datapackage_carry_the_constraint(table: Table, tmp_path: Path) -> None:
    rows = about.dictionary_frame([table]).set_index("column_name")
    assert '"amount" <= 10' in rows.loc["amount", "constraint_text"]
    assert "primary key" in rows.loc["thing_id", "constraint_text"]
    frame = pd.DataFrame({"thing_id": ["a"], "amount": [1], "status": ["held"], "day": ["2024-02-14"]})
    with load.writing(tmp_path / "x.duckdb") as con:
        load.create_schemas(con)
        load.fill_from_frame(con, table, frame.assign(source_file="f", source_row=2))
        export.export_parquet(con, [table], tmp_path / "p")
    package = json.loads(export.write_datapackage([table], tmp_path / "p", {"name": "x"}).read_text())
    schema = package["resources"][0]["schema"]
    described = {f["name"]: f for f in schema["fields"]}
    assert described["amount"]["constraints"] == {"minimum": 0, "maximum": 10}
    assert described["status"]["constraints"]["enum"][0] == "reported"
    assert schema["primaryKey"] == ["thing_id"]


def test_literal_and_identifier_cannot_break_out() -> None:
    assert literal("x'; drop table t; --") == "'x''; drop table t; --'"
    assert quote('a"b') == '"a""b"'


def test_export_is_byte_stable(table: Table, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "thing_id": list("cab"),
            "amount": [3, 1, 2],
            "status": ["held", None, "refused"],
            "day": [pd.NaT] * 3,
        }
    ).assign(source_file="f", source_row=[2, 3, 4])
    found = []
    for name, rows in (("one", frame), ("two", frame.iloc[::-1])):
        with load.writing(tmp_path / f"{name}.duckdb") as con:
            load.create_schemas(con)
            load.fill_from_frame(con, table, rows)
            found.append(export.export_parquet(con, [table], tmp_path / name)[0].read_bytes())
    assert found[0] == found[1]


def test_frame_without_a_declared_column_is_refused(table: Table, tmp_path: Path) -> None:
    with load.writing(tmp_path / "y.duckdb") as con, pytest.raises(load.WarehouseError, match="lacks amount"):
        load.create_schemas(con)
        load.fill_from_frame(con, table, pd.DataFrame({"thing_id": ["a"]}))


def test_storage_format_is_the_one_older_clients_read(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    with load.writing(path) as con:
        load.create_schemas(con)
    with duckdb.connect(str(path), read_only=True) as con:
        tags = con.execute("select tags from duckdb_databases() where database_name = 'old'").fetchone()
    assert tags is not None and tags[0]["storage_version"].startswith("v1.0.0")


def test_a_file_of_other_blocks_can_still_be_written(tmp_path: Path) -> None:
    path = tmp_path / "held.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table one as select 1 as n")
    with load.writing(path) as con:
        con.execute("insert into one values (2)")
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("select sum(n) from one").fetchone() == (3,)


def test_what_is_read_before_the_first_query_is_small(tmp_path: Path) -> None:
    """A file is opened by reading what it says about its columns: 3 KB each in the format of DuckDB 1.0."""
    path, n_columns = tmp_path / "wide.duckdb", 300
    with load.writing(path) as con:
        con.execute("create table wide as select " + ", ".join(f"{n} as c{n}" for n in range(n_columns)))
    assert path.stat().st_size < 2_000 * n_columns
