"""Test publication against readers, kills, full disks and other owners, with tiny releases; `python -m
bench.faults` reports how many readers failed or saw two releases at once, and what the kills left behind.

The numbers of a smaller round are asserted in tests/integration/warehouse/test_faults.py.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.warehouse import publish, releases
from pipelines.warehouse.load import create_schemas, writing
from pipelines.warehouse.mend import mend

INPUTS = "0" * 64


def name_of(number: int) -> str:
    """Return the id of a tiny release."""
    return f"2026-01-01-{number:012x}"


def build(root: Path, number: int, padding: int = 0) -> Path:
    """Return a work folder with a database, Parquet and pages that all contain `number`."""
    work = root / "warehouse" / "releases" / ".work" / name_of(number)
    (work / "reports").mkdir(parents=True)
    (work / "parquet").mkdir()
    for page in ("index.html", *(f"{n}.html" for n in range(8))):
        (work / "reports" / page).write_text(str(number))
    (work / "parquet" / "meta.number.csv").write_text(f"{number}\n" + "x" * padding)
    with writing(work / releases.DATABASE) as con:
        create_schemas(con)
        con.execute(f"create table meta.number as select {int(number)} as n")
        con.execute(
            "create table meta.release as select ? as release_id, ? as fingerprint, ? as inputs_fingerprint",
            [name_of(number), f"{number:064x}", INPUTS],
        )
    return work


def make(root: Path, number: int, padding: int = 0) -> None:
    """Build and publish a release like the main job: with the lock held, after repairs."""
    warehouse, reports = root / "warehouse", root / "reports"
    with publish.locked(warehouse):
        mend(warehouse, reports)
        manifest = {
            "release_id": name_of(number),
            "fingerprint": f"{number:064x}",
            "inputs": INPUTS,
            "published_at": f"2026-01-01T{number:012d}",
        }
        work = build(root, number, padding)
        print("publishing", flush=True)
        publish.publish(warehouse, reports, work, manifest, {"langs": ["id"]})


def number_in(folder: Path) -> tuple[int, int, int]:
    """Return what database, Parquet and reports of one release contain."""
    import duckdb

    with duckdb.connect(str((folder / releases.DATABASE).resolve()), read_only=True) as con:
        row = con.execute("select n from meta.number").fetchone()
    parquet = int((folder / "parquet" / "meta.number.csv").read_text().split("\n")[0])
    return (row[0] if row else -1), parquet, int((folder / "reports" / "index.html").read_text())


def read_until_told(root: Path) -> None:
    """Read the served release repeatedly: once through one resolved folder, once through the public paths."""
    counts = {"reads": 0, "errors": 0, "mixed": 0}
    told = root / "stop"
    while not told.exists():
        try:
            with releases.reading(root / "warehouse") as release:
                counts["mixed"] += len({*number_in(release.folder)}) != 1
            # A user's program that follows the link itself.
            folder = (root / "warehouse" / releases.CURRENT).resolve()
            counts["mixed"] += len({*number_in(folder)}) != 1
            (root / "reports" / "latest" / "index.html").read_text()
            counts["reads"] += 2
            if counts["reads"] == 2:
                print("reading", flush=True)
        except Exception as error:
            counts["errors"] += 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
    print(json.dumps(counts))


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start this module as another process."""
    command = [sys.executable, "-m", "bench.faults", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (ourselves)


def readers(root: Path, publications: int, n_readers: int = 2) -> dict[str, int]:
    """Run readers in a loop during publications; returns how often they
    read, failed, or saw two releases at once."""
    make(root, 1)
    running = [start("read", root) for _ in range(n_readers)]
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()  # wait until it has read once
    for number in range(2, publications + 2):
        make(root, number)
    (root / "stop").touch()
    found = [json.loads(one.communicate()[0]) for one in running]
    return {key: sum(one[key] for one in found) for key in ("reads", "errors", "mixed")}


def kills(root: Path, times: int, seed: int = 7) -> dict[str, int]:
    """Kill -9 a publishing process at random moments, every second time during publication; returns what is
    left.

    After each kill the served release must be intact and consistent, and the repair must leave no stray files.
    """
    rng = random.Random(seed)  # noqa: S311 (moments, not secrets)
    counts = {"kills": 0, "inside": 0, "mixed": 0, "unrepaired": 0, "litter": 0, "moved": 0}
    make(root, 1)
    began = time.perf_counter()
    one = start("publish", root, 2)
    assert one.stdout is not None
    one.stdout.readline()
    until_publication = time.perf_counter() - began
    one.communicate()
    whole = time.perf_counter() - began
    for number in range(3, times + 3):
        before = releases.served(root / "warehouse")
        one = start("publish", root, number)
        is_inside = number % 2 == 0
        if is_inside and one.stdout is not None:
            one.stdout.readline()
            time.sleep(rng.uniform(0, whole - until_publication))
        else:
            time.sleep(rng.uniform(0, whole))
        one.send_signal(signal.SIGKILL)
        one.communicate()
        counts["kills"] += 1
        counts["inside"] += is_inside
        counts["mixed"] += _is_mixed(root)
        now = releases.served(root / "warehouse")
        counts["moved"] += bool(before and now and before.id != now.id)
        with publish.locked(root / "warehouse"):
            mend(root / "warehouse", root / "reports")
        after = releases.served(root / "warehouse")
        counts["unrepaired"] += after is None or bool(releases.verify(after)) or _is_mixed(root)
        counts["litter"] += len(litter(root / "warehouse", root / "reports"))
    return counts


def _is_mixed(root: Path) -> bool:
    by_people = (
        *number_in(root / "warehouse" / releases.CURRENT)[:2],
        int((root / "reports" / "latest" / "index.html").read_text()),
    )
    return len({*by_people}) != 1


def litter(warehouse: Path, reports: Path) -> list[str]:
    """Return files and folders that belong to no release."""
    kept = releases.all_releases(warehouse)
    known = {".lock", releases.CURRENT, releases.DATABASE, "parquet", "csv", "releases"}
    found = [path.name for path in warehouse.iterdir() if path.name not in known]
    found += [path.name for path in reports.iterdir() if path.name != "latest"]
    names = {one.name for one in kept}
    found += [path.name for path in (warehouse / "releases").iterdir() if path.name not in {".work", *names}]
    found += [path.name for path in (warehouse / "releases" / ".work").glob("*")]
    for one in kept:
        found += [path.name for path in one.folder.glob(".*")]
    return found + ([] if len(kept) <= publish.KEEP else ["too many releases"])


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of that size, where this account may."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)  # noqa: S603, S607
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607


def main() -> None:
    """Run a round, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=("all", "read", "publish"))
    parser.add_argument("root", nargs="?", type=Path)
    parser.add_argument("number", nargs="?", type=int)
    parser.add_argument("--publications", type=int, default=50)
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    if given.what == "read":
        read_until_told(given.root)
    elif given.what == "publish":
        make(given.root, given.number)
    else:
        with tempfile.TemporaryDirectory() as folder:
            print("readers", readers(Path(folder) / "readers", given.publications), flush=True)
            print("kills", kills(Path(folder) / "kills", given.kills), flush=True)


if __name__ == "__main__":
    os.nice(5)
    main()
