"""A mart computed in the second process is the mart computed here; a process that dies leaves its work to this one."""

from __future__ import annotations

import os
import signal
from multiprocessing import active_children, connection
from pathlib import Path

import pandas as pd
import pytest

from pipelines import catalog
from pipelines.jobs import apart
from pipelines.jobs.run import Run
from pipelines.jobs.steps import derive
from pipelines.marts import Release

FRAMES = {
    "ref.elections": pd.DataFrame(
        {"election_id": ["pemilu-2024", "pilkada-2024"], "voting_date": pd.to_datetime(["2024-02-14", "2024-11-27"]),
         "kind": ["general", "regional"]}
    )
}  # fmt: skip
NAME, RELEASE = "ref.poll_close", Release(7)


def planned(root: Path, only: tuple[str, ...] = ()) -> Run:
    return Run("2026-01-01-aaaaaaaaaaaa", "aaaaaaaaaaaa", root, only=only)


@pytest.mark.slow
def test_elsewhere_and_here_make_the_same_and_a_dead_process_is_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    run = planned(tmp_path)
    here = apart.compute("poll_close", FRAMES, RELEASE)[NAME]
    assert len(here)
    with apart.beside(run), apart.process(run) as other:
        assert other is not None
        there = other.submit("poll_close", FRAMES, RELEASE).made()[NAME]
        pd.testing.assert_frame_equal(there, here)
        (pid,) = other._pool._processes
        waiting = other.submit("poll_close", FRAMES, RELEASE)
        os.kill(pid, signal.SIGKILL)
        pd.testing.assert_frame_equal(waiting.made()[NAME], here)
        pd.testing.assert_frame_equal(other.submit("poll_close", FRAMES, RELEASE).made()[NAME], here)


@pytest.mark.slow
def test_a_run_that_ends_early_does_not_wait_for_its_second_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    before = set(active_children())
    with apart.beside(planned(tmp_path)):
        (started,) = set(active_children()) - before
    assert connection.wait([started.sentinel], timeout=5)
    # It was still importing its libraries. None: the pool's own thread collected the exit code.
    assert started.exitcode in (-signal.SIGKILL, None)


def test_one_core_or_a_partial_run_needs_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert apart.is_wanted(planned(tmp_path))
    partial = planned(tmp_path, only=("mart.counts",))
    with apart.beside(partial), apart.process(partial) as other:
        assert other is None
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with apart.beside(planned(tmp_path)), apart.process(planned(tmp_path)) as other:
        assert other is None


def test_tables_are_filled_after_what_they_depend_on_and_slow_ones_as_soon_as_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = [table for table in catalog.load() if table.sql or table.derived]
    filled: list[str] = []
    filling = derive._Filling(planned(tmp_path), None, None, todo, None)  # type: ignore[arg-type]
    monkeypatch.setattr(filling, "_reach", lambda table: filled.append(table.full_name))
    filling.fill()
    assert sorted(filled) == sorted(table.full_name for table in todo)
    needs = {t.full_name: {*t.depends_on} | {key.reference for key in t.foreign_keys} for t in todo}
    of_module = {
        t.full_name: {u.full_name for u in todo if t.derived and u.derived == t.derived} for t in todo
    }
    at = {name: place for place, name in enumerate(filled)}
    for table in todo:
        before = [at[name] for name in needs[table.full_name] - of_module[table.full_name] if name in at]
        assert all(place < at[table.full_name] for place in before), table.full_name
        if table.derived and apart.is_apart(table.derived):
            others = [n for n in filled[max(before, default=-1) + 1 : at[table.full_name]] if not slow(n)]
            assert not others, f"{table.full_name} could begin before {others}"


def slow(name: str) -> bool:
    derived = catalog.table(name).derived
    return bool(derived) and apart.is_apart(derived)


def test_what_is_apart_makes_tables_that_a_run_fills() -> None:
    modules = {table.derived for table in catalog.load() if table.derived}
    assert {module for module in modules if apart.is_apart(module)} == {
        "backtest",
        "clusters",
        "conflicts",
        "disputes",
        "exposure",
        "funnel",
        "ground_profile",
        "hotspots",
    }
