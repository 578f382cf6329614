"""Print how much of each package the tests reach, from `coverage json -o -`.

python -m coverage json -q -o - | python -m tests.support.coverage_by_package
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import PurePosixPath
from typing import Any


def by_package(files: dict[str, Any]) -> list[tuple[str, int, int]]:
    """(package, statements, reached) for each package, and for all of them together at the end."""
    statements: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for name, found in files.items():
        folders = PurePosixPath(name).parts[:-1]
        for package in {"/".join(folders[:2]), "all"}:
            statements[package] += found["summary"]["num_statements"]
            reached[package] += found["summary"]["covered_lines"]
    ordered = sorted(statements, key=lambda package: (package == "all", package))
    return [(package, statements[package], reached[package]) for package in ordered]


def main() -> None:
    print(f"{'package':28}{'statements':>11}{'reached':>9}")
    for package, n, k in by_package(json.load(sys.stdin)["files"]):
        print(f"{package:28}{n:11}{k / max(n, 1):9.0%}")


if __name__ == "__main__":
    main()
