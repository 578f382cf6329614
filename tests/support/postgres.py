"""A PostgreSQL server for one test, on a socket of its own; it listens on no port of the network."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """The address of an empty database; the server ends with the test."""
    folder = Path(tempfile.mkdtemp(prefix="titikrawan-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    as_postgres = ["runuser", "-u", "postgres", "--"]
    run = {"check": True, "capture_output": True, "timeout": 60}
    control = [*as_postgres, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    try:
        subprocess.run(
            [
                *as_postgres,
                str(programs / "initdb"),
                "-D",
                str(data),
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            **run,
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, timeout=60)
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], capture_output=True, check=False, timeout=60)
        shutil.rmtree(folder, ignore_errors=True)
