"""Add pages to the served release: built beside its reports and published together when they are complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pipelines.jobs import beside
from pipelines.reporting.site.pages import MANIFEST
from pipelines.warehouse import publish, releases

from .page_workers import Order, Wanted
from .pages import Outcome, make


def languages(release: releases.Release) -> tuple[str, ...]:
    """Return the languages of the entry page, its own first; empty if the reports do not say."""
    about = releases.read_json(release.pages / releases.MANIFEST) if release.pages else {}
    return tuple(one for one in about.get("langs") or () if isinstance(one, str))


def add(
    warehouse: Path,
    reports: Path,
    release: releases.Release,
    langs: tuple[str, ...],
    made: Wanted,
    wanted: Wanted,
    formats: Wanted,
    on_done: Callable[[str], None] = lambda _: None,
    helper: beside.Pool | None = None,
) -> Outcome:
    """Build or keep the requested pages and serve them together with the existing ones; the caller holds the
    lock.

    Pages finished before an interruption are kept, and the same call resumes from there.

    Args:
        langs: of the entry page. made: every page the site will have. wanted: the requested ones.
        formats: for areas that do not get every format. helper: a process of `page_workers.ahead`.
    """
    before = release.pages
    aside = warehouse / "releases" / ".work" / f"pages-{release.name}-{before.name if before else 'none'}"
    if not aside.is_dir():
        shutil.rmtree(aside.parent, ignore_errors=True)
        _carry_over(before, aside)
    outcome = make(Order(release.database, aside, aside, langs, made, formats), wanted, on_done, helper)
    about = {"langs": list(langs)}
    if outcome.is_same and before and languages(release) == langs:
        shutil.rmtree(aside.parent, ignore_errors=True)
        return outcome
    publish.publish_pages(warehouse, reports, release, aside, about)
    shutil.rmtree(aside.parent, ignore_errors=True)
    return outcome


def _carry_over(before: Path | None, aside: Path) -> None:
    """Copy the current pages by hard links, without using space twice; the
    list of pages is written to and so copied."""
    unfinished = aside.with_name(".carried")
    unfinished.mkdir(parents=True)
    for path in sorted(before.iterdir()) if before else ():
        if path.name in (releases.SUMS, releases.MANIFEST) or not path.is_file():
            continue
        try:
            if path.name == MANIFEST:
                shutil.copyfile(path, unfinished / path.name)
            else:
                os.link(path, unfinished / path.name)
        except OSError:
            shutil.copyfile(path, unfinished / path.name)
    unfinished.rename(aside)
