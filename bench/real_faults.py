"""Test the main job itself against faults: `python -m bench.real_faults PROJECT`.

The faults hit a copy of a project: kill -9 and power cuts at random moments, during whole runs and during
publication, a full disk, a read-only disk and another user's folders.

PROJECT holds inputs and a published release. After every fault the release that people see must be intact and
consistent: the previous one, or the new one if the pointer had moved; and the next plan must repair the rest.

A power cut loses what was not synced. It is approximated: a process stopped at a random moment has recorded
every file that it synced; in a copy of the folder at that moment, every other file that it wrote is emptied.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.faults import litter, small_disk
from pipelines.warehouse import publish, releases
from pipelines.warehouse.mend import mend

AREAS, LANGS = ("3171",), ("id",)
# root without its special rights: it cannot write to other users' folders
WEAK = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner,-chown")


def run(root: Path, accept: str, synced: str) -> int:
    """Run the main job once in another process, printing each step as it
    begins and recording files in `synced`."""
    from pipelines.catalog.messages import UserError
    from pipelines.jobs.run import plan, run_all

    if synced:
        _note_synced(Path(synced))
    try:
        planned = plan(root, AREAS, LANGS, accept=accept)
        if planned is None:
            print("nothing", flush=True)
            return 0
        run_all(planned, on_event=lambda kind, step, _: print(kind, step.name, flush=True))
    except UserError as error:
        print(error.said("en"), file=sys.stderr, flush=True)
        return error.exit_code
    return 0


def _note_synced(log: Path) -> None:
    real = os.fsync

    def fsync(fd: Any) -> None:
        real(fd)
        number = fd if isinstance(fd, int) else fd.fileno()
        seen = os.fstat(number)
        with log.open("a") as stream:
            stream.write(f"{seen.st_dev} {seen.st_ino}\n")

    os.fsync = fsync


class Job:
    """The main job as another process."""

    def __init__(self, root: Path, accept: str = "", synced: str = "", is_weak: bool = False) -> None:
        options = ["--run", "--accept", accept, "--synced", synced]
        command = [*(WEAK if is_weak else ()), sys.executable, "-m", "bench.real_faults", str(root), *options]
        self.process = subprocess.Popen(  # noqa: S603 (ourselves)
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def until(self, step: str) -> bool:
        """Wait until a step begins; False if the run ended before."""
        assert self.process.stdout is not None
        return any(line == f"start {step}\n" for line in self.process.stdout)

    def stop(self) -> None:
        """Freeze the job and the processes it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """Kill -9; the processes it started notice its end."""
        self.process.kill()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGCONT)
        self.process.communicate()

    def end(self) -> tuple[int, str]:
        """Return the exit code and the error output."""
        _, said = self.process.communicate()
        return self.process.returncode, said


def what_people_see(root: Path) -> str:
    """Return the name of the release on which database, Parquet and pages agree.

    Raises:
        AssertionError: nothing is served, it is damaged, or its parts disagree.
    """
    import duckdb

    release = releases.served(root / "data" / "warehouse")
    assert release is not None, "nothing is served"
    broken = releases.verify(release)
    assert not broken, [str(one) for one in broken][:3]
    with duckdb.connect(str(root / "data" / "warehouse" / "titikrawan.duckdb"), read_only=True) as con:
        in_database = con.execute("select release_id from meta.release").fetchall()
    parquet = (root / "data" / "warehouse" / "parquet").resolve()
    in_parquet = duckdb.sql(
        f"select release_id from read_parquet('{parquet}/meta.release.parquet')"  # noqa: S608 (our own folder)
    ).fetchall()
    index = (root / "reports" / "latest" / "index.html").read_text(encoding="utf-8")
    assert in_database == in_parquet == [(release.id,)], (in_database, in_parquet, release.id)
    assert release.id in index, "the pages are of another release"
    return release.id


def _settle(root: Path, before: str, counts: dict[str, int]) -> None:
    """Count what is left after a fault, and after the repair."""
    warehouse, reports = root / "data" / "warehouse", root / "reports"
    try:
        counts["moved"] += what_people_see(root) != before
    except (AssertionError, OSError) as error:
        print("mixed:", error, file=sys.stderr)
        counts["mixed"] += 1
    time.sleep(1)  # page workers check for their parent once a second
    with publish.locked(warehouse):
        mend(warehouse, reports)
    try:
        what_people_see(root)
    except (AssertionError, OSError) as error:
        print("unrepaired:", error, file=sys.stderr)
        counts["unrepaired"] += 1
    counts["litter"] += sum(
        name not in ("last_attempt", releases.HELD) for name in litter(warehouse, reports)
    )


@contextmanager
def _copy(project: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="titikrawan-faults-") as folder:
        root = Path(folder) / "project"
        shutil.copytree(project, root, symlinks=True)
        yield root


def kills(
    project: Path, times: int, accept: str = "", inside: str = "", whole: float = 0, seed: int = 7
) -> dict[str, int]:
    """Kill -9 at random moments, every second time with a power cut.

    Args:
        inside: only from the beginning of that step on. whole: its duration without faults (s); 0: measured
            first.
    """
    rng = random.Random(seed)  # noqa: S311 (moments, not secrets)
    counts = {"kills": 0, "cuts": 0, "moved": 0, "mixed": 0, "unrepaired": 0, "litter": 0}
    if not whole:
        whole = _undisturbed(project, accept, inside)
        print(f"{inside or 'whole run'}: {whole:.1f} s undisturbed", flush=True)
    for number in range(times):
        with _copy(project) as root:
            before, log = what_people_see(root), root.with_name("synced")
            started = time.time()
            job = Job(root, accept, str(log))
            if inside:
                job.until(inside)
            time.sleep(rng.uniform(0, whole * (2 if inside else 1)))  # sometimes just after the pointer moved
            if number % 2:
                job.stop()
                _cut(root, log, started)
                counts["cuts"] += 1
            counts["kills"] += 1
            job.kill()
            _settle(root, before, counts)
            print(number, counts, flush=True)
    return counts


def _undisturbed(project: Path, accept: str, inside: str) -> float:
    with _copy(project) as root:
        began = time.perf_counter()
        job = Job(root, accept)
        if inside:
            job.until(inside)
            began = time.perf_counter()
        job.end()
        return time.perf_counter() - began


def _cut(root: Path, log: Path, since: float) -> None:
    """Simulate a power cut: empty the files that were written since then and not synced."""
    synced = set(log.read_text().splitlines()) if log.exists() else set()
    for path in root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        seen = path.stat()
        if seen.st_mtime > since and f"{seen.st_dev} {seen.st_ino}" not in synced:
            path.open("wb").close()


def places(project: Path) -> Iterator[tuple[str, int, str]]:
    """Yield name, exit code and message of runs on unsuitable machines; the previous release must keep serving."""
    size = sum(path.stat().st_size for path in project.rglob("*") if path.is_file() and not path.is_symlink())
    with tempfile.TemporaryDirectory(prefix="titikrawan-faults-") as folder:
        for spare in (4_000_000, 12_000_000, 24_000_000):
            with small_disk(Path(folder) / "full", str(int(size * 1.15) + spare)) as disk:
                root = disk / "project"
                shutil.copytree(project, root, symlinks=True)
                yield (f"full disk, {spare // 1_000_000} MB spare", *_stands(root))
        with small_disk(Path(folder) / "read-only", "1g") as disk:
            root = disk / "project"
            shutil.copytree(project, root, symlinks=True)
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # noqa: S603, S607
            yield ("read-only disk", *_stands(root))
        root = Path(folder) / "project"
        shutil.copytree(project, root, symlinks=True)
        subprocess.run(["chown", "-R", "nobody", str(root)], check=True)  # noqa: S603, S607
        yield ("somebody else's folders", *_stands(root, is_weak=True))


def _stands(root: Path, is_weak: bool = False) -> tuple[int, str]:
    before = what_people_see(root)
    code, said = Job(root, is_weak=is_weak).end()
    assert what_people_see(root) == before
    return code, said


def main() -> None:
    """Run the faults on a project, or one run of the main job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--accept", default="")
    parser.add_argument("--synced", default="")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0, help="length of a whole run, where it is known")
    parser.add_argument("--only", choices=("whole", "publish", "places"))
    given = parser.parse_args()
    if given.run:
        sys.exit(run(given.project, given.accept, given.synced))
    if given.only in (None, "whole"):
        print("whole run", kills(given.project, given.kills, whole=given.seconds), flush=True)
    if given.only in (None, "publish"):
        print("publication", kills(given.project, given.kills, given.accept, "publish"), flush=True)
    if given.only in (None, "places"):
        for found in places(given.project):
            print(*found, flush=True)


if __name__ == "__main__":
    os.nice(5)
    main()
