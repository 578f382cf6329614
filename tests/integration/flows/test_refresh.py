"""The refresh flow runs the steps of the plain runner, in order, and fails when one of them fails."""

from __future__ import annotations

import errno
import json
import time
from pathlib import Path
from typing import Any

import pytest

from pipelines.catalog.messages import UserError
from pipelines.jobs.run import DataRefusedError, HeldError
from tests.support.fakes import FakeRun, FakeStep, runner
from tests.support.prefect_home import DATABASE, SAID, begun

pytestmark = pytest.mark.flows


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> FakeRun:
    return FakeRun(id=f"2026-11-25-{request.node.name.replace('_', '-')}", root=tmp_path)


def counting(seen: list[str], name: str, **facts: Any) -> FakeStep:
    def function(run: FakeRun) -> dict[str, Any]:
        seen.append(name)
        return {"step": name, "release": run.id, **facts}

    return FakeStep(name, function)


def flow_run(run: FakeRun) -> Any:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

    with get_client(sync_client=True) as client:
        named = FlowRunFilter(name=FlowRunFilterName(any_=[f"refresh {run.id}"]))
        (found,) = client.read_flow_runs(flow_run_filter=named)
    return found


def artifact(run: FakeRun) -> str:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

    with get_client(sync_client=True) as client:
        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run(run).id]))
        (found,) = [a for a in client.read_artifacts(artifact_filter=of_run) if a.key == "refresh-summary"]
    return str(found.data)


def test_flow_and_plain_runner_do_the_same_steps_in_the_same_order(server: str, run: FakeRun) -> None:
    from flows.refresh import run_refresh

    seen: list[str] = []
    run_all = runner([counting(seen, name) for name in ("inputs", "read", "validate", "publish")])
    plainly = run_all(run)
    in_plain_mode, events = seen.copy(), list[str]()
    seen.clear()

    assert run_refresh(run, on_event=events.append, run_all=run_all) == plainly
    assert seen == in_plain_mode == events == ["inputs", "read", "validate", "publish"]


def test_every_step_is_a_task_of_the_flow_run(server: str, run: FakeRun) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterFlowRunId

    from flows.refresh import run_refresh

    run_refresh(run, run_all=runner([counting([], "inputs"), counting([], "read")]))

    with get_client(sync_client=True) as client:
        mine = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[flow_run(run).id]))
        tasks = wait_for(lambda: client.read_task_runs(task_run_filter=mine), 2)
    assert sorted(task.name.split("-")[0] for task in tasks) == ["inputs", "read"]


def wait_for(look: Any, length: int) -> Any:
    """Task records reach the server a moment after the run."""
    for _ in range(100):
        if len(found := look()) >= length:
            return found
        time.sleep(0.1)
    return look()


def test_step_that_refuses_the_data_fails_the_flow_and_stops_later_steps(server: str, run: FakeRun) -> None:
    from flows.refresh import run_refresh

    seen: list[str] = []

    def refuse(run: FakeRun) -> dict[str, Any]:
        seen.append("check")
        raise DataRefusedError([{"en": "revotes.csv line 7: n_tps is -3; correct the row", "id": "baris 7"}])

    steps = [counting(seen, "read"), FakeStep("check", refuse), counting(seen, "publish")]
    with pytest.raises(DataRefusedError, match="line 7"):
        run_refresh(run, run_all=runner(steps))

    assert seen == ["read", "check"]
    state = flow_run(run).state
    assert (state.name, state.is_failed()) == ("DataRefused", True)
    status = json.loads((run.root / "data/warehouse/status.json").read_text())
    assert (status["state"], status["name"]) == ("failed", "DataRefused")
    for text in (state.message, status["message"], artifact(run)):
        assert "baris 7" in text


def test_only_steps_of_input_and_output_are_tried_again(
    server: str, run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import refresh

    monkeypatch.setattr(refresh, "RETRY_DELAYS", (0.0, 0.0))
    tries = {"inputs": 0, "build": 0}

    def flaky(name: str) -> Any:
        def function(run: FakeRun) -> dict[str, Any]:
            tries[name] += 1
            if tries[name] < 3:
                raise OSError("disk busy")
            return {}

        return function

    with pytest.raises(OSError, match="disk busy"):
        refresh.run_refresh(
            run,
            run_all=runner(
                [FakeStep("inputs", flaky("inputs"), retries=2), FakeStep("build", flaky("build"))]
            ),
        )
    assert tries == {"inputs": 3, "build": 1}


def test_refused_data_is_not_read_again(server: str, run: FakeRun) -> None:
    from flows.refresh import run_refresh

    tries: list[str] = []

    def refuse(run: FakeRun) -> dict[str, Any]:
        tries.append("read")
        raise DataRefusedError([{"en": "revotes.csv is missing", "id": "revotes.csv tidak ada"}])

    with pytest.raises(DataRefusedError):
        run_refresh(run, run_all=runner([FakeStep("read", refuse, retries=2)]))
    assert tries == ["read"]


def held(run: FakeRun) -> dict[str, Any]:
    raise HeldError(run.id, [{"en": "DKI Jakarta: 5 → 3", "id": "DKI Jakarta: 5 → 3"}], 1)


def full_disk(run: FakeRun) -> dict[str, Any]:
    raise OSError(errno.ENOSPC, "No space left on device", "x")


def read_only(run: FakeRun) -> dict[str, Any]:
    raise OSError(errno.EROFS, "Read-only file system", "x")


@pytest.mark.parametrize(
    ("step", "name", "says"),
    [
        (held, "Held", "--accept"),
        (full_disk, "DiskFull", "Kosongkan"),
        (read_only, "MachineRefused", "hanya-baca"),
    ],
)
def test_what_people_can_mend_ends_in_a_state_with_a_name(
    server: str, run: FakeRun, step: Any, name: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    from flows.notify import notices
    from flows.refresh import run_refresh

    with pytest.raises((UserError, OSError)) as found:
        run_refresh(run, run_all=runner([FakeStep("publish", step, retries=2)]))
    assert found.value.exit_code == (1 if name == "Held" else 3)

    state = flow_run(run).state
    assert (state.name, state.is_failed()) == (name, True)
    assert says in state.message
    assert says in artifact(run)
    (told,) = notices(run.root)
    assert (told["name"], told.get("held")) == (name, run.id if name == "Held" else None)
    assert "Traceback" not in caplog.text


def test_a_release_that_is_still_held_is_said_again(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import refresh
    from flows.notify import notices

    def plan(*_: Any, **__: Any) -> None:
        held(FakeRun("r9", tmp_path))

    monkeypatch.setattr(refresh, "plan", plan)
    state = refresh.refresh(root=str(tmp_path), langs=["en"], return_state=True)
    assert (state.name, "r9" in state.message) == ("Held", True)
    (told,) = notices(tmp_path)
    assert (told["name"], told["held"]) == ("Held", "r9")


def test_the_release_is_noted_as_assets_with_their_lineage(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import assets
    from pipelines.jobs.run import Run

    name = "2026-11-28-0123456789ab"
    warehouse = run.root / "data" / "warehouse"
    folder = warehouse / "releases" / name
    (folder / "parquet").mkdir(parents=True)
    (folder / "titikrawan.duckdb").write_bytes(b"123")
    pages = folder / "reports-0123456789ab"
    pages.mkdir()
    (pages / "index.html").touch()
    (folder / "reports").symlink_to(pages.name)
    (warehouse / "current").symlink_to(f"releases/{name}")
    (run.root / "data" / "raw" / "register").mkdir(parents=True)
    real = Run(name, "f" * 64, run.root)
    release = assets.releases.served(warehouse)
    assert release is not None
    found = [
        (made.key, [one.key for one in of], about) for made, of, about in assets._made(real, release, "en")
    ]
    assert [one[:2] for one in found] == [
        ("titikrawan://warehouse", ["titikrawan://raw/register"]),
        ("titikrawan://parquet", ["titikrawan://warehouse"]),
        ("titikrawan://reports", ["titikrawan://warehouse"]),
    ]
    assert found[0][2]["bytes"] == 3 and all(about["release"] == name for *_, about in found)


def test_finished_run_leaves_summary_and_status(server: str, run: FakeRun) -> None:
    from flows.refresh import run_refresh

    run_refresh(run, run_all=runner([counting([], "read", rows_read=120, rows_kept=118, rows_quarantined=2)]))

    page = artifact(run)
    assert "| Langkah |" in page
    assert "| 120 | 118 | 2 |" in page
    status = json.loads((run.root / "data/warehouse/status.json").read_text())
    assert (status["state"], status["flow_run_name"]) == ("completed", f"refresh {run.id}")
    assert status["published"] is None


def test_green_means_good(server: str, run: FakeRun) -> None:
    from flows.notify import notices
    from flows.refresh import run_refresh

    folder = run.root / "data/warehouse"
    run_refresh(run, run_all=runner([counting([], "check", checks=3, failed=0)]))
    status = json.loads((folder / "status.json").read_text())
    assert (status["name"], status["rows_quarantined"]) == ("Completed", 0)
    assert run.id in status["message"]
    assert [path.name for path in folder.iterdir()] == ["status.json"]  # nothing to tell

    run_refresh(
        run, run_all=runner([counting([], "validate", rows_quarantined=2), counting([], "check", failed=1)])
    )
    status = json.loads((folder / "status.json").read_text())
    assert (status["name"], status["state"]) == ("CompletedWithWarnings", "completed")
    assert (status["rows_quarantined"], status["checks_failed"]) == (2, 1)
    assert "2 baris" in status["message"]
    assert [one["name"] for one in notices(run.root)] == ["CompletedWithWarnings"]


def test_heartbeat_is_off_in_a_run_on_screen(server: str, run: FakeRun) -> None:
    from prefect.settings import get_current_settings

    from flows.refresh import run_refresh

    def look(run: FakeRun) -> dict[str, Any]:
        return {"heartbeat": get_current_settings().flows.heartbeat_frequency}

    assert run_refresh(run, run_all=runner([FakeStep("inputs", look)])) == [{"heartbeat": None}]


@pytest.mark.slow
def test_run_needs_no_server_started_by_hand() -> None:
    said = json.loads((begun() / SAID).read_text(encoding="utf-8"))
    assert said["code"] == 0, said["err"]
    assert said["out"].strip() == "[{'rows_read': 3}]"
    assert said["err"].strip() == ""
    assert (begun() / ".prefect" / DATABASE).is_file()
    assert not (
        begun() / ".prefect" / "memo_store.toml"
    ).exists()  # of types of blocks, which a later server writes
    status = json.loads((begun() / "data/warehouse/status.json").read_text())
    assert (status["state"], status["flow_run_name"]) == ("completed", "refresh r1")
