"""Reports from the very file that will be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.reporting import index_name, render, render_index
from pipelines.run import Run
from pipelines.warehouse.read import open_readonly


def step(run: Run) -> Mapping[str, Any]:
    """Write HTML and PDF for every selected area and language, and the index."""
    folder = run.work / "reports"
    written = []
    with open_readonly(run.database) as con:
        for area_code in run.areas:
            for lang in run.langs:
                index = index_name(lang, run.langs)
                written += render(con, area_code, lang, folder, langs=run.langs, index=index)
        render_index(con, run.areas, run.langs, folder)
    return {"files": len(written), "areas": len(run.areas)}
