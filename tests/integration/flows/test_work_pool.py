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

import pytest

from flows.local_server import Server, local_server
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


REGISTER = """
import sys
from pathlib import Path
from flows.deploy import register
from flows.schedules import read_schedules
from tests.support.slow_flow import refresh
register(read_schedules(Path(sys.argv[1])), "titik-rawan", Path(sys.argv[2]), "en", refresh,
         "tests/support/slow_flow.py:refresh")
"""


def test_a_worker_carries_out_a_run(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / ".prefect"))
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", postgres)
    schedules = tmp_path / "schedules.yaml"
    schedules.write_text('- {name: leap-day, cron: "0 0 29 2 *", active: false}\n')
    with local_server(free_port()) as server:
        environment = client(server, tmp_path)

        def run(*command: str) -> str:
            done = subprocess.run(
                [sys.executable, *command], env=environment, capture_output=True, text=True, cwd=ROOT,
                timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        run("-m", "prefect", "work-pool", "create", "titik-rawan", "--type", "process")
        run("-c", REGISTER, str(schedules), str(ROOT))
        run("-m", "prefect", "deployment", "run", "slow-fake/scheduled", "--param", "seconds=0.1")
        run("-m", "prefect", "worker", "start", "--pool", "titik-rawan", "--run-once")
        listed = run("-m", "prefect", "flow-run", "ls", "--state-type", "COMPLETED")
    assert "slow-fake" in listed, listed
    assert not (tmp_path / ".prefect" / "prefect.db").exists()


def client(server: Server, root: Path) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PREFECT_API_DATABASE_CONNECTION_URL"} | {
        **server.client_environment,
        "COLUMNS": "200",  # else tables are cut
        "TITIKRAWAN_ROOT": str(root),
        "PYTHONPATH": str(ROOT),
    }
