"""A home of Prefect whose database stands already: a server at a new home migrates longer than most tests take.

The database is the one that a first run left which found nothing, as on a person's machine:
`test_run_needs_no_server_started_by_hand` looks at what became of that run.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from flows.server import WITHOUT_BLOCKS
from tests.conftest import ROOT
from tests.support.builds import built, state
from tests.support.process import run_program

DATABASE, SAID = "prefect.db", "said.json"
# For servers at a furnished home: its database is of this version of Prefect, and no test uses a type of block. The
# names of time zones are read for every schedule that the server shows; a package has them in one file.
QUICK = {
    **WITHOUT_BLOCKS,
    "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
    "PYTHONTZPATH": "",
}
FIRST_RUN = """
import sys
from pathlib import Path
from tests.support.fakes import FakeRun, FakeStep, runner
from flows.refresh import run_refresh
run = FakeRun("r1", Path(sys.argv[1]))
print(run_refresh(run, run_all=runner([FakeStep("read", lambda run: {"rows_read": 3})])))
"""


def furnished(home: Path) -> Path:
    """Put the database of a home just begun into `home`, which is made where it is not there."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = begun() / ".prefect" / DATABASE
    with closing(sqlite3.connect(kept)) as old, closing(sqlite3.connect(home / DATABASE)) as new:
        old.backup(new)  # with what its server may have left in a file beside it
    return home


def begun() -> Path:
    """The folder of a run under Prefect that had no server and no home; `SAID` keeps what it said."""
    code = hashlib.sha256()
    for path in sorted((ROOT / "flows").glob("*.py")):
        code.update(path.read_bytes())
    return built("prefect", _first_run, f"{version('prefect')}-{state()}-{code.hexdigest()[:16]}")


def _first_run(folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {"PREFECT_HOME": str(folder / ".prefect"), "PYTHONPATH": str(ROOT)}
    done = run_program([sys.executable, "-c", FIRST_RUN, str(folder)], environment)
    said = {"code": done.returncode, "out": done.stdout, "err": done.stderr}
    (folder / SAID).write_text(json.dumps(said), encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"the first run failed, and is tried again by the next test: {done.stderr}")
