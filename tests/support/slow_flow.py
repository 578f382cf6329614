"""A refresh whose one step works in processes of its own, as pages are made, for as long as a test wants."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from prefect import flow

from flows import notify
from flows.refresh import execute
from pipelines.jobs.lifeline import end_with_parent
from tests.support.fakes import FakeRun, FakeStep, runner
from tests.support.slow_work import without_main, work


@flow(
    name="slow-fake",
    on_completion=[notify.record],
    on_failure=[notify.record],
    on_crashed=[notify.record],
    on_cancellation=[notify.record],
)
def refresh(seconds: float = 3, quarantined: int = 0) -> Any:
    def pages(run: FakeRun) -> dict[str, Any]:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
            with without_main():
                found = [pool.submit(work, seconds) for _ in range(2)]
            _ = [one.result() for one in found]
        return {"rows_quarantined": quarantined}

    run = FakeRun("slow", Path(os.environ["TITIKRAWAN_ROOT"]))
    return execute(run, run_all=runner([FakeStep("report", pages)]))[1]
