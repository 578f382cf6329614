"""A refresh whose one step works in processes of its own, as pages are made, for as long as a test wants."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prefect import flow

from flows import notify
from flows.refresh import execute
from pipelines.jobs import beside
from pipelines.jobs.lifeline import end_with_parent
from tests.support.fakes import FakeRun, FakeStep, runner
from tests.support.slow_work import work


@flow(
    name="slow-fake",
    on_completion=[notify.record],
    on_failure=[notify.record],
    on_crashed=[notify.record],
    on_cancellation=[notify.record],
)
def refresh(seconds: float = 3, quarantined: int = 0) -> Any:
    def pages(run: FakeRun) -> dict[str, Any]:
        with beside.pool(2, end_with_parent) as pool:
            for one in pool.done([pool.submit(work, seconds) for _ in range(2)]):
                one.result()
        return {"rows_quarantined": quarantined}

    run = FakeRun("slow", Path(os.environ["TITIKRAWAN_ROOT"]))
    return execute(run, run_all=runner([FakeStep("report", pages)]))[1]
