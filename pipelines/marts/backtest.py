"""mart.backtest and mart.backtest_choice: does the past predict where things happen, and which rule ranks
places?

Every scope with an official total at three or more elections takes part, with located ordered re-votes. An area
that no source mentions counts as zero located, since the score is about where the located incidents were.
"""

from __future__ import annotations

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import FRESH_VOTES
from pipelines.stats.backtest import backtest
from pipelines.stats.backtest.methods import BASELINES, OURS

from . import Read, Release

MIN_ELECTIONS = 3
REPLICATES = 100
# The measure that decides between rules; it needs no cut-off.
CHOSEN_BY = "average_precision"
KEYS = ["scope_code", "outcome", "level"]
PARTS = {"core.hotspot_input": KEYS}
APART = True
COLUMNS = columns("mart.backtest")
CHOICE = columns("mart.backtest_choice")


def located(family: pd.DataFrame) -> pd.DataFrame:
    """Return the long frame for `stats.backtest` from rows of core.hotspot_input of one scope, outcome and
    level.

    Islands (the first digit of the code) are added above provinces, so that the bootstrap has blocks to draw.
    """
    rows = family.rename(columns={"election_id": "election", "area_code": "area", "parent_code": "parent"})
    rows = rows[["election", "area", "parent", "count", "exposure"]].copy()
    rows["count"] = rows["count"].astype("float64").fillna(0.0)
    is_top = (rows["parent"] == "00").all()
    return rows.assign(parent=rows["area"].str[:1]) if is_top else rows


def choose(metrics: pd.DataFrame) -> dict[str, object]:
    """Choose the rule for the list of places: ours only where it is significantly better in most elections.

    Args:
        metrics: rows of mart.backtest of one scope, outcome and level.
    """
    mine = metrics[metrics["metric"] == CHOSEN_BY]
    means = mine.groupby("method")["value"].mean()
    baselines = [m for m in BASELINES if m in means.index]
    ours = max((m for m in OURS if m in means.index), key=lambda m: means[m])
    better = int((mine.loc[mine["method"] == ours, "difference_low"] > 0).sum())
    n = int(mine["election_id"].nunique())
    simple = max(baselines, key=lambda m: means[m])
    is_ours = better > n / 2
    return {
        "rule": ours if is_ours else simple,
        "is_ours": is_ours,
        "metric": CHOSEN_BY,
        "n_folds": n,
        "n_surely_better": better,
        "value_rule": round(float(means[ours if is_ours else simple]), 6),
        "value_ours": round(float(means[ours]), 6),
    }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return every fold of every scope with official totals, and the rule chosen from them."""
    families = read("core.hotspot_input")
    order = read("ref.elections").sort_values("voting_date")["election_id"].tolist()
    families = families[families["is_comparable"] & families["outcome"].isin(FRESH_VOTES)]
    tables, choices = [], []
    for key, frame in families.groupby(KEYS, sort=True):
        named = dict(zip(KEYS, map(str, key), strict=True))
        elections = [e for e in order if e in set(frame["election_id"])]
        if len(elections) < MIN_ELECTIONS:
            continue
        result = backtest(located(frame), elections=elections, replicates=REPLICATES, seed=release.seed)
        table = result.metrics.rename(columns={"election": "election_id", "at": "cutoff"}).assign(**named)
        tables.append(table)
        if (table["metric"] == CHOSEN_BY).any():
            choices.append({**named, **choose(table)})
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    frame["cutoff"] = frame["cutoff"].fillna(0.0)
    numbers = frame.select_dtypes("float").columns
    frame[numbers] = frame[numbers].round(6)
    return {
        "mart.backtest": frame[COLUMNS],
        "mart.backtest_choice": pd.DataFrame(choices, columns=CHOICE),
    }
