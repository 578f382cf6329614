"""Break a served deployment in every way, three times each, and report the result: `python -m
bench.schedule_faults`.

--flow flows.refresh:refresh   the real run (minutes each); default: a light flow with its own worker processes
--only NAME                    one fault; --times N
"""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from bench.served import LIGHT, ROOT, Served, eventually

LONG = {"seconds": 300}


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class BrokenError(AssertionError):
    """The deployment did not survive."""


def must(good: object, what: str) -> None:
    """Raise BrokenError unless the condition holds."""
    if not good:
        raise BrokenError(what)


def next_run_ends_well(served: Served) -> None:
    """Check that the next run succeeds."""
    run = served.order(**short(served))
    state = eventually(lambda: served.is_final(run), 400, "the next run did not end")
    must(state in ("Completed", "CompletedWithWarnings"), f"the next run ended as {state}")


def short(served: Served) -> dict[str, object]:
    return {"seconds": 0.1} if served.flow == LIGHT else {"force": True, "areas": ["3171"]}


def long(served: Served) -> dict[str, object]:
    return dict(LONG) if served.flow == LIGHT else {"force": True}


def begin(served: Served) -> str:
    """Start a run and wait until it is building pages."""
    run = served.order(**long(served))
    served.at_work(run)
    return run


def dead_and_told(served: Served, run: str, states: tuple[str, ...] = ("Crashed",)) -> None:
    """Check that the run is marked, its processes are gone, a notice was sent, and the next run works."""
    state = eventually(lambda: served.is_final(run), 120, "the dead run still counts as running")
    must(state in states, f"the dead run is {state}")
    eventually(lambda: not served.workers(), 20, "page workers live on")
    eventually(lambda: any(one["flow_run"] == run for one in served.notices()), 20, "nobody was told")
    next_run_ends_well(served)


def kill(processes: list[psutil.Process]) -> None:
    """kill -9."""
    for one in processes:
        with suppress(psutil.Error):
            one.kill()


def run_killed(served: Served) -> None:
    run = begin(served)
    kill(served.engine())
    dead_and_told(served, run)


def page_worker_killed(served: Served) -> None:
    run = begin(served)
    kill(served.workers()[:1])
    dead_and_told(served, run, ("Failed", "Crashed"))


def server_killed(served: Served) -> None:
    run = served.order(**({"seconds": 15} if served.flow == LIGHT else long(served)))
    served.at_work(run)
    kill(served.children("-m flows.server"))
    state = eventually(lambda: served.is_final(run), 400, "the run did not end")
    must(state in ("Completed", "CompletedWithWarnings", "Crashed"), f"the run is {state}")
    next_run_ends_well(served)


def runner_killed(served: Served) -> None:
    run = begin(served)
    kill(served.children("-m flows.serving"))
    dead_and_told(served, run)


def power_cut(served: Served) -> None:
    run = begin(served)
    served.kill_everything()
    served.start()
    dead_and_told(served, run)


def supervisor_killed(served: Served) -> None:
    run = begin(served)
    if served.process is not None:
        served.process.kill()
        served.process.wait()
    eventually(lambda: not served.everything(), 30, f"left over: {served.everything()}")
    served.start()
    dead_and_told(served, run)


def terminated(served: Served) -> None:
    begin(served)
    seconds = served.stop()
    must(seconds < 10, f"SIGTERM took {seconds:.1f} s")
    eventually(lambda: not served.everything(), 3, f"left over: {served.everything()}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", served.port))
    served.start()
    next_run_ends_well(served)


def interrupted_twice(served: Served) -> None:
    if served.process is not None:
        served.process.send_signal(signal.SIGINT)
        served.process.send_signal(signal.SIGINT)
        must(served.process.wait(timeout=10) == 0, "Ctrl+C twice did not end well")
    eventually(lambda: not served.everything(), 3, f"left over: {served.everything()}")
    served.start()
    next_run_ends_well(served)


def skipped(served: Served) -> None:
    first = begin(served)
    second = served.order(**short(served))
    eventually(
        lambda: any(one["flow_run"] == second for one in served.notices()), 60, "a skipped run was not told"
    )
    kill(served.engine())
    dead_and_told(served, first)


FAULTS: dict[str, Callable[[Served], None]] = {
    "run-killed": run_killed,
    "page-worker-killed": page_worker_killed,
    "server-killed": server_killed,
    "runner-killed": runner_killed,
    "supervisor-killed": supervisor_killed,
    "power-cut": power_cut,
    "terminated": terminated,
    "interrupted-twice": interrupted_twice,
    "skipped": skipped,
}


def main(arguments: list[str]) -> int:
    """Print the table; returns 1 if anything was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flow", default=LIGHT)
    parser.add_argument("--only", choices=list(FAULTS), action="append")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args(arguments)
    lost = 0
    with tempfile.TemporaryDirectory(prefix="titikrawan-faults-") as folder:
        root = Path(folder)
        (root / "data").mkdir()
        if options.flow != LIGHT:
            (root / "data" / "raw").symlink_to(ROOT / "data" / "raw")
        served = Served(root, free_port(), options.flow)
        try:
            served.start()
            print(f"{'fault':22} tried survived  seconds each")
            for name in options.only or FAULTS:
                survived, times = 0, []
                for _ in range(options.times):
                    began = time.monotonic()
                    try:
                        FAULTS[name](served)
                        survived += 1
                    except (BrokenError, TimeoutError) as error:
                        print(f"  {name}: {error}")
                        served.kill_everything()
                        served.start()
                    times.append(time.monotonic() - began)
                lost += options.times - survived
                shown = " ".join(f"{one:.0f}" for one in times)
                print(f"{name:22} {options.times:5} {survived:8}  {shown}", flush=True)
        finally:
            served.kill_everything()
            if lost:
                print((root / "serve.log").read_text(errors="replace")[-6000:])
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
