"""Reports from the very file that will be published, made side by side in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipelines.run import Run

WORKERS = 2


def write_one(database: Path, area_code: str, lang: str, langs: Sequence[str], folder: Path) -> int:
    """Write the HTML and PDF of one area in one language; returns the number of files."""
    from pipelines.reporting import index_name, render
    from pipelines.warehouse.read import open_readonly

    with open_readonly(database) as con:
        return len(render(con, area_code, lang, folder, langs=langs, index=index_name(lang, langs)))


def write_index(database: Path, areas: Sequence[str], langs: Sequence[str], folder: Path) -> None:
    """Write the dictionary and, last, the entry page, which lists the files that are there."""
    from pipelines.reporting import render_dictionary, render_index
    from pipelines.warehouse.read import open_readonly

    with open_readonly(database) as con:
        render_dictionary(con, langs, folder)
        render_index(con, areas, langs, folder)


def step(run: Run) -> Mapping[str, Any]:
    """Write HTML and PDF for every selected area and language, and the index.

    Processes, not threads: figures and typesetting are bound to one core, and their memory ends with them.
    """
    folder = run.work / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [(area, lang) for area in run.areas for lang in run.langs]
    workers = min(WORKERS, os.cpu_count() or 1, len(jobs))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        done = [pool.submit(write_one, run.database, area, lang, run.langs, folder) for area, lang in jobs]
        written = sum(one.result() for one in done)
        pool.submit(write_index, run.database, run.areas, run.langs, folder).result()
    return {"files": written, "areas": len(run.areas)}
