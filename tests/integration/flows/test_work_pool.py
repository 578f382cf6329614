"""A process work pool on a server that keeps its records in PostgreSQL: really started, as an unprivileged user."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from flows.local_server import local_server
from tests.conftest import ROOT
from tests.integration.flows.conftest import free_port

pytestmark = [pytest.mark.flows, pytest.mark.slow]


def program(name: str) -> str:
    found = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not installed (apt-get install postgresql)")
    return found


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a fresh PostgreSQL on the loopback address; PostgreSQL refuses to run as root."""
    initdb, server = program("initdb"), program("postgres")
    folder = Path("/tmp") / f"titikrawan-postgres-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    password, port = secrets.token_hex(16), free_port()
    (folder / "password").write_text(password)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, **user)
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    made = subprocess.run(
        [initdb, "-D", str(data), "-U", "prefect", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}"],
        env=environment, capture_output=True, text=True, cwd=folder, check=False, **user,  # type: ignore[call-overload]
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
    process = subprocess.Popen(
        [server, "-D", str(data), *options],
        env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not (folder / f".s.PGSQL.{port}").exists() and time.monotonic() < end:
            time.sleep(0.2)
        yield f"postgresql+asyncpg://prefect:{password}@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # "fast": does not wait for its clients
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_worker_carries_out_a_run(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.settings import (
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
        temporary_settings,
    )

    from flows.deploy import register
    from flows.schedules import read_schedules
    from tests.support.slow_flow import refresh

    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / ".prefect"))
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", postgres)
    schedules = tmp_path / "schedules.yaml"
    schedules.write_text('- {name: leap-day, cron: "0 0 29 2 *", active: false}\n')
    with local_server(free_port()) as server:
        monkeypatch.delenv("PREFECT_API_DATABASE_CONNECTION_URL")
        told = {
            PREFECT_API_URL: server.api,
            PREFECT_API_AUTH_STRING: server.login,
            PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True,
        }
        with temporary_settings(told), get_client(sync_client=True) as client:
            client.create_work_pool(WorkPoolCreate(name="titik-rawan", type="process"))
            entrypoint = "tests/support/slow_flow.py:refresh"
            made = register(read_schedules(schedules), "titik-rawan", ROOT, "en", refresh, entrypoint)
            ordered = client.create_flow_run_from_deployment(UUID(made), parameters={"seconds": 0.1})
            done = subprocess.run(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", "titik-rawan", "--run-once"],
                env=os.environ | server.client_environment | {"TITIKRAWAN_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT)},
                capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            state = client.read_flow_run(ordered.id).state
    assert state is not None and state.is_completed(), (state, done.stdout + done.stderr)
    assert not (tmp_path / ".prefect" / "prefect.db").exists()
