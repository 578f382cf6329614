"""Rows as text and tables in the warehouse are judged alike on every kind of demand the catalog can make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.catalog import Field, ForeignKey, Rule, Table
from pipelines.catalog.sql import quote
from pipelines.quality import conditions, validate, validate_large, validate_published

WORDS = {"id": "x", "en": "x"}
PROVENANCE = (
    Field("source_file", "string", WORDS, WORDS, constraints={"required": True}),
    Field("source_row", "integer", WORDS, WORDS, constraints={"required": True, "minimum": 0}),
)
GOOD = [("k1", "a"), ("k2", "b"), ("k3", ""), ("k4", "c")]


def table(kind: str = "string", limits: dict[str, Any] | None = None, **more: Any) -> Table:
    """A table `core.t` of a key and a column `x` with the given constraints."""
    fields = (
        Field("key", "string", WORDS, WORDS, constraints={"required": True}),
        Field("x", kind, WORDS, WORDS, constraints=limits or {}),
        *PROVENANCE,
    )
    made = Table("t", "core", WORDS, WORDS, "one row", fields, ("key",), max_quarantine_share=1.0)
    return replace(made, **more)


def text(rows: list[tuple[str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["key", "x"], dtype="str")
    return frame.assign(source_file="f.csv", source_row=range(2, len(rows) + 2))


OTHER = pd.DataFrame({"code": ["a", "b", "c"], "part": ["a", "b", "d"]}, dtype="str")
ONE = (ForeignKey(("x",), "ref.other", ("code",)),)
TWO = (ForeignKey(("x", "x2"), "ref.other", ("code", "part")),)
RULE = (Rule("few", "quarantine", ("x",), "x < 4", WORDS),)
WARN = (Rule("few", "warn", ("x",), "x < 4", WORDS),)
# name -> (table, good values, bad values, the rule they break); an empty value is good unless it is listed as bad.
KINDS: dict[str, tuple[Table, tuple[str, ...], tuple[str, ...], str]] = {
    "required": (table(limits={"required": True}), ("a", "0"), ("",), "required"),
    "codes": (table(limits={"enum": ["a", "b'c"]}), ("a", "b'c", ""), ("A", "a ", "d"), "allowed_value"),
    "numbers as codes": (table("integer", {"enum": [1, 2]}), ("1", "2", ""), ("3",), "allowed_value"),
    "form": (
        table(limits={"pattern": "[0-9]{3}|x{1,2}"}),
        ("012", "xx", ""),
        ("12", "0123", "xxx", "012\n", "\u0660\u0661\u0662"),
        "pattern",
    ),
    "smallest and largest": (
        table("integer", {"minimum": 0, "maximum": 9}), ("0", "9", ""), ("-1", "10"), "range",
    ),
    "smallest only": (table("number", {"minimum": 0.5}), ("0.5", "1e3", ""), ("0.49", "-1"), "range"),
    "first and last day": (
        table("date", {"minimum": "2014-01-01", "maximum": "2024-12-31"}),
        ("2014-01-01", "2024-12-31", ""),
        ("2013-12-31", "2025-01-01"),
        "range",
    ),
    "first moment": (
        table("datetime", {"minimum": "2024-02-14 07:00"}),
        ("2024-02-14 07:00", "2024-02-14T07:00:01", ""),
        ("2024-02-14 06:59",),
        "range",
    ),
    "once": (table(limits={"unique": True}), ("a", "b", "", ""), ("c", "c"), "unique"),
    "row of another table": (table(foreign_keys=ONE), ("a", "c", ""), ("d", "A"), "foreign_key"),
    "declared rule": (table("integer", rules=RULE), ("3", "-1", ""), ("4", "5"), "few"),
    "declared warning": (table("integer", rules=WARN), ("3", ""), ("4",), "few"),
    "truth": (table("boolean", {"enum": [True]}), ("true", ""), ("false",), "allowed_value"),
}  # fmt: skip


def rows_of(good: tuple[str, ...], bad: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"k{n}", value) for n, value in enumerate((*good, *bad))]


@pytest.mark.parametrize("name", KINDS)
def test_rows_of_text_are_judged_by_it(name: str) -> None:
    declared, good, bad, rule = KINDS[name]
    found = validate(declared, text(rows_of(good, bad)), {"ref.other": OTHER})
    rule = "conflicting_duplicate" if rule == "unique" else rule
    lines = list(range(2 + len(good), 2 + len(good) + len(bad)))
    assert found.problems["rule"].to_list() == [rule] * len(bad)
    assert found.problems["source_row"].to_list() == lines
    assert len(found.typed) == (len(good) + len(bad) if name == "declared warning" else len(good))


@pytest.mark.parametrize("name", KINDS)
def test_tables_of_the_warehouse_and_tables_we_computed_are_judged_alike(name: str) -> None:
    declared, good, bad, rule = KINDS[name]
    for rows, expected in ((rows_of(good, ()), set()), (rows_of(good, bad), {rule})):
        frame = typed(declared, rows)
        published = validate_published(declared, frame, {"ref.other": OTHER})
        assert set(published[published["status"] != "pass"]["rule"]) == expected
        if name == "declared warning":
            expected = set()  # a release is not stopped by what was only worth a warning
        with duckdb.connect(":memory:") as con:
            large = validate_large(load(con, declared, frame), declared)
        assert set(large[large["status"] != "pass"]["rule"]) == expected


def typed(declared: Table, rows: list[tuple[str, str]]) -> pd.DataFrame:
    """The rows with the types of the catalog, whatever else is wrong with them."""
    loose = replace(declared, fields=tuple(replace(f, constraints={}) for f in declared.fields), rules=())
    return validate(replace(loose, foreign_keys=()), text(rows), {}).typed


def load(con: duckdb.DuckDBPyConnection, declared: Table, frame: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    for schema in ("core", "ref"):
        con.execute(f"create schema {schema}")
    con.register("frame", frame)
    columns = ", ".join(f"cast({quote(f.name)} as {f.sql_type}) as {quote(f.name)}" for f in declared.fields)
    con.execute(f"create table core.t as select {columns} from frame")
    con.register("other", OTHER)
    con.execute("create table ref.other as select * from other")
    return con


# A key of two parts with an empty part points at nothing and equals no other key.
@pytest.mark.parametrize(
    ("values", "expected"),
    [(("a", "a"), []), (("b", "b"), []), (("a", "b"), ["foreign_key"]), (("", "z"), []), (("a", ""), [])],
)
def test_key_of_two_parts_finds_its_row_or_has_an_empty_part(
    values: tuple[str, str], expected: list[str]
) -> None:
    second = Field("x2", "string", WORDS, WORDS)
    declared = table(foreign_keys=())
    declared = replace(declared, fields=(*declared.fields, second), foreign_keys=TWO)
    frame = text([("k", values[0])]).assign(x2=pd.Series([values[1]], dtype="str"))
    assert validate(declared, frame, {"ref.other": OTHER}).problems["rule"].to_list() == expected


def test_key_of_two_parts_stands_once_or_has_an_empty_part() -> None:
    declared = table(unique_keys=(("x", "source_file"),))
    found = validate(declared, text([("k1", "a"), ("k2", "a"), ("k3", ""), ("k4", ""), ("k5", "b")]), {})
    assert found.problems["source_row"].to_list() == [2, 3]


def test_table_that_points_at_itself_is_its_own_reference() -> None:
    declared = table(foreign_keys=(ForeignKey(("x",), "core.t", ("key",)),))
    found = validate(declared, text([("k1", ""), ("k2", "k1"), ("k3", "k9"), ("k4", "k3")]), {})
    assert found.problems[["source_row", "rule"]].to_numpy().tolist() == [
        [4, "foreign_key"],
        [5, "foreign_key"],
    ]


def test_every_kind_of_demand_is_among_them() -> None:
    seen = {c.rule for declared, *_ in KINDS.values() for c in conditions(declared)}
    assert seen == {"required", "unique", "allowed_value", "pattern", "range", "foreign_key", "few"}
