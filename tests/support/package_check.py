"""A second validator of data packages, which knows nothing but the package: types, constraints, keys, sizes, hashes.

frictionless reads every row in Python; this one hands the CSV to DuckDB with the declared types and asks it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog.sql import file_list, literal, quote

TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
}
PACKAGE_KEYS = {"name", "title", "version", "created", "licenses", "resources"}


def faults(descriptor: Path) -> list[str]:
    """What is wrong with a package; empty where nothing is."""
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    found = [f"the package has no {key}" for key in sorted(PACKAGE_KEYS - package.keys())]
    names = [one["name"] for one in package["resources"]]
    found += [f"{name} is listed twice" for name in sorted({n for n in names if names.count(n) > 1})]
    with duckdb.connect() as con:
        for resource in package["resources"]:
            found += _files(descriptor.parent, resource)
            if resource["format"] == "csv":
                found += _load(con, descriptor.parent, resource)
        for resource in package["resources"]:
            if resource["format"] == "csv":
                found += _keys(con, resource, set(names))
    return found


def _files(folder: Path, resource: dict[str, Any]) -> Iterator[str]:
    paths = [resource["path"]] if isinstance(resource["path"], str) else resource["path"]
    hashes = {paths[0]: resource["hash"]} if "hash" in resource else resource["hashes"]
    for name in paths:
        content = (folder / name).read_bytes()
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != hashes[name]:
            yield f"{resource['name']}: {name} has another hash"
    if "bytes" in resource and (folder / paths[0]).stat().st_size != resource["bytes"]:
        yield f"{resource['name']}: another size"


def _load(con: duckdb.DuckDBPyConnection, folder: Path, resource: dict[str, Any]) -> Iterator[str]:
    name, fields = resource["name"], resource["schema"]["fields"]
    columns = ", ".join(f"{literal(f['name'])}: {literal(TYPES[f['type']])}" for f in fields)
    files = file_list([folder / resource["path"]])
    source = f"read_csv({files}, header = true, columns = {{{columns}}}, auto_detect = false)"
    try:
        con.execute(f"create table {quote(name)} as from {source}")
    except duckdb.Error as error:
        yield f"{name}: {error}"
        return
    for field in fields:
        for rule, condition in _conditions(field):
            row = con.execute(f"select count(*) from {quote(name)} where not ({condition})").fetchone()
            if row and row[0]:
                yield f"{name}.{field['name']}: {row[0]} rows break {rule}"


def _conditions(field: dict[str, Any]) -> Iterator[tuple[str, str]]:
    column = quote(field["name"])
    for rule, value in field.get("constraints", {}).items():
        cast = f"{literal(value)}::{TYPES[field['type']]}" if not isinstance(value, list | bool) else ""
        if rule == "required" and value:
            yield rule, f"{column} is not null"
        elif rule == "enum":
            yield rule, f"{column} in ({', '.join(map(literal, value))})"
        elif rule == "pattern":
            yield rule, f"regexp_full_match({column}, {literal(value)})"
        elif rule in ("minimum", "maximum"):
            yield rule, f"{column} {'>=' if rule == 'minimum' else '<='} {cast}"


def _keys(con: duckdb.DuckDBPyConnection, resource: dict[str, Any], names: set[str]) -> Iterator[str]:
    name, schema = resource["name"], resource["schema"]
    key = ", ".join(map(quote, schema["primaryKey"]))
    row = con.execute(
        f"select count(*) from (select {key} from {quote(name)} group by all having count(*) > 1)"
    ).fetchone()
    if row and row[0]:
        yield f"{name}: {row[0]} keys occur twice"
    for one in schema.get("foreignKeys", ()):
        target = one["reference"]["resource"] or name
        if target not in names:
            yield f"{name}: points at {target}, which is not in the package"
            continue
        pairs = zip(one["fields"], one["reference"]["fields"], strict=True)
        joined = " and ".join(f"a.{quote(mine)} = b.{quote(theirs)}" for mine, theirs in pairs)
        stated = " and ".join(f"a.{quote(mine)} is not null" for mine in one["fields"])
        row = con.execute(
            f"select count(*) from {quote(name)} a where {stated}"
            f" and not exists (select 1 from {quote(target)} b where {joined})"
        ).fetchone()
        if row and row[0]:
            yield f"{name}: {row[0]} rows point at nothing in {target}"
