"""The published data packages are valid, for frictionless and for a second validator; the files say what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.warehouse.read import open_readonly
from tests.support.package_check import faults


def test_a_second_validator_finds_nothing_wrong(register_run) -> None:
    for kind in ("csv", "parquet"):
        assert faults(register_run.work / kind / "datapackage.json") == []


def test_frictionless_finds_the_packages_valid(register_run) -> None:
    """Every row of every table, which takes 17 s of processor time for 167,000 rows; empty tables have no count."""
    frictionless = pytest.importorskip("frictionless")
    parquet = frictionless.validate(str(register_run.work / "parquet" / "datapackage.json"))
    assert parquet.valid, parquet.flatten(["type", "note"])[:3]
    whole = frictionless.validate(str(register_run.work / "csv" / "datapackage.json"))
    assert whole.valid, whole.flatten(["type", "note"])[:3]
    read = {task.name: task.stats.get("rows", 0) for task in whole.tasks}
    with open_readonly(register_run.database) as con:
        rows = con.execute(
            "select replace(schema_name || '.' || table_name, '_', '-'), estimated_size from duckdb_tables()"
        ).fetchall()
    assert read == {name: n for name, n in rows if name in read} and sum(read.values()) > 100_000


def test_every_table_names_its_licence_and_the_release(register_run) -> None:
    package = json.loads((register_run.work / "csv" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == register_run.id
    for resource in package["resources"]:
        assert [one["name"] for one in resource["licenses"]] == ["CC-BY-4.0"], resource["name"]


def test_parquet_explains_its_columns(register_run) -> None:
    path = Path(register_run.work) / "parquet" / "mart.counts.parquet"
    told = pq.read_schema(path).metadata or pq.read_metadata(path).metadata
    columns = json.loads(told[b"titikrawan.columns"])
    assert columns["lower"]["unit"] == "TPS" and "sekurang" in columns["lower"]["description_id"].lower()
    assert told[b"titikrawan.release"].decode() == register_run.id


def test_every_code_in_the_tables_is_explained(register_run) -> None:
    with open_readonly(register_run.database) as con:
        columns = con.execute(
            "select d.table_name, d.column_name, d.code_list from meta.dictionary d join duckdb_tables() t"
            " on d.table_name = t.schema_name || '.' || t.table_name where d.code_list <> ''"
        ).fetchall()
        assert len(columns) > 100
        for table, column, code_list in columns:
            unknown = con.execute(
                f"select distinct code from (select unnest(string_split({column}::varchar, ';')) as code from {table})"
                " where code not in (select code from meta.code_values where code_list = ?)",
                [code_list],
            ).fetchall()
            assert unknown == [], (table, column)
