"""The codebook of a release: every table and column with value counts, and known data errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog import Field, Table, caveats, load, views
from pipelines.catalog.declared import HERE as CATALOG
from pipelines.catalog.declared import code_lists, read_yaml
from pipelines.catalog.messages import speak_in
from pipelines.catalog.sql import quote
from pipelines.catalog.vocabulary import LAYERS_TO_READ

TEMPLATES = Path(__file__).parent / "formats" / "templates"
MOST_VALUES = 12


def codebook(
    con: duckdb.DuckDBPyConnection, lang: str, licences: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Return the content: tables, their columns with value counts, known data errors; all texts in `lang`.

    Args:
        con: a release. licences: table -> licences of its sources.
    """
    say = speak_in(lang)
    row = con.execute("select release_id, data_date from meta.release").fetchone()
    release, day = row or ("?", None)
    there = {
        f"{layer}.{name}"
        for layer, name in con.execute(
            "select distinct schema_name, table_name from duckdb_columns() where not internal"
        ).fetchall()
    }
    tables = sorted(
        (table for table in (*load(), *views()) if table.full_name in there),
        key=lambda t: (LAYERS_TO_READ.index(t.layer), t.name),
    )
    return {
        "lang": lang,
        "title": say("report.codebook_title"),
        "release": str(release),
        "date": str(day),
        "licence": say("report.codebook_licence"),
        "head": [
            say("report.codebook_column"),
            say("report.codebook_type"),
            say("report.codebook_missing"),
            say("report.codebook_meaning"),
            say("report.codebook_values"),
        ],
        "rows": say("report.codebook_rows"),
        "faults_title": say("report.codebook_faults"),
        "faults": known_faults(lang),
        "tables": [_table(con, table, lang, licences.get(table.full_name, ())) for table in tables],
    }


def known_faults(lang: str) -> list[dict[str, str]]:
    """Return dated errors of the data, the latest first."""
    listed = read_yaml(CATALOG / "known_faults.yaml")
    found = [{"date": str(one["date"]), "table": str(one["table"]), "text": str(one[lang])} for one in listed]
    return sorted(found, key=lambda one: one["date"], reverse=True)


def _table(
    con: duckdb.DuckDBPyConnection, table: Table, lang: str, licences: tuple[str, ...]
) -> dict[str, Any]:
    full = _rows(con, table)
    counts = ", ".join(f"count({quote(name)})" for name in table.field_names)
    row = con.execute(f"select count(*), {counts} from {full}").fetchone() or (0,)  # noqa: S608 (declared names)
    n_rows = int(row[0])
    values = _frequencies(con, table, full, n_rows, lang) if n_rows else {}
    return {
        "name": table.full_name,
        "title": table.title[lang],
        "description": table.description[lang],
        "grain": table.grain,
        "key": ", ".join(table.primary_key),
        "n_rows": n_rows,
        "licence": ", ".join(licences),
        "caveats": [caveats()[name][lang] for name in table.caveats],
        "columns": [
            [
                field.name,
                field.sql_type + (f", {field.unit}" if field.unit else ""),
                str(n_rows - int(there)),
                field.description[lang],
                values.get(field.name, ""),
            ]
            for field, there in zip(table.fields, row[1:], strict=True)
        ],
    }


def _rows(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Return the SQL name under which the rows can be queried; a view is computed once for all its columns and
    languages.
    """
    full = f"{quote(table.layer)}.{quote(table.name)}"
    if table.full_name not in {view.full_name for view in views()}:
        return full
    kept = quote(f"rows of {table.full_name}")
    con.execute(f"create temp table if not exists {kept} as from {full}")
    return kept


def _frequencies(
    con: duckdb.DuckDBPyConnection, table: Table, full: str, n_rows: int, lang: str
) -> dict[str, str]:
    """Return column -> its commonest values with counts (codes, booleans), or its smallest and largest value."""
    found = _ends(con, table, full)
    lists = code_lists()
    for field in table.fields:
        if not _is_listed(field):
            continue
        column = quote(field.name)
        rows = con.execute(
            f"select {column}::varchar, count(*) from {full} where {column} is not null"  # noqa: S608
            " group by 1 order by 2 desc, 1"
        ).fetchall()
        words = lists.get(field.codes, {})
        said = [
            f"{value} ({words.get(value, {}).get(lang, value)}): {n}" if value in words else f"{value}: {n}"
            for value, n in rows[:MOST_VALUES]
        ]
        found[field.name] = "; ".join(said) + ("; …" if len(rows) > MOST_VALUES else "")
    return found


def _is_listed(field: Field) -> bool:
    return bool(field.codes) or field.type == "boolean"


def _ends(con: duckdb.DuckDBPyConnection, table: Table, full: str) -> dict[str, str]:
    """Return column -> its smallest and largest value, for numbers and days."""
    fields = [
        field
        for field in table.fields
        if not _is_listed(field)
        and field.type in ("integer", "number", "date", "datetime")
        and field.name != "source_row"
    ]
    if not fields:
        return {}
    asked = ", ".join(f"min({quote(f.name)})::varchar, max({quote(f.name)})::varchar" for f in fields)
    row = con.execute(f"select {asked} from {full}").fetchone() or ()  # noqa: S608 (declared names)
    ends = zip(fields, row[::2], row[1::2], strict=True)
    return {f.name: low if low == high else f"{low} … {high}" for f, low, high in ends if low is not None}


def write(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the codebook as HTML and PDF; returns the files."""
    from jinja2 import Environment, FileSystemLoader

    from .formats.pdf import typeset

    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    html = folder / f"codebook.{content['lang']}.html"
    html.write_text(pages.get_template("codebook.html").render(book=content), encoding="utf-8")
    pdf = folder / f"codebook.{content['lang']}.pdf"
    pdf.write_bytes(typeset(content, dt.date.fromisoformat(content["date"]), "codebook"))
    return [html, pdf]
