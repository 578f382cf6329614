"""Report that a source of result forms is still empty: on election night that is not an error."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pipelines.catalog.messages import Message
from pipelines.catalog.records import check_frame, in_languages


def no_forms(sources: Iterable[str], n_kept: int) -> pd.DataFrame:
    """Return a warning check as a row of `meta.checks`; none if there are forms, or no source of forms."""
    named = ", ".join(sorted(sources))
    return check_frame([_check(named)] if named and not n_kept else [])


def _check(named: str) -> dict[str, object]:
    return {
        "check_id": "core.result:has_forms",
        "table_name": "core.result",
        "rule": "has_forms",
        "kind": "table",
        "severity": "warn",
        "status": "warn",
        "n_checked": 0,
        "n_failed": 0,
        "observed": "0",
        "expected": "> 0",
        **in_languages(Message("jobs.no_forms", sources=named)),
    }
