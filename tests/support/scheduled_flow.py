"""A refresh over fake steps that a served process can import, to see a schedule really execute something."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prefect import flow

from flows import notify
from flows.refresh import execute
from tests.support.fakes import FakeRun, FakeStep, runner

STEPS = [FakeStep("read", lambda run: {"rows_read": 3}), FakeStep("publish", lambda run: {"release": run.id})]


@flow(name="scheduled-fake", on_completion=[notify.record], on_failure=[notify.record])
def refresh(areas: list[str] | None = None, langs: list[str] | None = None, force: bool = False) -> Any:
    run = FakeRun(
        "by-schedule", Path(os.environ["TITIKRAWAN_ROOT"]), tuple(areas or ()), tuple(langs or ("id",))
    )
    return execute(run, run_all=runner(STEPS))[1]
