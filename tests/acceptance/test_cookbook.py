"""Every block of the cookbook gives the answer that the book prints; every quotable fact is still true."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import titikrawan
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


def test_r_with_its_own_driver_gives_the_same_answers(session: titikrawan.Session, tmp_path: Path) -> None:
    found = run_in_r(
        tmp_path / "there.R",
        'cat(requireNamespace("duckdb", quietly = TRUE) && requireNamespace("DBI", quietly = TRUE))',
    )
    if found.strip() != "TRUE":
        pytest.skip("R has no duckdb")
    counted = run_in_r(
        tmp_path / "driver.R",
        f'library(DBI); con <- dbConnect(duckdb::duckdb(), "{session.path.resolve()}", read_only = TRUE)',
        *(f"cat(nrow({block.strip()}), '')" for block in r_blocks()),
    )
    assert [int(n) for n in counted.split()] == [len(session.df(one.sql)) for one in cookbook.questions()]
