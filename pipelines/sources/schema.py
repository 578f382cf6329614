"""Convert a catalog table to a Frictionless Table Schema for the sidecar."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ..catalog import Table
from ..catalog.frictionless import describe_field


def table_schema(table: Table, whole_files: Mapping[str, str]) -> dict[str, Any]:
    """Fields, constraints and keys of `table`, without the columns the pipeline adds.

    `whole_files` maps a table to the single file of the same package that holds all of it. Frictionless can
    only check a foreign key against such a file; keys that point elsewhere are stated under a property of our
    own.
    """
    names = {f.name for f in table.source_fields}
    schema: dict[str, Any] = {
        "fields": [describe_field(f) for f in table.source_fields],
        "missingValues": [""],
    }
    if set(table.primary_key) <= names:
        schema["primaryKey"] = list(table.primary_key)
    inside: list[dict[str, Any]] = []
    across: list[dict[str, Any]] = []
    for key in table.foreign_keys:
        file = whole_files.get(key.reference)
        resource = PurePath(file).stem if file else key.reference
        reference = {"resource": resource, "fields": list(key.reference_fields)}
        (inside if file else across).append({"fields": list(key.fields), "reference": reference})
    if inside:
        schema["foreignKeys"] = inside
    if across:
        schema["foreignKeysAcrossPackages"] = across
    return schema
