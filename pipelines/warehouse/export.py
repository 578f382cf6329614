"""Parquet beside the database, with a Frictionless data package; the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog import Table
from pipelines.catalog.frictionless import describe_field
from pipelines.catalog.sql import literal, quote

from . import ddl


def schema_of(table: Table) -> dict[str, Any]:
    """Frictionless Table Schema of a table, with the catalog's own additions (unit, titles in two languages)."""
    schema: dict[str, Any] = {
        "fields": [describe_field(f) for f in table.fields],
        "primaryKey": list(table.primary_key),
        "grain": table.grain,
    }
    if table.foreign_keys:
        schema["foreignKeys"] = [
            {
                "fields": list(k.fields),
                "reference": {
                    "resource": _resource_name(k.reference) if k.reference != table.full_name else "",
                    "fields": list(k.reference_fields),
                },
            }
            for k in table.foreign_keys
        ]
    return schema


def _resource_name(full_name: str) -> str:
    return full_name.replace("_", "-")


def export_parquet(
    con: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path, release: str = ""
) -> list[Path]:
    """Write each table as Parquet, ordered by its key; returns the files.

    `release`: its id, for the metadata of each file.
    """
    about = f", kv_metadata {{{literal('titikrawan.release')}: {literal(release)}}}" if release else ""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        order = ", ".join(quote(name) for name in table.primary_key)
        for path, condition in _parts(con, table, folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            con.execute(
                f"copy (select * from {ddl.name_of(table)} {condition} order by {order}) "  # noqa: S608
                f"to {literal(str(path))} (format parquet, compression zstd{about})"
            )
            written.append(path)
    return written


def _parts(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> list[tuple[Path, str]]:
    """(file, condition on its rows): one file, or one per election and province where a large table has rows."""
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


def write_datapackage(tables: Iterable[Table], folder: Path, about: Mapping[str, Any]) -> Path:
    """Write `datapackage.json` for the Parquet files in `folder`."""
    resources = []
    for table in tables:
        paths = sorted((folder / table.full_name).rglob("*.parquet")) or [
            folder / f"{table.full_name}.parquet"
        ]
        names = [p.relative_to(folder).as_posix() for p in paths]
        digests = [f"sha256:{_digest(p)}" for p in paths]
        one = len(paths) == 1
        resources.append(
            {
                "name": _resource_name(table.full_name),
                "path": names[0] if one else names,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "title": table.title["en"],
                "title_id": table.title["id"],
                "description": table.description["en"],
                "caveats": list(table.caveats),
                "bytes": sum(p.stat().st_size for p in paths),
                **({"hash": digests[0]} if one else {"hashes": dict(zip(names, digests, strict=True))}),
                "schema": schema_of(table),
            }
        )
    package = {**about, "resources": resources}
    path = folder / "datapackage.json"
    path.write_text(
        json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return path
