"""Questions of one area answered from the whole: the same rows in the same order as if each were asked alone."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.reporting.facts.bulk import AFTER, WITHIN, Bulk
from pipelines.reporting.facts.reads import Reads

CODES = ("11", "1101", "1102", "12", "1201", "11-2010")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as one:
        one.execute("create table t (area_code text, n integer, kind text, parent_code text)")
        one.executemany(
            "insert into t values (?, ?, ?, ?)",
            [(c, k, "xy"[k % 2], c[:2]) for c in CODES for k in range(3)],
        )
        yield one


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("select * from t where area_code = ? order by n desc", 1),
        (f"select n, area_code from t where {WITHIN} and (kind = 'x' or n = 1) order by n, area_code", 2),
        ("select * from t where parent_code = ? order by n desc, area_code", 1),
        ("select t.*, 1 as one from t where t.area_code = ? order by n desc", 1),
        ("select t.*, m.kind as other from t join (select kind from t) as m using (kind) where area_code = ?"
         " order by n, other", 1),
    ],
)  # fmt: skip
def test_the_whole_answers_as_each_question_would(
    con: duckdb.DuckDBPyConnection, sql: str, values: int
) -> None:
    bulk, answered = Bulk(con), 0
    for code in (*CODES, *CODES, "99"):
        asked = con.execute(sql, [code] * values)
        expected = asked.fetchall()
        if (found := bulk.answer(sql, [code] * values)) is not None:
            assert found[1] == expected and [d[0] for d in found[0]] == [
                d[0] for d in asked.description or ()
            ]
            answered += 1
    assert answered == 2 * len(CODES) + 1 - AFTER


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("select count(*) as n from t where area_code = ?", ["11"]),
        ("select * from t where area_code = ? limit 1", ["11"]),
        ("select * from t where area_code = ? or n = 1", ["11"]),
        ("select * from t where n > 0 and area_code = ?", ["11"]),
        ("select * from (select * from t where area_code = ?)", ["11"]),
        ("select * from t where area_code = ? and n = ?", ["11", 1]),
        ("select n from t where area_code = ?", ["11"]),
    ],
)
def test_other_questions_are_asked_one_by_one(
    con: duckdb.DuckDBPyConnection, sql: str, values: list[object]
) -> None:
    bulk = Bulk(con)
    assert all(bulk.answer(sql, values) is None for _ in range(AFTER + 2))


def test_what_was_noted_one_by_one_still_compares_with_the_whole(con: duckdb.DuckDBPyConnection) -> None:
    sql = "select * from t where area_code = ? order by n"
    before = Reads(con)
    for code in CODES:
        before.execute(sql, [code])
    after = Reads(con)
    for _ in range(AFTER):
        for code in CODES:
            after.execute(sql, [code])
    assert after.gives_the_same(before.noted(), before.texts)
