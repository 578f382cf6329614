"""What the catalog demands of a table, as a list of conditions; the Great Expectations suite follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..catalog import Field, Table


@dataclass(frozen=True)
class Condition:
    """One demand on every row.

    Attributes:
        rule: what is demanded: `required`, `unique`, `allowed_value`, `pattern`, `range`, `foreign_key`, or
            the id of a declared rule.
        columns: declared columns it is about.
        expectation: class name in `great_expectations.expectations`, with its `arguments`.
        severity: `quarantine`, `warn` or `stop`.
        expected: the demand in few words, for `meta.checks`.
    """

    rule: str
    columns: tuple[str, ...]
    expectation: str
    arguments: Mapping[str, Any]
    severity: str = "quarantine"
    expected: str = ""
    message: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.rule}({', '.join(self.columns)})"


def rule_column(rule_id: str) -> str:
    """Name of the helper column that says whether a declared rule holds in a row."""
    return f"rule:{rule_id}"


def reference_column(columns: tuple[str, ...]) -> str:
    """Name of the helper column that says whether a foreign key finds its row."""
    return f"reference:{','.join(columns)}"


def conditions(table: Table) -> tuple[Condition, ...]:
    """Every row condition of `table`: fields first, then keys, foreign keys and declared rules."""
    found = [c for f in table.fields for c in _of_field(f)]
    keys = dict.fromkeys((table.primary_key, *table.unique_keys, *_unique_fields(table)))
    found += [_unique(key) for key in keys]
    for key in table.foreign_keys:
        target = f"{key.reference}({', '.join(key.reference_fields)})"
        found.append(_holds("foreign_key", key.fields, reference_column(key.fields), f"in {target}"))
    for rule in table.rules:
        name = rule_column(rule.id)
        found.append(
            Condition(
                rule.id,
                rule.columns,
                "ExpectColumnValuesToBeInSet",
                {"column": name, "value_set": [True]},
                rule.severity,
                rule.expr,
                rule.message,
            )
        )
    return tuple(found)


def _unique_fields(table: Table) -> list[tuple[str, ...]]:
    return [(f.name,) for f in table.fields if f.constraints.get("unique")]


def _holds(rule: str, columns: tuple[str, ...], helper: str, expected: str) -> Condition:
    arguments = {"column": helper, "value_set": [True]}
    return Condition(rule, columns, "ExpectColumnValuesToBeInSet", arguments, expected=expected)


def _unique(key: tuple[str, ...]) -> Condition:
    expected = f"unique: {', '.join(key)}"
    if len(key) == 1:
        return Condition("unique", key, "ExpectColumnValuesToBeUnique", {"column": key[0]}, expected=expected)
    # As in SQL, a key with an empty part equals no other key.
    arguments = {"column_list": list(key), "ignore_row_if": "any_value_is_missing"}
    return Condition("unique", key, "ExpectCompoundColumnsToBeUnique", arguments, expected=expected)


def _of_field(field: Field) -> list[Condition]:
    found, limits, column = [], field.constraints, (field.name,)
    on = {"column": field.name}
    if limits.get("required"):
        found.append(Condition("required", column, "ExpectColumnValuesToNotBeNull", on, expected="not empty"))
    if "enum" in limits:
        allowed = list(limits["enum"])
        found.append(
            Condition(
                "allowed_value",
                column,
                "ExpectColumnValuesToBeInSet",
                on | {"value_set": allowed},
                expected=f"one of {', '.join(map(str, allowed))}",
            )
        )
    if "pattern" in limits:
        # \A and \Z: Frictionless patterns match the whole value, and `$` would let a line break pass.
        regex = rf"\A(?:{limits['pattern']})\Z"
        found.append(
            Condition(
                "pattern",
                column,
                "ExpectColumnValuesToMatchRegex",
                on | {"regex": regex},
                expected=f"form {limits['pattern']}",
            )
        )
    low, high = limits.get("minimum"), limits.get("maximum")
    if low is not None or high is not None:
        bounds = {"min_value": _bound(field, low), "max_value": _bound(field, high)}
        expected = " and ".join(f"{sign} {v}" for sign, v in ((">=", low), ("<=", high)) if v is not None)
        found.append(
            Condition("range", column, "ExpectColumnValuesToBeBetween", on | bounds, expected=expected)
        )
    return found


def _bound(field: Field, value: Any) -> Any:
    return pd.Timestamp(value) if value is not None and field.type in ("date", "datetime") else value
