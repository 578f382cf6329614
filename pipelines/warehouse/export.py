"""Write Parquet and CSV beside the database, each with a Frictionless data package; output is deterministic."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog import Table
from pipelines.catalog.frictionless import describe_field
from pipelines.catalog.sql import literal, quote

from . import ddl

SIDE_BY_SIDE = 2  # files written concurrently


def schema_of(table: Table, within: Collection[str] | None = None) -> dict[str, Any]:
    """Return the Frictionless Table Schema of a table, with the catalog's own additions (unit, titles in two
    languages).

    Args:
        within: tables of the package; keys that reference other tables are left out. None: all keys.
    """
    schema: dict[str, Any] = {
        "fields": [describe_field(f) for f in table.fields],
        "primaryKey": list(table.primary_key),
        "grain": table.grain,
    }
    keys = [
        {
            "fields": list(k.fields),
            "reference": {
                "resource": _resource_name(k.reference) if k.reference != table.full_name else "",
                "fields": list(k.reference_fields),
            },
        }
        for k in table.foreign_keys
        if within is None or k.reference in within
    ]
    return {**schema, "foreignKeys": keys} if keys else schema


def _resource_name(full_name: str) -> str:
    return full_name.replace("_", "-")


def export_parquet(
    con: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path, release: str = ""
) -> list[Path]:
    """Write each table as Parquet, ordered by its key; returns the files.

    The metadata of every file describe the table and its columns in both languages, and name the release.

    Args:
        release: its id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    small: list[str] = []
    large: list[str] = []
    for table in tables:
        order = ", ".join(quote(name) for name in table.primary_key)
        about = ", ".join(f"{literal(key)}: {literal(text)}" for key, text in _told(table, release).items())
        for path, condition in _parts(con, table, folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            (large if table.is_large else small).append(
                f"copy (select * from {ddl.name_of(table)} {condition} order by {order}) "  # noqa: S608
                f"to {literal(str(path))} (format parquet, compression zstd, kv_metadata {{{about}}})"
            )
            written.append(path)
    _run(con, small)
    for statement in large:  # one at a time: each may need all of the memory
        con.execute(statement)
    return written


def _run(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Run independent statements concurrently; each of them writes one file."""
    (current,) = con.execute("select current_database()").fetchall()[0]

    def one(statement: str) -> None:
        with con.cursor() as own:
            own.execute(f"use {quote(current)}")
            own.execute(statement)

    with ThreadPoolExecutor(min(SIDE_BY_SIDE, os.cpu_count() or 1)) as pool:
        for done in [pool.submit(one, statement) for statement in statements]:
            done.result()


def _told(table: Table, release: str) -> dict[str, str]:
    """Return the metadata of a Parquet file: key -> text."""
    columns = {field.name: describe_field(field) for field in table.fields}
    told = {
        "titikrawan.table": table.full_name,
        "titikrawan.title_id": table.title["id"],
        "titikrawan.title_en": table.title["en"],
        "titikrawan.description_id": table.description["id"],
        "titikrawan.description_en": table.description["en"],
        "titikrawan.grain": table.grain,
        "titikrawan.primary_key": ",".join(table.primary_key),
        "titikrawan.columns": json.dumps(columns, ensure_ascii=False, sort_keys=True),
        "titikrawan.release": release,
    }
    return {key: text for key, text in told.items() if text}


def export_csv(con: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path) -> list[Path]:
    """Write each table except large ones as gzipped CSV (UTF-8, commas, dates as ISO 8601); returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written, statements = [], []
    for table in tables:
        if table.is_large:
            continue
        order = ", ".join(quote(name) for name in table.primary_key)
        path = folder / f"{table.full_name}.csv.gz"
        statements.append(
            f"copy (select * from {ddl.name_of(table)} order by {order}) to {literal(str(path))} "  # noqa: S608
            "(format csv, header true, compression gzip, timestampformat '%Y-%m-%dT%H:%M:%S')"
        )
        written.append(path)
    _run(con, statements)
    return written


def _parts(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> list[tuple[Path, str]]:
    """Return (file, row condition): one file, or one per election and province that has rows of a large table."""
    whole = [(folder / f"{table.full_name}.parquet", "")]
    if not table.is_large:
        return whole
    groups = con.execute(
        f"select distinct election_id, province_code from {ddl.name_of(table)} order by all"  # noqa: S608
    ).fetchall()
    parts = [
        (
            folder
            / table.full_name
            / f"election_id={election}"
            / f"province_code={province}"
            / "data.parquet",
            f"where election_id = {literal(election)} and province_code = {literal(province)}",
        )
        for election, province in groups
    ]
    return parts or whole


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_datapackage(
    tables: Iterable[Table],
    folder: Path,
    about: Mapping[str, Any],
    licences: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write `datapackage.json` for the CSV or Parquet files in `folder`; tables without a file are left out.

    Any Data Package tool can check the CSV files row by row. Parquet carries its own types, but tools that read
    it into frames turn integers with gaps into floats; so its files are checked by size and hash, and the
    schema is included for people.

    Args:
        about: keys of the package. licences: table -> names of the licences of its sources.
    """
    there = {table.full_name: files for table in tables if (files := _files(table, folder))}
    resources = [
        _resource(table, there[table.full_name], folder, there, (licences or {}).get(table.full_name, ()))
        for table in tables
        if table.full_name in there
    ]
    package = {**about, "resources": resources}
    path = folder / "datapackage.json"
    path.write_text(
        json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return path


def _files(table: Table, folder: Path) -> list[Path]:
    whole = [folder / f"{table.full_name}.{kind}" for kind in ("csv.gz", "parquet")]
    return [one for one in whole if one.is_file()] or sorted((folder / table.full_name).rglob("*.parquet"))


def _resource(
    table: Table, paths: Sequence[Path], folder: Path, within: Collection[str], licences: Sequence[str]
) -> dict[str, Any]:
    names = [p.relative_to(folder).as_posix() for p in paths]
    digests = [f"sha256:{_digest(p)}" for p in paths]
    one = len(paths) == 1
    is_csv = names[0].endswith(".csv.gz")
    kind: dict[str, Any] = (
        {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "compression": "gz"}
        if is_csv
        else {"format": "parquet", "mediatype": "application/vnd.apache.parquet", "type": "file"}
    )
    size = {"bytes": paths[0].stat().st_size, "hash": digests[0]} if one else {}
    return {
        "name": _resource_name(table.full_name),
        "path": names[0] if one else names,
        **kind,
        **size,
        **({} if one else {"hashes": dict(zip(names, digests, strict=True))}),
        "title": table.title["en"],
        "title_id": table.title["id"],
        "description": table.description["en"],
        "description_id": table.description["id"],
        "caveats": list(table.caveats),
        **({"licenses": [_licence(name) for name in licences]} if licences else {}),
        "schema": schema_of(table, within),
    }


def _licence(name: str) -> dict[str, str]:
    """Return a licence in Data Package form; one that is not among our open licences is given in its own words."""
    if name == "CC-BY-4.0":
        return {"name": name, "path": "https://creativecommons.org/licenses/by/4.0/"}
    return {"name": "".join(c if c.isalnum() or c in "-._" else "-" for c in name), "title": name}
