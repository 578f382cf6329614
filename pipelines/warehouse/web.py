"""Write SQLite and metadata for Datasette, which serves a release read-only on this machine."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from pipelines.catalog import Table, load, views
from pipelines.catalog.messages import ENVIRONMENT, Message
from pipelines.catalog.sql import quote
from titikrawan.cookbook import questions

from . import ddl
from .errors import WarehouseError

DATABASE, METADATA, DONE = "titikrawan.db", "metadata.json", "release.txt"
HOST = "127.0.0.1"
_TYPES = {"bigint": "integer", "double": "real", "boolean": "integer"}
_FACETS = (
    "election_id",
    "outcome",
    "level",
    "province_name",
    "verdict",
    "evidence",
    "fact",
    "publisher",
    "status",
)
# Queries offered for every area; the parameter becomes a form field.
_BY_AREA = "select * from v_area_all where area_code = :area_code order by election_id desc, fact, about"


def name_of(table: Table) -> str:
    """Return `v_counts` for the view mart.v_counts, `core_revote_claim` for
    core.revote_claim: SQLite has no schemas."""
    return table.name if table.is_view else f"{table.layer}_{table.name}"


def write(database: Path, folder: Path, release: str, lang: str) -> Path:
    """Write the SQLite file and its metadata below `folder`, unless they
    exist for this release; returns their folder."""
    target = folder / f"{release}-{lang}"
    if (target / DONE).is_file():
        return target
    shutil.rmtree(folder, ignore_errors=True)
    target.mkdir(parents=True)
    with duckdb.connect(str(database.resolve()), read_only=True) as con:
        there: dict[str, list[str]] = dict(
            con.execute(
                "select schema_name || '.' || table_name, list(column_name) from duckdb_columns()"
                " where not internal group by all"
            ).fetchall()
        )
        listed = (*views(), *(table for table in load() if not table.is_large))
        shown = [_as_it_is(table, there[table.full_name]) for table in listed if table.full_name in there]
        answers = _write_sqlite(con, shown, target / DATABASE)
    about = metadata(shown, answers, release, lang)
    (target / METADATA).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    (target / DONE).write_text(release, encoding="utf-8")
    return target


def _as_it_is(table: Table, columns: Collection[str]) -> Table:
    """Return a table with the columns that the release has: it may be older than this catalog."""
    return replace(table, fields=tuple(field for field in table.fields if field.name in columns))


def _write_sqlite(con: duckdb.DuckDBPyConnection, shown: Sequence[Table], path: Path) -> list[str]:
    out = sqlite3.connect(path)
    try:
        out.execute("pragma journal_mode = off")
        out.execute("pragma synchronous = off")
        for table in shown:
            columns = [(field.name, _TYPES.get(field.sql_type, "text")) for field in table.fields]
            listed = ", ".join(quote(name) for name, _ in columns)
            key = ", ".join(map(quote, table.primary_key))
            rows = con.execute(f"select {listed} from {ddl.name_of(table)} order by {key}")  # noqa: S608 (declared names)
            _fill(out, name_of(table), columns, rows, table.primary_key)
        made = []
        for one in questions():
            rows = con.execute(one.sql)
            names = [(str(column[0]), "") for column in rows.description or ()]
            _fill(out, f"answer_{one.name}", names, rows, ())
            made.append(one.name)
        out.commit()
        out.execute("analyze")
    finally:
        out.close()
    return made


def _fill(
    out: sqlite3.Connection,
    name: str,
    columns: Sequence[tuple[str, str]],
    rows: duckdb.DuckDBPyConnection,
    key: Sequence[str],
) -> None:
    listed = ", ".join(f"{quote(column)} {kind}".strip() for column, kind in columns)
    primary = f", primary key ({', '.join(map(quote, key))})" if key else ""
    out.execute(f"create table {quote(name)} ({listed}{primary})")
    marks = ", ".join("?" for _ in columns)
    while chunk := rows.fetchmany(5_000):
        out.executemany(f"insert into {quote(name)} values ({marks})", map(_plain, chunk))  # noqa: S608 (marks)
    for column, _ in columns:
        if column in ("area_code", "election_id", "province_code"):
            out.execute(f"create index {quote(f'{name}_{column}')} on {quote(name)} ({quote(column)})")


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(value.isoformat() if isinstance(value, dt.date | dt.datetime) else value for value in row)


def metadata(shown: Sequence[Table], answers: Sequence[str], release: str, lang: str) -> dict[str, Any]:
    """Return Datasette's metadata: the release, its tables and columns, and the prepared queries."""
    tables: dict[str, Any] = {}
    for table in shown:
        names = table.field_names
        tables[name_of(table)] = {
            "title": f"{table.full_name}: {table.title[lang]}",
            "description": table.description[lang],
            "columns": {field.name: field.description[lang] for field in table.fields},
            "facets": [name for name in _FACETS if name in names] if table.is_view else [],
        }
    for name in answers:
        tables[f"answer_{name}"] = {"hidden": True}
    asked = {one.name: one for one in questions()}
    queries: dict[str, Any] = {
        name: {
            "sql": f"select * from {quote(f'answer_{name}')}",  # noqa: S608 (names of ours)
            "title": asked[name].words[lang],
            "description": asked[name].sql,
        }
        for name in answers
    }
    title = Message("warehouse.web_area")[lang]
    queries["area"] = {"sql": _BY_AREA, "title": title, "params": ["area_code"]}
    return {
        "title": f"titik-rawan {release}",
        "description": Message("warehouse.web_about")[lang],
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {"titikrawan": {"tables": tables, "queries": queries}},
    }


def command(folder: Path, port: int) -> list[str]:
    """Return the Datasette command: local only, immutable file, no
    downloads of it, queries limited to five seconds."""
    settings = (("allow_download", "off"), ("sql_time_limit_ms", "5000"), ("default_page_size", "50"))
    listed = [word for name, value in settings for word in ("--setting", name, value)]
    files = ["-i", str(folder / DATABASE), "--metadata", str(folder / METADATA)]
    return [sys.executable, "-m", "datasette", "serve", *files, "--host", HOST, "--port", str(port), *listed]


def serve(folder: Path, port: int) -> NoReturn:
    """Replace this process by the server, so that stopping this process stops it and no orphan is left.

    Raises:
        WarehouseError: Datasette is not installed.
    """
    if importlib.util.find_spec("datasette") is None:
        raise WarehouseError(Message("warehouse.no_datasette"), exit_code=ENVIRONMENT)
    sys.stdout.flush()
    words = command(folder, port)
    os.execv(words[0], words)  # noqa: S606 (fixed program)


__all__ = ["HOST", "command", "metadata", "name_of", "serve", "write"]
