"""The download under Prefect does what it does plainly, whatever the workers are."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.acquire import AcquireError, ServerTroubleError, Settings
from pipelines.acquire.records import unpack
from pipelines.jobs.acquire import acquire_plainly
from pipelines.sources import verify
from tests.integration.acquire.test_crawl import files
from tests.integration.acquire.test_resume import long_tree
from tests.support import published as server_of
from tests.support.published import Published, serving, small_tree

pytestmark = pytest.mark.flows


@pytest.fixture
def published() -> Iterator[Published]:
    with serving(small_tree()) as tree:
        yield tree


@pytest.fixture
def settings(published: Published) -> Settings:
    return Settings(base=published.base, rate=2000, backoff=0.01, attempts=2)


def content(folder: Path) -> dict[str, object]:
    """Names and what the files say, without the moments at which it was first seen."""
    return {
        name: [replace(r, fetched_at="") for r in unpack(data, name)] if name.endswith(".ndjson.gz") else None
        for name, data in files(folder).items()
    }


def test_threads_write_what_the_plain_run_writes(
    server: str, published: Published, settings: Settings, tmp_path: Path
) -> None:
    from flows.acquire import run_acquire

    plain = acquire_plainly(settings, ["00"], tmp_path / "plain")
    seen: list[str] = []
    mapped = run_acquire(
        settings, ["00"], tmp_path / "mapped", "threads", 2, lambda event, *_: seen.append(event)
    )

    assert mapped.facts() == plain.facts()
    assert content(tmp_path / "mapped") == content(tmp_path / "plain")
    assert (seen.count("part"), seen.count("village")) == (3, 6)
    assert verify(tmp_path / "mapped") == verify(tmp_path / "plain") == []


def test_threads_together_keep_the_rate(
    server: str, published: Published, settings: Settings, tmp_path: Path
) -> None:
    from flows.acquire import run_acquire

    began = time.monotonic()
    run_acquire(replace(settings, rate=25.0, concurrency=3), ["31"], tmp_path, "threads", 2)
    assert time.monotonic() - began >= (sum(published.asked.values()) - 2) / 25.0
    assert published.most_at_once <= 3


def test_trouble_with_the_server_ends_the_flow_and_starts_no_further_task(
    server: str, published: Published, settings: Settings, tmp_path: Path
) -> None:
    from flows.acquire import run_acquire

    for path in published.tree:
        if path.startswith("/pemilu"):
            published.always[path] = server_of.status(500)
    with pytest.raises(ServerTroubleError, match="2 addresses failed in a row"):
        run_acquire(replace(settings, patience=2), ["00"], tmp_path, "threads", 1)
    assert sum("/31/" in p for p in published.asked if p.startswith("/pemilu")) == 0


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["processes", "dask"])
def test_processes_and_a_dask_cluster_write_what_the_plain_run_writes(
    server: str, published: Published, tmp_path: Path, runner: str
) -> None:
    from flows.acquire import run_acquire

    if runner == "dask":
        pytest.importorskip("prefect_dask", reason="needs the extra [cluster]")
    settings = Settings(base=published.base, rate=2000, concurrency=4)
    acquire_plainly(settings, ["00"], tmp_path / "plain")
    run_acquire(settings, ["00"], tmp_path / "mapped", runner, 2)
    assert content(tmp_path / "mapped") == content(tmp_path / "plain")


@pytest.mark.slow
def test_killed_dask_worker_changes_nothing(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("prefect_dask", reason="needs the extra [cluster]")
    from distributed import LocalCluster

    from flows.acquire import run_acquire

    first = long_tree()
    second = {path.replace("317101", "317201").replace("3171", "3172"): b for path, b in first.items()}
    second = {p: b.replace(b"3171", b"3172") for p, b in second.items()}
    nation = {server_of.list_address(""): server_of.to_bytes([{"kode": "31"}])}
    province = {server_of.list_address("31"): server_of.to_bytes([{"kode": "3171"}, {"kode": "3172"}])}
    with serving(first | second | nation | province) as published:
        settings = Settings(base=published.base, rate=2000, concurrency=4)
        acquire_plainly(replace(settings, concurrency=1), ["00"], tmp_path / "plain")
        published.forget()
        published.delay = 0.05
        killed: list[int] = []

        def kill_one(process: int) -> None:
            while sum("/3171/" in p for p in list(published.asked) if p.startswith("/pemilu")) < 12:
                time.sleep(0.01)
            os.kill(process, 9)
            killed.append(process)

        cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
        try:
            monkeypatch.setenv("TITIKRAWAN_DASK_ADDRESS", cluster.scheduler_address)
            process = next(iter(cluster.workers.values())).process.pid
            killer = threading.Thread(target=kill_one, args=(process,), daemon=True)
            killer.start()
            run_acquire(settings, ["00"], tmp_path / "mapped", "dask", 2)
            killer.join(timeout=10)
        finally:
            cluster.close()
    assert killed
    assert content(tmp_path / "mapped") == content(tmp_path / "plain")


def test_unknown_runner_is_refused() -> None:
    from flows.runner import RunnerError, task_runner

    with pytest.raises(RunnerError, match="there are: threads, processes, dask") as caught:
        task_runner("ray", 2)
    assert caught.value.exit_code == 2 and "tidak dikenal" in caught.value.message["id"]


def test_dask_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.runner import RunnerError, task_runner

    monkeypatch.setitem(sys.modules, "prefect_dask.task_runners", None)
    with pytest.raises(RunnerError, match=r"extra \[cluster\]") as caught:
        task_runner("dask", 2)
    assert caught.value.exit_code == 3


def test_deployment_takes_plain_parameters(
    server: str, published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.acquire import acquire

    monkeypatch.setenv("TITIKRAWAN_SIREKAP_BASE", published.base + "/")
    facts = acquire(["3171"], rate=2000.0, root=str(tmp_path))
    assert (facts["new"], facts["absent"], facts["failures"]) == (8, 1, 0)
    assert verify(tmp_path / "data/raw/sirekap_json") == []


def test_deployment_with_something_owed_fails_so_that_its_hooks_tell(
    server: str, published: Published, tmp_path: Path
) -> None:
    import json

    from flows.acquire import acquire

    address = server_of.result_address("3171021002001")
    published.always[address] = server_of.status(403)
    with pytest.raises(AcquireError, match=f"{address}: status 403"):
        acquire(["3171"], base=published.base, rate=2000.0, root=str(tmp_path))
    status = json.loads((tmp_path / "data/warehouse/status.json").read_text())
    assert (status["flow"], status["state"]) == ("acquire", "failed")


def test_flow_leaves_a_page_with_the_numbers(
    server: str, published: Published, settings: Settings, tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    from flows.acquire import run_acquire

    run_acquire(settings, ["31"], tmp_path)
    with get_client(sync_client=True) as client:
        pages = [a.data for a in client.read_artifacts() if a.key == "acquire-summary"]
    assert any("# sirekap-2024: 31\n" in page and "| new | 11 |" in page for page in pages)
