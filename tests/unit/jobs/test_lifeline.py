"""Processes end with their parent, and the lock of a run is free as soon as its holder is gone, however it went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from pipelines.jobs.lifeline import alive, is_alive
from tests.conftest import ROOT

PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from pipelines.jobs.lifeline import end_with_parent

def begin(folder):
    end_with_parent()
    Path(folder, f"worker-{os.getpid()}").touch()

if __name__ == "__main__":
    here = Path(sys.argv[1])
    context = get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, initializer=begin, initargs=(str(here),)) as pool:
        waiting = [pool.submit(time.sleep, 60) for _ in range(2)]
        while len(found := sorted(here.glob("worker-*"))) < 2:
            time.sleep(0.02)
        print("ready", *(one.name.split("-")[1] for one in found), flush=True)
        waiting[0].result()
"""

HOLDER = """
import sys, time
from pathlib import Path
from pipelines.jobs.lifeline import alive
with alive(Path(sys.argv[1]), "run-1"):
    print("held", flush=True)
    time.sleep(60)
"""


def started(code: str, *arguments: str, folder: Path) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = started(PARENT, str(tmp_path), folder=tmp_path)
    assert parent.stdout is not None
    workers = [int(one) for one in parent.stdout.readline().split()[1:]]
    assert len(workers) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 30
    while time.monotonic() < end and any(psutil.pid_exists(one) for one in workers):
        time.sleep(0.05)
    assert not any(psutil.pid_exists(one) for one in workers)


def test_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    folder = tmp_path / "alive"
    assert is_alive(folder, "run-1") is None
    holder = started(HOLDER, str(folder), folder=tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert is_alive(folder, "run-1") is True
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert is_alive(folder, "run-1") is False


def test_lock_of_a_run_that_ended_is_gone(tmp_path: Path) -> None:
    with alive(tmp_path, "run-2"):
        assert (tmp_path / "run-2").exists()
    assert is_alive(tmp_path, "run-2") is None
