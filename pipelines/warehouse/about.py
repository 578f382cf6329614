"""The warehouse's description of itself: columns, code values, keys, lineage and coverage of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pandas as pd

from pipelines.catalog import Table, code_lists
from pipelines.catalog.sql import literal, quote
from pipelines.catalog.vocabulary import LANGUAGES

from . import ddl

NONE = "-"
OWN_LICENCE = "CC-BY-4.0"
"""Licence of the compilation (LICENSE-DATA.md)."""
_CATALOG = "pipelines/catalog"


def dictionary_frame(tables: Iterable[Table]) -> pd.DataFrame:
    """Return the rows of meta.dictionary: every column of every table and view."""
    rows = []
    for table in tables:
        for position, field in enumerate(table.fields, 1):
            rules = [k for k in ("required", "unique") if field.constraints.get(k)]
            rules += ["primary key"] if field.name in table.primary_key else []
            rules += [
                f"-> {k.reference}.{k.reference_fields[k.fields.index(field.name)]}"
                for k in table.foreign_keys
                if field.name in k.fields
            ]
            rules += ddl.checks(field)
            rows.append(
                {
                    "table_name": table.full_name,
                    "position": position,
                    "column_name": field.name,
                    "type": field.sql_type,
                    "unit": field.unit or None,
                    "title_id": field.title["id"],
                    "title_en": field.title["en"],
                    "description_id": field.description["id"],
                    "description_en": field.description["en"],
                    "constraint_text": "; ".join(rules) or None,
                    "code_list": field.codes or None,
                    "is_view": table.is_view,
                }
            )
    return pd.DataFrame(rows)


def code_values_frame() -> pd.DataFrame:
    """Return the rows of meta.code_values: every value of every code list;
    a self-explanatory name is its own meaning."""
    rows = []
    for name, values in code_lists().items():
        for position, (code, words) in enumerate(values.items(), 1):
            row: dict[str, Any] = {"code_list": name, "code": code, "position": position}
            for lang in dict.fromkeys(one.columns for one in LANGUAGES.values()):
                row[f"name_{lang}"] = words[lang]
                row[f"meaning_{lang}"] = words.get(f"explain_{lang}", words[lang])
            rows.append(row)
    return pd.DataFrame(rows)


def relations_frame(tables: Iterable[Table]) -> pd.DataFrame:
    """Return the rows of meta.relations: primary, unique and foreign keys, and whether DuckDB enforces them."""
    rows = [
        {
            "relation_id": f"{table.full_name}({columns})" + (f"->{target}" if target else ""),
            "table_name": table.full_name,
            "columns": columns,
            "key_kind": kind,
            "target_table": target,
            "target_columns": target_columns,
            "is_enforced": is_held and not (table.is_view or table.is_large),
        }
        for table in tables
        for kind, columns, target, target_columns, is_held in _keys(table)
    ]
    return pd.DataFrame(rows).drop_duplicates("relation_id")


def _keys(table: Table) -> Iterator[tuple[str, str, str | None, str | None, bool]]:
    yield "primary", ",".join(table.primary_key), None, None, True
    for key in table.unique_keys:
        yield "unique", ",".join(key), None, None, True
    for one in table.foreign_keys:
        held = ddl.is_enforced(table, one)
        yield "foreign", ",".join(one.fields), one.reference, ",".join(one.reference_fields), held


def lineage_frame(tables: Iterable[Table]) -> pd.DataFrame:
    """Return the rows of meta.lineage: the files or tables from which each table is built."""
    rows = [
        {"table_name": table.full_name, "made_from": source, "made_by": maker, "making": making}
        for table in tables
        for source, maker, making in _makers(table)
    ]
    return pd.DataFrame(rows).drop_duplicates(["table_name", "made_from"])


def _makers(table: Table) -> Iterator[tuple[str, str, str]]:
    if table.is_view:
        for name in table.depends_on:
            yield name, f"{_CATALOG}/views/{table.full_name}.yaml", "view"
    elif table.sql or table.derived:
        module = f"pipelines/marts/{table.derived}.py"
        maker, making = (
            (f"{_CATALOG}/marts/{table.full_name}.sql", "sql") if table.sql else (module, "module")
        )
        for name in table.depends_on or (NONE,):
            yield name, maker, making
    else:
        declared = f"{_CATALOG}/tables/{table.full_name}.yaml"
        for one in table.sources:
            yield one.path, declared, "loaded"
        if not table.sources:
            making = "written" if table.layer == "meta" else "loaded"
            yield NONE, declared, making


def coverage_frame(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> pd.DataFrame:
    """Return the rows of meta.coverage: number of rows of each table by election and province."""
    counted = [
        table for table in tables if {"election_id", "area_code", "province_code"} & {*table.field_names}
    ]
    selects = [
        f"select {literal(table.full_name)} as table_name, {_election(table)} as election_id,"  # noqa: S608 (declared names)
        f" {_province(table)} as province_code, count(*) as n_rows from {ddl.name_of(table)} group by all"
        for table in counted
        if table.layer != "meta"
    ]
    return con.execute(" union all ".join(selects) + " order by all").df()


def _election(table: Table) -> str:
    return (
        f"coalesce({quote('election_id')}::varchar, '{NONE}')"
        if "election_id" in table.field_names
        else f"'{NONE}'"
    )


def _province(table: Table) -> str:
    if "area_code" in table.field_names:
        return f"coalesce(left({quote('area_code')}::varchar, 2), '{NONE}')"
    if "province_code" in table.field_names:
        return f"coalesce({quote('province_code')}::varchar, '{NONE}')"
    return f"'{NONE}'"


def licences(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> dict[str, tuple[str, ...]]:
    """Return table -> licences of the files it is built from, directly or through other tables, sorted by name.

    Tables written by the project itself (schema meta, lists of the catalog) are under the project's licence.
    """
    rows = con.execute("select table_name, licence from meta.inputs where table_name is not null").fetchall()
    found: dict[str, set[str]] = {}
    for name, licence in rows:
        found.setdefault(name, set()).add(licence or "not stated")
    for table in tables:  # in dependency order
        mine = found.setdefault(table.full_name, set())
        for name in table.depends_on:
            mine |= found.get(name, set())
    return {name: tuple(sorted(names)) or (OWN_LICENCE,) for name, names in found.items()}
