"""`make serve`: keep a server and a runner alive, clean up dead runs, and shut everything down on request.

Three processes: this one supervises; the server (`flows.server`); the runner (`python -m flows.serving`), which
starts a process for every run. Each ends when its parent is gone, so that no kill leaves processes behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import IO, Any

from flows.local_server import ServerError, is_ours, note_port, start, stop, wait_until_healthy
from pipelines.catalog.messages import Message

EVERY = float(os.environ.get("TITIKRAWAN_WATCH_SECONDS", "5"))
# Together less than the ten seconds that docker and many service managers allow.
RUNNER_GRACE, SERVER_GRACE = 4.0, 3.0
TRIES, WITHIN = 5, 120.0


class Supervisor:
    """Supervises the server and the runner until told to stop.

    Args:
        port: of the server on this machine; None if `PREFECT_API_URL` names another server.
        login: of our server.
        runner: command of the runner.
        say: prints one line for the user.
    """

    def __init__(self, port: int | None, login: str, runner: Sequence[str], say: Any) -> None:
        self._port, self._login, self._command, self._say = port, login, list(runner), say
        self._server: subprocess.Popen[bytes] | None = None
        self._runner: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._ends: list[float] = []
        self._began = datetime.now(UTC)

    def run(self) -> None:
        """Start both and supervise them.

        Raises:
            ServerError: the server does not start, or one of the two keeps crashing.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._told)
        try:
            self._start_server()
            self._sweep(is_runner_gone=True)
            self._start_runner()
            while not self._stopping.wait(EVERY):
                self._look()
        finally:
            self._end()

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _look(self) -> None:
        if self._server is not None and self._server.poll() is not None:
            self._say(Message("flows.serve_server_gone", code=self._server.returncode))
            self._again()
            self._start_server()
        if self._runner is not None and self._runner.poll() is not None:
            self._say(Message("flows.serve_runner_gone", code=self._runner.returncode))
            self._again()
            self._sweep(is_runner_gone=True)
            self._start_runner()
        else:
            self._sweep()

    def _again(self) -> None:
        now = time.monotonic()
        self._ends = [one for one in self._ends if now - one < WITHIN] + [now]
        if len(self._ends) > TRIES:
            raise ServerError(Message("flows.serve_gives_up", n=TRIES))

    def _start_server(self) -> None:
        if self._port is None or (self._server is None and is_ours(self._port, self._login)):
            return
        self._server = start(self._port, self._login)
        wait_until_healthy(self._server, self._port, self._login, cancelled=self._stopping.is_set)
        note_port(self._port)

    def _start_runner(self) -> None:
        if self._stopping.is_set():
            return
        self._runner = subprocess.Popen(  # noqa: S603 (our own interpreter, fixed words)
            self._command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        threading.Thread(target=self._pass_on, args=(self._runner.stderr,), daemon=True).start()

    def _pass_on(self, stream: IO[bytes]) -> None:
        """Print the runner's output, except its complaints during shutdown."""
        for line in stream:
            if not self._stopping.is_set():
                self._say(line.decode(errors="replace").rstrip("\n"))

    def _sweep(self, is_runner_gone: bool = False) -> None:
        from flows import dead_runs

        try:
            for name in dead_runs.sweep(is_runner_gone):
                self._say(Message("flows.serve_found_dead", name=name))
            for name in dead_runs.tell_skipped(self._began):
                self._say(Message("flows.serve_skipped", name=name))
        except Exception as error:  # the server may be restarting; the next check finds the same
            if self._server is None or self._server.poll() is None:
                self._say(f"{type(error).__name__}: {str(error)[:200]}")

    def _end(self) -> None:
        self._stopping.set()
        if self._runner is not None:
            _end_process(self._runner, RUNNER_GRACE)
            if self._server is None or self._server.poll() is None:
                self._sweep(is_runner_gone=True)
        if self._server is not None:
            stop(self._server, SERVER_GRACE)


def _end_process(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Stop a process and its group; the runs it started notice and end too."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def runner_command(schedules: Path, lang: str, flow: str = "") -> list[str]:
    """Return the command of the runner process; `flow`: a flow other than the project's, as `module:name`."""
    return [sys.executable, "-m", "flows.serving", str(schedules), lang, *([flow] if flow else [])]


def main(arguments: Sequence[str]) -> int:
    """The runner process: execute due runs until standard input closes or a signal arrives."""
    from flows import deploy
    from flows.schedules import read_schedules

    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    flow = None
    if len(arguments) > 2:
        module, _, name = arguments[2].partition(":")
        flow = getattr(import_module(module), name)
    deploy.serve_schedules(read_schedules(Path(arguments[0])), arguments[1], flow)
    return 0


def _end_with_supervisor() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
