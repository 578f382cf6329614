"""Parquet beside the database, with a Frictionless data package; the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog import Table

from . import ddl


def schema_of(table: Table) -> dict[str, Any]:
    """Frictionless Table Schema of a table, with the catalog's own additions (unit, titles in two languages)."""
    fields = []
    for field in table.fields:
        described: dict[str, Any] = {
            "name": field.name,
            "type": field.type,
            "title": field.title["en"],
            "description": field.description["en"],
            "title_id": field.title["id"],
            "description_id": field.description["id"],
        }
        if field.unit:
            described["unit"] = field.unit
        if field.constraints:
            described["constraints"] = {k: _plain(v) for k, v in field.constraints.items()}
        fields.append(described)
    schema: dict[str, Any] = {"fields": fields, "primaryKey": list(table.primary_key), "grain": table.grain}
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


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | list) else str(value)


def _resource_name(full_name: str) -> str:
    return full_name.replace("_", "-")


def export_parquet(con: duckdb.DuckDBPyConnection, tables: Iterable[Table], folder: Path) -> list[Path]:
    """Write each table as Parquet, ordered by its key; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        path = folder / f"{table.full_name}.parquet"
        order = ", ".join(ddl.quote(name) for name in table.primary_key)
        con.execute(
            f"copy (select * from {ddl.name_of(table)} order by {order}) to {ddl.literal(str(path))} "  # noqa: S608
            "(format parquet, compression zstd)"
        )
        written.append(path)
    return written


def write_datapackage(tables: Iterable[Table], folder: Path, about: Mapping[str, Any]) -> Path:
    """Write `datapackage.json` for the Parquet files in `folder`."""
    resources = []
    for table in tables:
        path = folder / f"{table.full_name}.parquet"
        content = path.read_bytes()
        resources.append(
            {
                "name": _resource_name(table.full_name),
                "path": path.name,
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "title": table.title["en"],
                "title_id": table.title["id"],
                "description": table.description["en"],
                "caveats": list(table.caveats),
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "schema": schema_of(table),
            }
        )
    package = {**about, "resources": resources}
    path = folder / "datapackage.json"
    path.write_text(
        json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return path
