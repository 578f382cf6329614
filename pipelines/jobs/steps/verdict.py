"""Does a set of checks let the run go on?"""

from __future__ import annotations

import pandas as pd

from pipelines.jobs.run import DataRefusedError


def refuse_failed(checks: pd.DataFrame) -> None:
    """Stop the run where a check that must hold has failed.

    Raises:
        DataRefusedError: naming each such check in both languages.
    """
    failed = checks[(checks["severity"] == "stop") & (checks["status"] == "fail")]
    if len(failed):
        raise DataRefusedError(
            {
                lang: [
                    f"{row.table_name}: {row.rule}: {getattr(row, f'message_{lang}')}"
                    for row in failed.itertuples()
                ]
                for lang in ("id", "en")
            }
        )
