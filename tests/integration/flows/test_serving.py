"""A served cron schedule really gets runs and really executes them, against a real server.

With SQLAlchemy 2.1 schedules silently got no runs while runs by hand worked: only this sees it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.flows, pytest.mark.slow]

SERVE = """
from pathlib import Path
import sys
from flows.deploy import serve_schedules
from flows.schedules import read_schedules
from tests.support.scheduled_flow import refresh
serve_schedules(read_schedules(Path(sys.argv[1])), flow=refresh)
"""
EVERY_MINUTE = '- {name: every-minute, cron: "* * * * *", parameters: {areas: ["31"]}}\n'
NEVER = '- {name: leap-day, cron: "0 0 29 2 *", active: false}\n'


def eventually(look: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.5)
    pytest.fail(f"nothing after {seconds:.0f} s")


@pytest.fixture
def served(server: str, tmp_path: Path) -> Iterator[tuple[Path, Callable[[str], subprocess.Popen[bytes]]]]:
    """Project folder, and a function that serves a schedules.yaml text in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(schedules: str) -> subprocess.Popen[bytes]:
        path = tmp_path / "schedules.yaml"
        path.write_text(schedules, encoding="utf-8")
        environment = os.environ | {
            "PREFECT_API_URL": server,
            "PREFECT_HOME": str(tmp_path / ".prefect"),
            "PREFECT_RUNNER_POLL_FREQUENCY": "2",
            "TITIKRAWAN_ROOT": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(path)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield tmp_path, start
    for process in started:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def deployment() -> Any:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return next((d for d in client.read_deployments() if d.name == "scheduled"), None)


def runs(deployment_id: Any) -> list[Any]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

    with get_client(sync_client=True) as client:
        mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
        return list(client.read_flow_runs(deployment_filter=mine))


def slugs() -> list[str]:
    return [schedule.slug for schedule in deployment().schedules]


def test_cron_schedule_gets_runs_and_one_is_executed(served: Any) -> None:
    folder, start = served
    process = start(EVERY_MINUTE)

    made = eventually(deployment, 180)
    scheduled = eventually(lambda: runs(made.id), 180)
    assert all(run.auto_scheduled and run.parameters["areas"] == ["31"] for run in scheduled)

    done = eventually(lambda: [run for run in runs(made.id) if run.state.is_final()], 300)[0]
    assert done.state.is_completed(), done.state
    assert done.auto_scheduled
    status = eventually((folder / "data/warehouse/status.json").exists, 60) and json.loads(
        (folder / "data/warehouse/status.json").read_text()
    )
    assert (status["state"], status["flow_run"]) == ("completed", str(done.id))

    stop(process)
    kept = deployment()
    assert not kept.paused
    assert all(schedule.active for schedule in kept.schedules)

    start(NEVER)
    eventually(lambda: slugs() == ["leap-day"], 180)
