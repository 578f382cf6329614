"""One constraint added in YAML shows up in the cast, the conditions, the database, the dictionary, a package, a page."""

from __future__ import annotations

import json
import shutil
from functools import cache
from importlib import import_module
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines import catalog
from pipelines.quality import cast, conditions, validate
from pipelines.reporting.language.words import Words
from pipelines.reporting.site import dictionary
from pipelines.sources import seal
from pipelines.warehouse import about, ddl, export, load
from tests.support.copied_catalog import copied

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> catalog.Table:
    """ref.provisions with a new column title, a type that is stricter and a new bound, changed in YAML only."""
    loader = import_module("pipelines.catalog.declared")
    folder = copied(tmp_path / "catalog", monkeypatch)
    path = folder / "tables" / "ref.provisions.yaml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("maximum: 7", "maximum: 5").replace("title_id: Urutan", "title_id: Nomor bekal")
    assert changed.count("maximum: 5") == 1 and changed.count("Nomor bekal") == 1
    path.write_text(changed, encoding="utf-8")
    tables = tuple(loader.load_folder(folder))
    found = next(t for t in tables if t.full_name == "ref.provisions")
    these = cache(lambda: tables)
    these()  # like the function it stands for, it says that all declarations were read
    for module in (catalog, loader):
        monkeypatch.setattr(module, "load", these)
    monkeypatch.setattr(catalog, "table", lambda name: next(t for t in tables if t.full_name == name))
    return found


def rows() -> pd.DataFrame:
    frame = pd.read_csv(ROOT / "data/raw/register/provisions.csv", dtype=str, keep_default_na=False)
    return frame.assign(source_file="register/provisions.csv", source_row=range(2, len(frame) + 2))


def test_condition_and_quarantine(declared: catalog.Table) -> None:
    bounds = [c.limits.get("maximum") for c in conditions(declared)]
    assert 5 in bounds
    found = validate(declared, rows(), {})
    assert found.problems["value"].tolist() == ["6", "7"]
    assert len(found.typed) == 5


def test_type_decides_the_cast(declared: catalog.Table) -> None:
    broken = rows()
    broken.loc[0, "order"] = "satu"
    refused = cast(declared, broken).refused
    assert "order" in str(refused)


def test_database_comment_and_dictionary(declared: catalog.Table, tmp_path: Path) -> None:
    with load.writing(tmp_path / "w.duckdb") as con:
        load.create_schemas(con)
        load.create_table(con, declared)
        with pytest.raises(duckdb.ConstraintException):
            con.execute("insert into ref.provisions values ('x', 6, 'a', 'b', 'f', 1)")
        comment = con.execute(
            "select comment from duckdb_columns() where table_name = 'provisions' and column_name = 'order'"
        ).fetchone()
    assert comment is not None and "Nomor bekal" in comment[0]
    described = about.dictionary_frame([declared]).set_index("column_name")
    assert '"order" <= 5' in described.loc["order", "constraint_text"]
    assert described.loc["order", "title_id"] == "Nomor bekal"


def test_dictionary_page_and_report_heading(declared: catalog.Table) -> None:
    assert "maximum 5" in dictionary.constraint_text(declared, declared.field("order"))
    assert Words("id").column("ref.provisions", "order").title == "Nomor bekal"


def test_data_packages_of_input_and_output(declared: catalog.Table, tmp_path: Path) -> None:
    schema = export.schema_of(declared)
    assert next(f for f in schema["fields"] if f["name"] == "order")["constraints"]["maximum"] == 5
    folder = tmp_path / "register"
    folder.mkdir()
    shutil.copy(ROOT / "data/raw/register/provisions.csv", folder)
    package = json.loads(seal(folder, tables=[declared]).read_text(encoding="utf-8"))
    fields = package["resources"][0]["schema"]["fields"]
    assert next(f for f in fields if f["name"] == "order")["constraints"]["maximum"] == 5


def test_ddl_is_written_from_the_declaration(declared: catalog.Table) -> None:
    assert 'check ("order" <= 5)' in ddl.create_table(declared)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_dictionary_page_lists_every_table_and_column(warehouse, tmp_path: Path, lang: str) -> None:
    from pipelines.reporting.site.dictionary import render_dictionary

    path = next(p for p in render_dictionary(warehouse, ("id", "en"), tmp_path) if f".{lang}." in p.name)
    # Long words may break at <wbr>, which a reader neither sees nor copies.
    text = path.read_text(encoding="utf-8").replace("<wbr>", "")
    for table in catalog.load():
        assert table.full_name in text, table.full_name
        for field in table.fields:
            assert field.name in text, (table.full_name, field.name)
    assert text.count("<script") == 1 and "script-src &#39;sha256-" in text.replace("'", "&#39;")
