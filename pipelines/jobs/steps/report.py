"""Reports from the very file that will be published; pages that would come out the same are taken over."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.jobs.run import Run
from pipelines.warehouse import releases

from .pages import Order, make


def step(run: Run) -> Mapping[str, Any]:
    """Pages for the selected areas, and for those that the published reports have, in every language; the index."""
    from pipelines.catalog.messages import Text
    from pipelines.reporting.errors import ReportError

    served = releases.served(run.warehouse)
    previous = served.pages if served else None
    shutil.rmtree(run.work / releases.REPORTS, ignore_errors=True)
    wanted = {**_earlier(run, previous), **dict.fromkeys(run.areas, run.langs)}
    order = Order(run.database, run.work / releases.REPORTS, previous, run.langs, wanted)
    outcome = make(order, wanted)
    for failure in outcome.failed:
        if isinstance(failure.text, Text):
            raise ReportError(failure.text)
        raise RuntimeError(f"report of {failure.area}: {failure.text}\n{failure.trace}")
    return {"made": outcome.n_made, "unchanged": outcome.n_kept, "areas": len(wanted)}


def _earlier(run: Run, previous: Path | None) -> dict[str, Sequence[str]]:
    """Areas with a page in the published reports that this release still knows -> languages of these pages."""
    from pipelines.reporting.facts.queries import areas
    from pipelines.reporting.site import pages
    from pipelines.warehouse.read import open_readonly

    found: dict[str, list[str]] = {}
    for area, lang in sorted(pages.load(previous).pages):
        if lang in run.langs:
            found.setdefault(area, []).append(lang)
    if not found:
        return {}
    with open_readonly(run.database) as con:
        known = areas(con)
    return {
        area: tuple(lang for lang in run.langs if lang in langs)
        for area, langs in found.items()
        if area in known
    }
