"""A served deployment in a separate folder, to be broken in every way and inspected afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from flows.auth import login
from flows.local_server import address, status_of

ROOT = Path(__file__).resolve().parents[1]
LIGHT = "tests.support.slow_flow:refresh"
NEVER = '- {name: leap-day, cron: "0 0 29 2 *", active: false}\n'

SUPERVISE = """
import sys
from pathlib import Path
import flows
from flows import settings
from flows.auth import login
from flows.local_server import Server, address, prefect_home
settings.prefer("PREFECT_LOGGING_LEVEL", "INFO")
port, schedules, flow = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
secret = login(prefect_home())
import os
os.environ.update(Server(address(port), secret).client_environment)
from flows.serving import Supervisor, runner_command
Supervisor(port, secret, runner_command(schedules, "en", flow), lambda line: print(line, flush=True)).run()
"""


WORKERS = 2  # page workers; the same number in the light and the real run
SETTLED = 1.0  # seconds


def eventually(look: Callable[[], Any], seconds: float, what: str = "") -> Any:
    """Return the result of `look` once it is true; TimeoutError after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):  # the server may be restarting
            if found := look():
                return found
        time.sleep(0.5)  # every question is work for the server
    raise TimeoutError(what or "nothing happened")


class Served:
    """`make serve` in `root` at `port`, with a test flow; all its processes are children of `supervisor`."""

    def __init__(self, root: Path, port: int, flow: str = LIGHT) -> None:
        self.root, self.port, self.flow = root, port, flow
        self.home = root / ".prefect"
        self.schedules = root / "schedules.yaml"
        if not self.schedules.exists():
            self.schedules.write_text(NEVER, encoding="utf-8")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")} | {
            "PREFECT_HOME": str(self.home),
            "PREFECT_RUNNER_POLL_FREQUENCY": "2",
            # Runs that cannot start are cancelled when they are late.
            "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
            "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "4",
            "TITIKRAWAN_ROOT": str(root),
            "TITIKRAWAN_WATCH_SECONDS": "2",
            "PYTHONPATH": str(ROOT),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until its deployment is registered."""
        command = [sys.executable, "-c", SUPERVISE, str(self.port), str(self.schedules), self.flow]
        with (self.root / "serve.log").open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )
        secret = login(self.home)
        eventually(lambda: status_of(self.port, secret) == 200, 180, "the server did not start")
        eventually(lambda: self.children("-m flows.serving"), 120, "the runner did not start")
        eventually(self.deployment, 180, "the deployment was not registered")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Answer of the API."""
        user, _, secret = login(self.home).partition(":")
        # Plain HTTP needs no certificates; loading them would take longer than the answer.
        with httpx.Client(
            base_url=address(self.port),
            auth=(user, secret),
            timeout=30,
            verify=False,  # noqa: S501
        ) as client:
            headers = {}
            if method != "GET":
                token = client.get("/csrf-token", params={"client": "bench"}).json().get("token", "")
                headers = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "bench"}
            answer = client.request(method, path, json=body, headers=headers)
            answer.raise_for_status()
            return answer.json() if answer.content else None

    def deployment(self) -> str:
        """Id of the deployment; empty where there is none."""
        found = self.ask("POST", "/deployments/filter", {})
        return next((one["id"] for one in found if one["name"] == "scheduled"), "")

    def order(self, **parameters: Any) -> str:
        """Request a run; returns its id."""
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        path = f"/deployments/{self.deployment()}/create_flow_run"
        made = eventually(lambda: self.ask("POST", path, body), 60, "the server takes no orders")
        return str(made["id"])

    def state(self, run: str) -> str:
        """Name of a run's state."""
        return str((self.ask("GET", f"/flow_runs/{run}").get("state") or {}).get("name"))

    def is_final(self, run: str) -> str:
        """Name of a run's state where that is final, else empty."""
        state = self.ask("GET", f"/flow_runs/{run}").get("state") or {}
        final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return str(state.get("name")) if state.get("type") in final else ""

    def everything(self) -> list[psutil.Process]:
        """Return every process of this deployment, including orphans: their environment has its root."""
        found = []
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                if one.environ().get("TITIKRAWAN_ROOT") == str(self.root) and one.status() != "zombie":
                    found.append(one)
        return found

    def children(self, words: str) -> list[psutil.Process]:
        """Return processes of this deployment whose command line contains `words`."""
        found = []
        for one in self.everything():
            with suppress(psutil.Error):
                if words in " ".join(one.cmdline()):
                    found.append(one)
        return found

    def engine(self) -> list[psutil.Process]:
        """Return the processes that execute a run."""
        return self.children("prefect.engine") or self.children("prefect.flow_engine")

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that a run started for its pages."""
        return [one for one in self.children("spawn_main") if one.pid not in [e.pid for e in self.engine()]]

    def at_work(self, run: str) -> None:
        """Wait until a run has all processes for its pages, and they are busy.

        A pool that loses its first process while starting the second does not notice (Python 3.11).
        """
        eventually(
            lambda: self.engine() and len(self.workers()) >= WORKERS,
            240,
            f"run {run} did not get to its pages",
        )
        time.sleep(SETTLED)

    def stop(self) -> float:
        """Send SIGTERM; returns the seconds until the supervisor has ended."""
        began = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        return time.monotonic() - began

    def kill_everything(self) -> None:
        """Kill all processes, like a power cut."""
        for one in self.everything():
            with suppress(psutil.Error):
                one.kill()
        if self.process is not None:
            self.process.wait()

    def notices(self) -> list[dict[str, Any]]:
        """Return the notices that were sent."""
        from flows.notify import notices

        return notices(self.root)
