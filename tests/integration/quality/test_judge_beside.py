"""The judge beside a run: it agrees or ends the run, and a judge that is gone is never taken for one that agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.jobs import judging
from pipelines.jobs.run import Run
from pipelines.quality import EngineError, conditions
from pipelines.quality.engine import failing_rows
from tests.integration.quality.test_engine import FRAME, TABLE


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr(judging, "LIBRARY", "a library that this process has not loaded")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    one = Run("2026-01-01-0123456789ab", "", tmp_path)
    with judging.beside(one):
        yield one
    assert judging.later(one) is None


def ask(run: Run) -> None:
    later = judging.later(run)
    assert later is not None
    assert failing_rows(TABLE, conditions(TABLE), FRAME, {}, later) == {0: [3], 2: [1, 2]}


def test_verdicts_are_awaited_and_one_that_differs_ends_the_run(run: Run) -> None:
    ask(run)
    judging.agreed(run)

    later = judging.later(run)
    assert later is not None
    failing_rows(
        TABLE, conditions(TABLE), FRAME, {}, lambda question, found: later(question, {**found, 1: 1})
    )
    with judging.beside(run):  # a run after one that ended early: what that one asked is no matter of it
        ask(run)
        judging.agreed(run)
        later = judging.later(run)
        assert later is not None
        failing_rows(TABLE, conditions(TABLE), FRAME, {}, lambda question, found: later(question, {}))
        with pytest.raises(EngineError, match=r"core\.t: Great Expectations finds .*own query"):
            judging.agreed(run)


def test_a_judge_that_is_gone_ends_the_run(run: Run) -> None:
    ask(run)
    (judge,) = judging._JUDGE
    judge._process.kill()
    with pytest.raises(EngineError, match="nothing was published"):
        judging.agreed(run)
    assert judging._JUDGE == []


def test_without_a_judge_beside_it_a_run_waits_for_nothing(tmp_path: Path) -> None:
    alone = Run("2026-01-01-0123456789ab", "", tmp_path)
    assert judging.later(alone) is None
    judging.agreed(alone)
