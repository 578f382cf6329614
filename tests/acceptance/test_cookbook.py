"""Every block of the cookbook gives the answer that the book prints; every quotable fact is still true."""

from __future__ import annotations

import json
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


def test_r_gives_the_same_answers(session: titikrawan.Session, tmp_path: Path) -> None:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("Rscript is not installed")
    test = 'quit(status = !(requireNamespace("duckdb", quietly = TRUE) && requireNamespace("jsonlite", quietly = TRUE)))'
    if subprocess.run([program, "-e", test], capture_output=True).returncode:
        pytest.skip("R has no duckdb or jsonlite")
    lines = [
        f'library(DBI); con <- dbConnect(duckdb::duckdb(), "{session.path.resolve()}", read_only = TRUE)',
        "answers <- list()",
    ]
    for one in cookbook.questions():
        query = one.sql.replace('"', '\\"')
        lines.append(f'answers[["{one.name}"]] <- nrow(dbGetQuery(con, "\n{query}\n"))')
    lines.append("cat(jsonlite::toJSON(answers, auto_unbox = TRUE))")
    script = tmp_path / "cookbook.R"
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([program, str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    counted = {one.name: len(session.df(one.sql)) for one in cookbook.questions()}
    assert json.loads(done.stdout) == counted
