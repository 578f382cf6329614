"""A mart computed in the second process is the mart computed here; a process that dies leaves its work to this one."""

from __future__ import annotations

import os
import signal

import pandas as pd
import pytest

from pipelines import catalog
from pipelines.jobs import apart
from pipelines.marts import Release

FRAMES = {
    "ref.elections": pd.DataFrame(
        {"election_id": ["pemilu-2024", "pilkada-2024"], "voting_date": pd.to_datetime(["2024-02-14", "2024-11-27"]),
         "kind": ["general", "regional"]}
    )
}  # fmt: skip
NAME, RELEASE = "ref.poll_close", Release(7)


@pytest.mark.slow
def test_elsewhere_and_here_make_the_same_and_a_dead_process_is_no_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    here = apart.compute("poll_close", FRAMES, RELEASE)[NAME]
    assert len(here)
    with apart.process(("poll_close",)) as other:
        assert other is not None
        there = other.submit("poll_close", FRAMES, RELEASE).made()[NAME]
        pd.testing.assert_frame_equal(there, here)
        (pid,) = other._pool._processes
        waiting = other.submit("poll_close", FRAMES, RELEASE)
        os.kill(pid, signal.SIGKILL)
        pd.testing.assert_frame_equal(waiting.made()[NAME], here)
        pd.testing.assert_frame_equal(other.submit("poll_close", FRAMES, RELEASE).made()[NAME], here)


def test_one_core_or_nothing_to_do_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with apart.process(()) as other:
        assert other is None
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with apart.process(("poll_close",)) as other:
        assert other is None


def test_what_is_apart_makes_tables_that_a_run_fills() -> None:
    modules = {table.derived for table in catalog.load() if table.derived}
    assert {module for module in modules if apart.is_apart(module)} == {
        "backtest",
        "clusters",
        "conflicts",
        "disputes",
        "funnel",
        "ground_profile",
    }
