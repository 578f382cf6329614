"""How long one area takes: `titikrawan report CODE` for a regency that has only its page so far, and once more.

`python -m bench.one_area` works on copies of the served release and writes .bench/one_area.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines.cli.main import find_root
from pipelines.warehouse.publish import serve
from pipelines.warehouse.releases import Release, served

OUT = Path(".bench/one_area.json")
MOST_S = 2.0  # on two cores with nothing else to do
REPEATS = 5


def without_formats(pages: Path) -> str:
    """Return the code of the first regency with a page and without tables and PDF."""
    names = {path.name for path in pages.glob("[0-9][0-9][0-9][0-9]-*.id.*")}
    left = (name for name in sorted(names) if name.replace(".html", ".pdf") not in names)
    if (name := next(left, None)) is None:
        sys.exit("every regency has all its formats already")
    return name[:4]


def copied(release: Release, root: Path) -> None:
    """Make a project folder that serves a copy of the release."""
    copy = root / "data" / "warehouse" / "releases" / release.name
    shutil.copytree(release.folder, copy, symlinks=True)
    serve(root / "data" / "warehouse", root / "reports", Release(copy))


def seconds(root: Path, code: str) -> float:
    """Return the time from the start of the command to its end."""
    began = time.perf_counter()
    given = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pipelines.cli.main", "report", code]
    subprocess.run(command, env=given | {"TITIKRAWAN_ROOT": str(root)}, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - began


def main() -> None:
    """Print and save the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    release = served(find_root() / "data" / "warehouse")
    if release is None or release.pages is None:
        sys.exit("there is no release with pages yet")
    code = without_formats(release.pages)
    found: dict[str, list[float]] = {"built": [], "kept": []}
    for _ in range(given.repeats):
        with tempfile.TemporaryDirectory() as folder:
            copied(release, Path(folder))
            found["built"].append(seconds(Path(folder), code))
            found["kept"].append(seconds(Path(folder), code))
    table = Table("pages", "median s", "best s", title=f"titikrawan report {code} (bar: {MOST_S} s)")
    for name, times in found.items():
        middle = statistics.median(times)
        table.add_row(name, f"{middle:.2f}" + (" !" if middle > MOST_S else ""), f"{min(times):.2f}")
    Console().print(table)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"area": code, "seconds": found}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
