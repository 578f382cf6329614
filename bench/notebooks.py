"""Run the notebooks of docs/notebooks on the served release and save them with their figures.

`python -m bench.notebooks` needs nbformat, nbclient and ipykernel, which nothing else here needs: install them
in a separate environment. The sources are plain Python with cells (`# %%`), which tests run without these
packages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"


def cells(source: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of every cell: `markdown` without comment marks, or `code`."""
    for block in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        if "[markdown]" in head:
            yield (
                "markdown",
                "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines()),
            )
        else:
            yield "code", body.strip()


def executed(path: Path) -> Any:
    """Return the notebook of a source, executed from the first cell to the last."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for number, (kind, text) in enumerate(cells(path.read_text(encoding="utf-8"))):
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        cell = make(text)
        cell["id"] = f"{path.stem}-{number}"
        book.cells.append(cell)
    NotebookClient(book, timeout=300, record_timing=False).execute()
    return book


def main() -> None:
    """Run and save every notebook."""
    import nbformat

    for path in sorted(FOLDER.glob("*.py")):
        nbformat.write(executed(path), path.with_suffix(".ipynb"))


if __name__ == "__main__":
    sys.exit(main())
