"""Processes beside this one start without its program, and a lost one leaves nobody waiting."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool, _ExecutorManagerThread
from multiprocessing import active_children, connection
from multiprocessing.context import SpawnProcess
from multiprocessing.popen_spawn_posix import Popen
from pathlib import Path

import pytest

from pipelines.jobs import beside
from pipelines.jobs.steps.page_workers import Order
from tests.conftest import ROOT

PIPE = 65536  # bytes that Linux takes before anybody reads

PROGRAM = """
import os, sys
from pathlib import Path
from pipelines.jobs import beside

with Path(sys.argv[1]).open("a") as stream:
    stream.write(f"{__name__}\\n")

if __name__ == "__main__":
    with beside.pool(2, os.getpid) as pool:
        found = {one.result() for one in pool.done([pool.submit(os.getpid) for _ in range(4)])}
    assert os.getpid() not in found
"""


def seems_alive(process: Popen, flag: int = os.WNOHANG) -> int | None:
    """As long as another thread is asking the system for its code, a process that has ended says that it has not."""
    is_ours = threading.current_thread() is threading.main_thread() and flag == os.WNOHANG
    return None if is_ours else POLL(process, flag)


POLL = Popen.poll
FAULTS = (
    "joins a process that it did not end",
    "does so, and the lost one seems alive",
    "ends without a word",
)


def reader_of(pipe: Path) -> int:
    """Our end of a pipe, once a process reads the other one."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody is there yet
            time.sleep(0.01)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lost_process_fails_what_is_waited_for(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault != "ends without a word":
        monkeypatch.setattr(SpawnProcess, "terminate", lambda self: None)
        if fault.endswith("seems alive"):
            monkeypatch.setattr(Popen, "poll", seems_alive)
    else:
        monkeypatch.setattr(_ExecutorManagerThread, "terminate_broken", lambda self, cause: None)
    monkeypatch.setattr(beside, "SECONDS", 0.05)
    before = set(active_children())
    pipes = [tmp_path / "first", tmp_path / "second"]
    for pipe in pipes:
        os.mkfifo(pipe)
    with beside.pool(2, os.getpid) as pool:
        first, second = set(active_children()) - before
        waiting = [pool.submit(Path.read_bytes, pipe) for pipe in pipes]
        waiting += [pool.submit(time.sleep, 60) for _ in range(3)]
        ours = [reader_of(pipe) for pipe in pipes]  # both are at work
        let_go = threading.Timer(10, lambda: [os.close(end) for end in ours])
        let_go.start()
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        failed = list(pool.done(waiting))
        assert set(failed) == set(waiting)
        assert all(isinstance(one.exception(timeout=0), BrokenProcessPool) for one in failed)
        late = pool.submit(os.getpid)
        assert isinstance(late.exception(timeout=0), BrokenProcessPool)
    assert connection.wait([second.sentinel], timeout=5)
    assert let_go.is_alive()  # nobody had to wait for the other process
    let_go.cancel()
    for end in ours:
        os.close(end)


def test_a_process_lost_before_the_next_one_is_up_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for children afterwards does not see it any more."""
    started: list[SpawnProcess] = []
    start = SpawnProcess.start

    def start_while_one_is_lost(process: SpawnProcess) -> None:
        start(process)
        for other in started:
            other.kill()
            other.join()
        started.append(process)

    monkeypatch.setattr(SpawnProcess, "start", start_while_one_is_lost)
    monkeypatch.setattr(SpawnProcess, "terminate", lambda self: None)
    monkeypatch.setattr(beside, "SECONDS", 0.05)
    failed: list[BaseException | None] = []

    def use() -> None:
        with beside.pool(2, os.getpid) as pool:
            failed.extend(one.exception() for one in pool.done([pool.submit(time.sleep, 60)]))

    user = threading.Thread(target=use, daemon=True)
    user.start()
    user.join(10)
    was_closed = not user.is_alive()
    for process in started:
        process.kill()
    assert was_closed and len(started) == 2, failed
    assert [type(one) for one in failed] == [BrokenProcessPool]


def test_processes_do_not_import_the_program_that_starts_them(tmp_path: Path) -> None:
    script, seen = tmp_path / "program.py", tmp_path / "seen"
    script.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(script), str(seen)], check=True, env=environment, timeout=60)
    assert seen.read_text().split() == ["__main__"]


def test_program_is_what_it_was_afterwards() -> None:
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    with beside.without_main():
        assert main.__spec__ is None and "__file__" not in main.__dict__
    assert main.__dict__ == before


def test_an_order_of_all_areas_fits_into_a_pipe() -> None:
    """Otherwise whoever starts a process that dies at once waits for it to read the rest."""
    areas = {str(code): ("id", "en") for code in range(1000, 1600)}
    order = Order(
        Path("/" + "d" * 200), Path("/" + "f" * 200), Path("/" + "p" * 200), ("id", "en"), areas, areas
    )
    assert len(pickle.dumps(order)) < PIPE / 2


def test_processes_do_not_see_keyboard_interrupts_and_this_one_does() -> None:
    with beside.pool(1, os.getpid) as pool:
        (blocked,) = pool.done([pool.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ())])
    assert signal.SIGINT in blocked.result()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
