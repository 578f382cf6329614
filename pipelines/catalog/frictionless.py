"""Describe a declared column in Frictionless terms, for the sidecars of
inputs and the data package of a release."""

from __future__ import annotations

from typing import Any

from .model import Field


def describe_field(field: Field) -> dict[str, Any]:
    """Return the field descriptor of Frictionless Table Schema, with our
    own `unit`, `title_id` and `description_id`."""
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
        described["constraints"] = {name: _plain(value) for name, value in field.constraints.items()}
    return described


def _plain(value: Any) -> Any:
    """Convert a value to JSON's own types: tuples to lists, dates to text."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)
