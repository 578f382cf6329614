"""Publish the complete, checked release atomically."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from pipelines.jobs import unchanged_texts
from pipelines.jobs.fingerprints import libraries
from pipelines.jobs.run import Run, held_error
from pipelines.storage import StorageError
from pipelines.warehouse import publish, releases

from ..forms.old_runs import finish
from .compare import read

log = logging.getLogger(__name__)


def step(run: Run) -> Mapping[str, Any]:
    """Serve the built release, or the new reports of an existing one, atomically."""
    if run.only:
        raise ValueError("a partial run is never published")
    about = {"langs": list(run.langs)}
    if run.built:
        release = releases.Release(run.warehouse / "releases" / run.built)
        made = run.work / releases.REPORTS
        if made.is_dir():  # else: a retry after the move
            publish.publish_pages(run.warehouse, run.reports, release, made, about)
        shutil.rmtree(run.work, ignore_errors=True)
        publish.serve(run.warehouse, run.reports, release)
        return {"release": run.id} | _cleared(run)
    if not run.work.exists():
        waiting = releases.held(run.warehouse)
        if waiting is not None and waiting.id == run.id:
            raise held_error(waiting)
        # A retry after the move: only the link remains to be set.
        publish.serve(run.warehouse, run.reports, releases.find(run.warehouse, run.id))
        return {"release": run.id} | _cleared(run)
    before, diff = releases.served(run.warehouse), read(run.work)
    manifest = {
        "release_id": run.id,
        "fingerprint": run.fingerprint,
        "inputs": run.inputs,
        "data_date": run.data_date,
        "published_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "before": before.id if before else None,
        "seed": run.seed,
        "project_version": version("titik-rawan"),
        "libraries": libraries(),
        "accepted": _accepted(run, before, diff["n_suspicious"]),
        unchanged_texts.TEXTS: unchanged_texts.noted(run),
    }
    if diff["n_suspicious"] and not run.accept and not (before and before.id == run.id):
        raise held_error(publish.hold(run.warehouse, run.work, manifest, about))
    publish.publish(run.warehouse, run.reports, run.work, manifest, about)
    return {"release": run.id} | _cleared(run)


def _accepted(run: Run, before: releases.Release | None, n_suspicious: int) -> str | None:
    """Return why the release is served although it looks like a mistake; a rebuilt release keeps its reason."""
    if before is not None and before.id == run.id:
        return before.manifest.get("accepted")
    return run.accept or None if n_suspicious else None


def _cleared(run: Run) -> dict[str, str]:
    """Return facts on leftovers of older runs in the storage; problems there do not fail a published release."""
    try:
        removed = finish(run)
    except StorageError as error:
        log.warning("older runs below the place were not removed: %s", error)
        return {"older_runs": f"not removed ({error.kind})"}
    return {"older_runs": f"removed {' '.join(removed)}"} if removed else {}
