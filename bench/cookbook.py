"""Query times of a release: opening it, every question of the cookbook, and the sizes of its files.

`python -m bench.cookbook` reads the served release (or TITIKRAWAN_WAREHOUSE) and writes .bench/cookbook.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from titikrawan.cookbook import questions
from titikrawan.place import find_warehouse
from titikrawan.session import Session

OUT = Path(".bench/cookbook.json")
MOST_MS, MOST_OPEN_MS = 50, 50
REPEATS = 7


def milliseconds(do: Callable[[], Any], repeats: int) -> float:
    """Return the median time of one call."""
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        do()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def measured(database: Path, repeats: int = REPEATS) -> dict[str, Any]:
    """Return the times of opening and of every question (ms), and the sizes of the release's files (bytes)."""

    def opened() -> None:
        duckdb.connect(str(database.resolve()), read_only=True).close()

    with Session(database) as con:
        times = {
            one.name: milliseconds(lambda sql=one.sql: con.execute(sql).fetchall(), repeats)
            for one in questions()
        }  # type: ignore[misc]
    folder = database.resolve().parent
    sizes = {database.name: database.resolve().stat().st_size}
    for name in ("parquet", "csv"):
        sizes[name] = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
    return {"open_ms": milliseconds(opened, repeats), "questions_ms": times, "bytes": sizes}


def main() -> None:
    """Print and save the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    found = measured(find_warehouse(), given.repeats)
    table = Table("question", "ms", title=f"cookbook (bar: {MOST_MS} ms; opening {found['open_ms']:.0f} ms)")
    for name, value in sorted(found["questions_ms"].items(), key=lambda pair: -pair[1]):
        table.add_row(name, f"{value:.1f}" + (" !" if value > MOST_MS else ""))
    for name, size in found["bytes"].items():
        table.add_row(name, f"{size / 1e6:.1f} MB")
    Console().print(table)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
