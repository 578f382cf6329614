"""Decide whether a set of checks lets the run continue."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.messages import Given, Joined
from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.jobs.run import DataRefusedError


def refuse_failed(checks: pd.DataFrame) -> None:
    """Stop the run if a mandatory check failed.

    Raises:
        DataRefusedError: naming each such check in every language.
    """
    failed = checks[(checks["severity"] == "stop") & (checks["status"] == "fail")]
    if len(failed):
        raise DataRefusedError(
            [
                Joined(
                    f"{row.table_name}: {row.rule}:",
                    Given({lang: str(getattr(row, f"message_{lang}")) for lang in LANGUAGES}),
                )
                for row in failed.itertuples()
            ]
        )
