"""A result is trusted only from an engine that was seen to refuse."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pandas as pd
import pytest

from pipelines.catalog import Field, Table
from pipelines.quality import EngineError, conditions, engine
from pipelines.quality.engine import ask, failing_rows

WORDS = {"id": "x", "en": "x"}
FIELDS = (
    Field("n", "integer", WORDS, WORDS, constraints={"maximum": 5}),
    Field("m", "integer", WORDS, WORDS, constraints={"maximum": 50}),
    Field("code", "string", WORDS, WORDS),
)
TABLE = Table("t", "core", WORDS, WORDS, "one row", FIELDS, ("code",))
COUNTS = pd.Series([1, 2, None, 9], dtype="Int64")
FRAME = pd.DataFrame({"n": COUNTS, "m": COUNTS, "code": pd.Series(["a", "b", "b", "c"], dtype="str")})


def test_rows_are_named_by_position() -> None:
    wanted = conditions(TABLE)
    assert [c.rule for c in wanted] == ["range", "range", "unique"]
    assert failing_rows(TABLE, wanted, FRAME, {}) == {0: [3], 2: [1, 2]}


def test_what_great_expectations_cannot_ask_is_an_error_not_a_failure_of_the_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "broken", lambda *_: "no_such_column > 1")
    with pytest.raises(EngineError, match="no_such_column"):
        failing_rows(TABLE, conditions(TABLE), FRAME, {})


def test_verdict_that_names_no_rows_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.prove()
    monkeypatch.setattr(engine, "ask", lambda *_: {0: 7})
    with pytest.raises(EngineError, match="not trusted"):
        failing_rows(TABLE, conditions(TABLE), FRAME, {})


def test_an_engine_that_lets_everything_pass_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.prove.cache_clear()
    monkeypatch.setattr(engine, "ask", lambda *_: {})
    with pytest.raises(EngineError, match="lets through what must fail"):
        failing_rows(TABLE, conditions(TABLE), FRAME, {})


def test_great_expectations_is_imported_on_first_use_only() -> None:
    code = "import sys, pipelines.quality; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_threads_and_databases_do_not_see_each_others_rows() -> None:
    """One GX source serves them all; a table of the same name in another database, or made anew, is another."""

    def finds(n: int) -> bool:
        with duckdb.connect() as con:
            con.execute("create table same_name as select ? as a, 'x' as b from range(?)", [n, n])
            first = ask(con, "same_name", [f"a = {n}", f"a <> {n}"], "same_name")
            con.execute("create or replace table same_name as select 'y' as c")
            return first == {0: n} and ask(con, "same_name", ["c = 'x'", "c = 'y'"], "same_name") == {1: 1}

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(finds, range(1, 9)))
