"""The catalog's requirements on a table as a list of conditions, from
which SQL (`sql`) and checks are generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..catalog import Field, Table


@dataclass(frozen=True)
class Condition:
    """One requirement on every row.

    Attributes:
        rule: `required`, `unique`, `allowed_value`, `pattern`, `range`, `foreign_key`, or the id of a declared
            rule.
        columns: the declared columns concerned.
        severity: `quarantine`, `warn` or `stop`.
        expected: the requirement in a few words, for `meta.checks`.
        message: message of a declared rule in both languages.
        limits: `values` (allowed_value), `pattern`, or `minimum` and `maximum` (range).
    """

    rule: str
    columns: tuple[str, ...]
    severity: str = "quarantine"
    expected: str = ""
    message: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.rule}({', '.join(self.columns)})"


def conditions(table: Table) -> tuple[Condition, ...]:
    """Return every row condition of `table`: fields first, then keys, foreign keys and declared rules."""
    found = [c for f in table.fields for c in _of_field(f)]
    keys = dict.fromkeys((table.primary_key, *table.unique_keys, *_unique_fields(table)))
    found += [Condition("unique", key, expected=f"unique: {', '.join(key)}") for key in keys]
    for key in table.foreign_keys:
        target = f"{key.reference}({', '.join(key.reference_fields)})"
        found.append(Condition("foreign_key", key.fields, expected=f"in {target}"))
    found += [Condition(r.id, r.columns, r.severity, r.expr, r.message) for r in table.rules]
    return tuple(found)


def _unique_fields(table: Table) -> list[tuple[str, ...]]:
    return [(f.name,) for f in table.fields if f.constraints.get("unique")]


def _of_field(field: Field) -> list[Condition]:
    found, limits, column = [], field.constraints, (field.name,)
    if limits.get("required"):
        found.append(Condition("required", column, expected="not empty"))
    if "enum" in limits:
        allowed = list(limits["enum"])
        expected = f"one of {', '.join(map(str, allowed))}"
        found.append(Condition("allowed_value", column, expected=expected, limits={"values": allowed}))
    if "pattern" in limits:
        pattern = limits["pattern"]
        found.append(Condition("pattern", column, expected=f"form {pattern}", limits={"pattern": pattern}))
    low, high = limits.get("minimum"), limits.get("maximum")
    if low is not None or high is not None:
        bounds = {"minimum": _bound(field, low), "maximum": _bound(field, high)}
        expected = " and ".join(f"{sign} {v}" for sign, v in ((">=", low), ("<=", high)) if v is not None)
        found.append(Condition("range", column, expected=expected, limits=bounds))
    return found


def _bound(field: Field, value: Any) -> Any:
    return pd.Timestamp(value) if value is not None and field.type in ("date", "datetime") else value
