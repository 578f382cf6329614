"""mart.backtest: on scopes known in full at three or more elections, did the past locate the future?"""

from __future__ import annotations

import pandas as pd

from pipelines.catalog import RUN_COLUMNS, columns
from pipelines.stats.backtest import backtest

from . import Read, Release

MIN_ELECTIONS = 3
REPLICATES = 100
COLUMNS = columns("mart.backtest", but=RUN_COLUMNS)


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Every fold of every complete scope."""
    families = read("core.hotspot_input")
    order = read("ref.elections").sort_values("voting_date")["election_id"].tolist()
    families = families[families["is_comparable"] & (families["coverage"] == "complete")]
    tables = []
    for key, frame in families.groupby(["scope_code", "outcome", "level"], sort=True):
        scope, outcome, level = map(str, key)
        elections = [e for e in order if e in set(frame["election_id"])]
        if len(elections) < MIN_ELECTIONS:
            continue
        rows = frame.rename(columns={"election_id": "election", "area_code": "area", "parent_code": "parent"})
        rows = rows[["election", "area", "parent", "count", "exposure"]].astype({"count": "float64"})
        result = backtest(rows, elections=elections, replicates=REPLICATES, seed=release.seed)
        table = result.metrics.rename(columns={"election": "election_id", "at": "cutoff"})
        tables.append(table.assign(scope_code=scope, outcome=outcome, level=level))
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    frame["cutoff"] = frame["cutoff"].fillna(0.0)
    numbers = frame.select_dtypes("float").columns
    frame[numbers] = frame[numbers].round(6)
    return {"mart.backtest": frame[COLUMNS]}
