"""SQL definitions of the tables, generated from the catalog: columns, keys, checks and comments.

DuckDB has no foreign keys across schemas. Keys within a schema go into the DDL; the others are checked
before and after the tables are filled (package `quality`) and noted in the comment of the column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.catalog import Field, ForeignKey, Table
from pipelines.catalog.sql import literal, quote

# Rules of package `quality` that NOT NULL and CHECK enforce on every insert.
HELD_RULES = frozenset({"required", "allowed_value", "pattern", "range"})


def name_of(table: Table) -> str:
    """Return the quoted `"layer"."name"`."""
    return f"{quote(table.layer)}.{quote(table.name)}"


def _bound(field: Field, value: Any) -> str:
    return f"{field.sql_type} {literal(str(value))}" if field.type in ("date", "datetime") else literal(value)


def checks(field: Field) -> list[str]:
    """Return the CHECK conditions of one column; a missing value passes, as in SQL."""
    column, found = quote(field.name), []
    constraints = field.constraints
    if "enum" in constraints:
        found.append(f"{column} in ({', '.join(literal(v) for v in constraints['enum'])})")
    if "pattern" in constraints:
        found.append(f"regexp_full_match({column}, {literal(constraints['pattern'])})")
    if "minimum" in constraints:
        found.append(f"{column} >= {_bound(field, constraints['minimum'])}")
    if "maximum" in constraints:
        found.append(f"{column} <= {_bound(field, constraints['maximum'])}")
    return found


def is_enforced(table: Table, key: ForeignKey) -> bool:
    """Return whether DuckDB can enforce the key: only within one schema, and not on the table itself."""
    return key.reference.split(".")[0] == table.layer and key.reference != table.full_name


def create_table(table: Table, types: Mapping[str, str] | None = None) -> str:
    """Return the CREATE TABLE statement of a table.

    Large tables get types and NOT NULL only: an index over tens of millions of rows would cost more time and
    memory than everything else, so their keys and values are verified by query before the release is published.

    Args:
        types: column of a large table -> SQL type that replaces the declared one.
    """
    if table.is_large:
        needed = {f.name for f in table.fields if f.is_required} | set(table.primary_key)
        lines = [
            f"{quote(f.name)} {(types or {}).get(f.name, f.sql_type)}{' not null' if f.name in needed else ''}"
            for f in table.fields
        ]
        return f"create table {name_of(table)} (\n  " + ",\n  ".join(lines) + "\n)"
    lines = []
    for field in table.fields:
        needs_value = field.is_required or field.name in table.primary_key
        parts = [quote(field.name), field.sql_type, "not null" if needs_value else ""]
        parts += [f"check ({condition})" for condition in checks(field)]
        if field.constraints.get("unique") and (field.name,) != table.primary_key:
            parts.append("unique")
        lines.append(" ".join(p for p in parts if p))
    lines.append(f"primary key ({_columns(table.primary_key)})")
    lines += [f"unique ({_columns(key)})" for key in table.unique_keys]
    for key in table.foreign_keys:
        if is_enforced(table, key):
            target = ".".join(map(quote, key.reference.split(".")))
            lines.append(
                f"foreign key ({_columns(key.fields)}) references {target} ({_columns(key.reference_fields)})"
            )
    return f"create table {name_of(table)} (\n  " + ",\n  ".join(lines) + "\n)"


def _columns(names: Iterable[str]) -> str:
    return ", ".join(map(quote, names))


def column_comment(table: Table, field: Field) -> str:
    """Return meaning, unit and reference of a column, in both languages."""
    text = f"{field.title['id']}: {field.description['id']} | {field.title['en']}: {field.description['en']}"
    if field.unit:
        text += f" [{field.unit}]"
    for key in table.foreign_keys:
        if field.name in key.fields:
            target = key.reference_fields[key.fields.index(field.name)]
            text += f" -> {key.reference}.{target}"
    return text


def comments(table: Table) -> list[str]:
    """Return the COMMENT ON statements of a table and its columns."""
    about = f"{table.title['id']}: {table.description['id']} | {table.title['en']}: {table.description['en']}"
    about += f" [{table.grain}]"
    found = [f"comment on {'view' if table.is_view else 'table'} {name_of(table)} is {literal(about)}"]
    found += [
        f"comment on column {name_of(table)}.{quote(f.name)} is {literal(column_comment(table, f))}"
        for f in table.fields
    ]
    return found
