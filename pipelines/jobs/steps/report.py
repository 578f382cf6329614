"""Build reports from the very file that will be published; unchanged pages are reused."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.jobs.run import Run
from pipelines.warehouse import releases

from .page_workers import Order, taken
from .pages import make


def step(run: Run) -> Mapping[str, Any]:
    """Build the pages of the selected areas and of those in the published
    reports, in every language, and the index."""
    from pipelines.catalog.messages import Text
    from pipelines.reporting.errors import ReportError

    served = releases.served(run.warehouse)
    previous = served.pages if served else None
    shutil.rmtree(run.work / releases.REPORTS, ignore_errors=True)
    wanted, formats = _wanted(run, previous)
    order = Order(run.database, run.work / releases.REPORTS, previous, run.langs, wanted, formats)
    outcome = make(order, wanted, started=taken(run))
    for failure in outcome.failed:
        if isinstance(failure.text, Text):
            raise ReportError(failure.text)
        raise RuntimeError(f"report of {failure.area}: {failure.text}\n{failure.trace}")
    return {"made": outcome.n_made, "unchanged": outcome.n_kept, "areas": len(wanted)}


def _wanted(run: Run, previous: Path | None) -> tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]]:
    """Return (languages by area, formats of the areas that do not get all).

    Areas requested by code get every format; the default is those in `facts.usual`. Areas in the published
    reports that this release still knows are kept, with the formats they had.
    """
    from pipelines.reporting.facts.queries import areas
    from pipelines.reporting.facts.usual import usual
    from pipelines.reporting.files import FORMATS
    from pipelines.reporting.site import pages
    from pipelines.reporting.site.site import formats_of
    from pipelines.warehouse.read import open_readonly

    with open_readonly(run.database) as con:
        known = areas(con)
        found: dict[str, set[str]] = {code: set(FORMATS) for code in run.areas}
        if not run.areas:
            found = {code: set(formats) for code, formats in usual(con).items()}
    langs: dict[str, set[str]] = {code: set(run.langs) for code in found}
    for (code, lang), page in pages.load(previous).pages.items():
        if code in known and lang in run.langs:
            langs.setdefault(code, set()).add(lang)
            found.setdefault(code, set()).update(formats_of(page))
    wanted: dict[str, Sequence[str]] = {
        code: tuple(one for one in run.langs if one in langs[code]) for code in langs
    }
    in_order = {code: tuple(one for one in FORMATS if one in some) for code, some in found.items()}
    return wanted, {code: some for code, some in in_order.items() if some != FORMATS}
