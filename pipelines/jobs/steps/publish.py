"""The whole, checked release is served from one moment on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from pipelines.jobs.fingerprints import libraries
from pipelines.jobs.run import Run
from pipelines.storage import StorageError
from pipelines.warehouse import publish, releases

from ..forms.old_runs import finish

log = logging.getLogger(__name__)


def step(run: Run) -> Mapping[str, Any]:
    """Serve the built release, or the new reports of one that was built before, in one moment."""
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
        # A retry after the move: only the pointing is left to do.
        publish.serve(run.warehouse, run.reports, releases.find(run.warehouse, run.id))
        return {"release": run.id} | _cleared(run)
    before = releases.served(run.warehouse)
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
        "accepted": run.accept or None,
    }
    publish.publish(run.warehouse, run.reports, run.work, manifest, about)
    return {"release": run.id} | _cleared(run)


def _cleared(run: Run) -> dict[str, str]:
    """Facts on what older runs left below the place; a release that is out is not failed by what went wrong there."""
    try:
        removed = finish(run)
    except StorageError as error:
        log.warning("older runs below the place were not removed: %s", error)
        return {"older_runs": f"not removed ({error.kind})"}
    return {"older_runs": f"removed {' '.join(removed)}"} if removed else {}
