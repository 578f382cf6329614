"""The whole, checked release is swapped into place."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipelines.jobs.run import Run, data_date, libraries
from pipelines.warehouse import publish

from ..forms.old_runs import finish
from ..forms.place_error import PlaceError

log = logging.getLogger(__name__)


def step(run: Run) -> Mapping[str, Any]:
    """Move the release into place and point to it; readers see the old one until the very end."""
    if not run.work.exists():
        # A retry after the move: only the pointing is left to do.
        publish.point_to(run.warehouse, run.reports, run.id)
        return {"release": run.id} | _cleared(run)
    manifest = {
        "release_id": run.id,
        "fingerprint": run.fingerprint,
        "data_date": data_date(run.root),
        "published_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "areas": list(run.areas),
        "langs": list(run.langs),
        "seed": run.seed,
        "libraries": libraries(),
    }
    publish.publish(run.warehouse, run.reports, run.work, manifest)
    return {"release": run.id} | _cleared(run)


def _cleared(run: Run) -> dict[str, str]:
    """Facts on what older runs left below the place; a release that is out is not failed by what went wrong there."""
    try:
        removed = finish(run)
    except PlaceError as error:
        log.warning("older runs below the place were not removed: %s", error)
        return {"older_runs": f"not removed ({error.kind})"}
    return {"older_runs": f"removed {' '.join(removed)}"} if removed else {}
