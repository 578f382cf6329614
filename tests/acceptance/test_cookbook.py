"""Every block of the cookbook gives the answer that the book prints; every quotable fact is still true."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import titikrawan
from bench.national_cookbook import STATIONS
from tests.conftest import ROOT
from titikrawan import cookbook
from titikrawan.place import VARIABLE

KEPT = json.loads((ROOT / "docs" / cookbook.ANSWERS).read_text(encoding="utf-8"))
RENEW = "the data changed: python -m titikrawan.cookbook on a warehouse of this state (TITIKRAWAN_WAREHOUSE)"


@pytest.fixture(scope="module")
def session(register_run) -> Iterator[titikrawan.Session]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(register_run.database))
        with titikrawan.connect() as con:
            yield con


@pytest.mark.parametrize("question", cookbook.questions(), ids=lambda one: one.name)
def test_sql_and_python_give_the_printed_answer(
    session: titikrawan.Session, question: cookbook.Question
) -> None:
    in_sql = cookbook.rows_of(cookbook.answer_in_sql(question, session))
    assert in_sql, "a question without an answer teaches nothing"
    assert cookbook.rows_of(cookbook.answer_in_python(question)) == in_sql
    assert KEPT["answers"][question.name] == json.loads(json.dumps(in_sql[: cookbook.SHOWN])), RENEW


def test_every_quotable_fact_is_still_true(session: titikrawan.Session) -> None:
    found = cookbook.values(session)
    assert len(found) >= 30 and None not in found.values()
    assert KEPT["facts"] == found, RENEW


@pytest.mark.parametrize("name", STATIONS)
def test_the_bench_asks_the_stations_what_the_tables_can_answer(
    session: titikrawan.Session, name: str
) -> None:
    assert session.df(STATIONS[name]).empty  # a release of the repository has no result forms


def r_blocks() -> list[str]:
    """The blocks in R as the book prints them."""
    book = (ROOT / "docs" / cookbook.BOOK).read_text(encoding="utf-8")
    return re.findall(r"```r\n(.*?)```", book, re.DOTALL)[-len(cookbook.questions()) :]


def run_in_r(script: Path, *lines: str) -> str:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("Rscript is not installed")
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([program, str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


def test_r_understands_every_block_and_asks_the_same(session: titikrawan.Session, tmp_path: Path) -> None:
    """R runs the blocks over a driver that only hands the query out; DuckDB answers it here."""
    said = run_in_r(
        tmp_path / "cookbook.R",
        "con <- NULL",
        'dbGetQuery <- function(con, statement) { cat(statement, "\\1"); invisible(data.frame()) }',
        *r_blocks(),
    )
    asked = said.split("\1")[:-1]
    assert len(asked) == len(cookbook.questions())
    for query, question in zip(asked, cookbook.questions(), strict=True):
        assert cookbook.rows_of(session.df(query)) == cookbook.rows_of(
            cookbook.answer_in_sql(question, session)
        ), question.name


def test_r_asks_the_file_itself(session: titikrawan.Session, tmp_path: Path) -> None:
    """With R's own driver, or with Python's through reticulate where R has none; texts and numbers of every answer."""
    has = 'cat(requireNamespace("duckdb", quietly = TRUE) || requireNamespace("reticulate", quietly = TRUE))'
    if run_in_r(tmp_path / "there.R", has).strip() != "TRUE":
        pytest.skip("R has neither duckdb nor reticulate")
    said = run_in_r(
        tmp_path / "driver.R",
        f'Sys.setenv(TITIKRAWAN_WAREHOUSE = "{session.path.resolve()}", RETICULATE_PYTHON = "{sys.executable}")',
        f'source("{ROOT / "docs" / "cookbook.R"}")',
        "plain <- function(column) if (is.numeric(column)) round(sum(column, na.rm = TRUE), 6) else sum(!is.na(column))",
        *(f"f <- {block.strip()}\ncat(nrow(f), vapply(f, plain, 0), '\\n')" for block in r_blocks()),
    )
    for line, question in zip(said.splitlines(), cookbook.questions(), strict=True):
        frame = session.df(question.sql)
        known = [len(frame), *(_summed(frame[name]) for name in frame)]
        assert [float(one) for one in line.split()] == pytest.approx(known, rel=1e-6), question.name


def _summed(column: pd.Series) -> float:
    """The sum of numbers, or how many values there are."""
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return float(column.sum() if is_number else column.notna().sum())
