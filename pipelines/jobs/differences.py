"""Compare two stored releases on request."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from pipelines import catalog
from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.jobs import changes
from pipelines.jobs.steps.compare import as_json
from pipelines.warehouse import releases
from pipelines.warehouse.compare import compare, side_by_side


def between(warehouse: Path, before: str | None, after: str | None) -> dict[str, Any]:
    """Return the changes from one release to the other, in the form of diff.json.

    Args:
        before, after: ids; without `after`: the served one; without both: the held or served one and its
            predecessor.

    Raises:
        UserError: there are no two releases to compare.
    """
    old, new = _chosen(warehouse, before, after)
    with tempfile.TemporaryDirectory() as spill, side_by_side(old.database, new.database, Path(spill)) as con:
        tables = compare(con, catalog.load())
        return as_json(old.name, new.name, tables, changes.notes(con, tables))


def _chosen(
    warehouse: Path, before: str | None, after: str | None
) -> tuple[releases.Release, releases.Release]:
    served, waiting = releases.served(warehouse), releases.held(warehouse)
    new = releases.find(warehouse, after) if after else served if before else waiting or served
    if before:
        old: releases.Release | None = releases.find(warehouse, before)
    elif waiting is not None and new is waiting:
        old = served
    else:
        kept = releases.all_releases(warehouse)
        names = [one.name for one in kept]
        at = names.index(new.name) + 1 if new else len(kept)
        old = kept[at] if at < len(kept) else None
    if old is None or new is None:
        raise UserError(Message("jobs.nothing_to_compare"), USAGE)
    return old, new
