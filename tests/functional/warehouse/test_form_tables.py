"""Tables by polling station: few different texts take a byte a row, and read as text wherever they go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines import catalog
from pipelines.forms.tables import NEW, add_forms, create_form_tables
from pipelines.warehouse import load

KNOWN = {"election_id": ["pilkada-2024", "pemilu-2019"], "source_file": ["s/b.csv", "s/a.csv"]}
FORM = """
select
    'pemilu-2019' as election_id, 'ppwp' as contest, '31710110010' || lpad(n::varchar, 2, '0') as tps_id, '001' as tps,
    '31' as province_code, 's/a.csv' as source_file, n as source_row, n as form_no, n as votes_total,
    [{'kind': 'pair', 'option_id': '01', 'party_id': null::varchar, 'votes': n}] as votes,
    false as is_overseas, false as is_special
from range(1, 4) r(n)
"""


def forms() -> str:
    """Three forms with every column that the tables have."""
    stated = {word.split()[-1] for word in FORM.replace("\n", " ").split(",") if " as " in word}
    tables = (catalog.table(name) for name in ("core.tps", "core.result", "core.upload"))
    fields = {f.name: f for table in tables for f in table.fields}
    rest = ", ".join(f"null::{f.sql_type} as {name}" for name, f in fields.items() if name not in stated)
    return f"({FORM.replace('as is_special', f'as is_special, {rest}')})"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with load.writing(tmp_path / "w.duckdb") as connection:
        load.create_schemas(connection)
        create_form_tables(connection, KNOWN)
        add_forms(connection, forms(), NEW)
        yield connection


def types(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in con.execute(f"describe {table}").fetchall()}


def test_columns_of_few_texts_are_enumerations_in_the_order_of_text(con: duckdb.DuckDBPyConnection) -> None:
    found = types(con, "core.vote")
    assert found["election_id"] == "ENUM('pemilu-2019', 'pilkada-2024')"
    assert found["kind"] == "ENUM('candidate', 'pair', 'party', 'party_total')"
    assert found["source_file"] == "ENUM('s/a.csv', 's/b.csv')"
    assert found["tps_id"] == "VARCHAR" and found["votes"] == "BIGINT"


def test_tables_made_later_hold_them_too(con: duckdb.DuckDBPyConnection) -> None:
    load.create_table(con, catalog.table("mart.form_audit"))
    assert types(con, "mart.form_audit")["election_id"].startswith("ENUM")
    load.create_table(con, catalog.table("mart.form_audit_area"))
    assert types(con, "mart.form_audit_area")["election_id"] == "VARCHAR"


def test_they_read_as_text_in_queries_frames_and_parquet(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    joined = "select left(election_id, 6), kind || '!', province_code from core.vote where contest in ('ppwp', 'rw')"
    assert con.execute(joined).fetchall() == [("pemilu", "pair!", "31")] * 3
    frame = load.read_table(con, "core.vote")
    assert {str(frame[c].dtype) for c in ("election_id", "kind", "source_file")} == {
        str(frame["tps_id"].dtype)
    }
    con.execute(
        f"copy (select * from core.vote order by tps_id) to '{tmp_path / 'v.parquet'}' (format parquet)"
    )
    assert str(pq.read_schema(tmp_path / "v.parquet").field("kind").type) == "string"


def test_forms_go_into_every_table(con: duckdb.DuckDBPyConnection) -> None:
    counts = {
        t: con.execute(f"select count(*) from core.{t}").fetchall()[0][0] for t in ("tps", "result", "vote")
    }
    assert counts == {"tps": 3, "result": 3, "vote": 3}
    assert con.execute("select sum(votes), min(source_row) from core.vote").fetchall() == [(6, 1)]
