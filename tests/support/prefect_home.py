"""A home of Prefect whose database stands already: a server at a new home migrates longer than most tests take.

`test_run_needs_no_server_started_by_hand` begins with an empty home, as a person does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.support.builds import built

DATABASE = "prefect.db"


def furnished(home: Path) -> Path:
    """Put the database of a home just begun into `home`, which is made where it is not there."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(built("prefect", _migrate, version("prefect")) / DATABASE, home / DATABASE)
    return home


def _migrate(folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env=environment | {"PREFECT_HOME": str(folder), "DO_NOT_TRACK": "1"},
        check=True,
        capture_output=True,
    )
