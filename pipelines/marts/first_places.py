"""mart.first_places: the places below an area to look at first; a watch list with its evidence, not a verdict.

Places are ranked by the rule that the back-test chose for their scope and level (mart.backtest_choice): a
simple rule if it is as good as ours, and the estimate where no back-test is possible. The estimate shown is the
propensity across elections, or the rate at the latest election with an official total. Silent places are not
listed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import codes
from pipelines.stats.backtest.methods import History, forecasts
from pipelines.stats.partly_observed.classes import NO_STATEMENT

from . import Read, Release
from .backtest import located

OUTCOME = "psu"
# Ranked level, and code length of the area it is ranked below: the regencies of the nation and of a province,
# the districts of a regency.
PARENT_LENGTH = (("regency", 0), ("regency", 2), ("district", 4))
COLUMNS = columns("mart.first_places")


def history(zeros: pd.DataFrame) -> pd.DataFrame:
    """Return per area: TPS with PSU held, TPS at elections with data, elections with any, late units, disputes."""
    held = zeros[(zeros["outcome"] == OUTCOME) & zeros["value"].notna()]
    found = held.groupby("area_code").agg(count=("value", "sum"), exposure=("n_tps", "sum"))
    found["n_elections"] = held[held["value"] > 0].groupby("area_code").size()
    found["n_elections"] = found["n_elections"].fillna(0)
    for column, outcome in (("n_late", "late_recap"), ("n_disputes", "dispute")):
        found[column] = zeros[zeros["outcome"] == outcome].groupby("area_code")["value"].sum(min_count=1)
    return found


def scores(hotspots: pd.DataFrame, propensity: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """Return one estimate per scope, level and area: propensity, or the latest election with an official total."""
    prone = propensity[propensity["outcome"] == OUTCOME]
    prone = prone.rename(
        columns={
            "propensity": "relative_rate",
            "propensity_low": "relative_low",
            "propensity_high": "relative_high",
        }
    ).assign(basis="propensity")
    single = hotspots[(hotspots["outcome"] == OUTCOME) & hotspots["is_comparable"]]
    known = single[single["state"] != "silent"].groupby(["scope_code", "level"])["area_code"].agg(set)
    single = single.assign(order=single["election_id"].map(order))
    latest = single.groupby(["scope_code", "level"])["order"].transform("max")
    single = single[single["order"] == latest].rename(
        columns={"eb_ratio": "relative_rate", "eb_low": "relative_low", "eb_high": "relative_high"}
    )
    claimed = set(zip(prone["scope_code"], prone["level"], strict=True))
    keys = list(zip(single["scope_code"], single["level"], strict=True))
    single = single[[key not in claimed for key in keys]].assign(basis="one_election")
    columns = ["scope_code", "level", "area_code", "relative_rate", "relative_low", "relative_high", "basis"]
    both = pd.concat([prone[columns], single[columns]], ignore_index=True)
    spoken = [
        area in known.get((scope, level), ())
        for scope, level, area in both[["scope_code", "level", "area_code"]].itertuples(index=False)
    ]
    return both[spoken]


def by_rule(families: pd.DataFrame, choice: pd.DataFrame, order: pd.Series) -> pd.DataFrame:
    """Score every area by the rule chosen for its scope and level, from all elections with an official total."""
    parts = []
    mine = families[(families["outcome"] == OUTCOME) & families["is_comparable"]]
    rules = choice[choice["outcome"] == OUTCOME].set_index(["scope_code", "level"])["rule"]
    for (scope, level), frame in mine.groupby(["scope_code", "level"], sort=True):
        if (scope, level) not in rules.index:
            continue
        rows = located(frame).assign(order=lambda f: f["election"].map(order))
        count, exposure = (
            rows.pivot_table(index="area", columns="order", values=name, aggfunc="first")
            for name in ("count", "exposure")
        )
        parent = rows.groupby("area")["parent"].first().to_numpy(dtype=object)
        history = History(
            count.to_numpy(float),
            exposure.to_numpy(float),
            exposure.iloc[:, -1].to_numpy(float),
            parent,
            None,
        )
        rule = str(rules.to_dict()[scope, level])
        score = np.asarray(forecasts(history)[rule].score, dtype=float)
        parts.append(
            pd.DataFrame(
                {"scope_code": scope, "level": level, "area_code": count.index, "rule": rule, "score": score}
            )
        )
    columns = ["scope_code", "level", "area_code", "rule", "score"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def ranked(scored: pd.DataFrame) -> pd.DataFrame:
    """Rank the places below every area that has at least two places with data and one incident.

    Where a place was scored both in its province and in the nation, the narrower scope takes precedence.
    """
    parts = []
    for below, length in PARENT_LENGTH:
        inside = scored[scored["level"] == below]
        parent = inside["area_code"].str[:length] if length else pd.Series("00", index=inside.index)
        parts.append(inside.assign(parent_code=parent, is_own=inside["scope_code"] == parent.str[:2]))
    places = pd.concat(parts, ignore_index=True)
    narrow = places.groupby("parent_code")["is_own"].transform("any")
    places = places[places["is_own"] | ~narrow]
    lists = places.groupby("parent_code")
    places = places[(lists["area_code"].transform("size") > 1) & (lists["count"].transform("sum") > 0)]
    ordered = places.sort_values(
        ["parent_code", "score", "relative_rate", "count", "area_code"],
        ascending=[True, False, False, False, True],
        kind="stable",
    )
    return ordered.assign(rank=ordered.groupby("parent_code").cumcount() + 1)


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Rank the places below every area."""
    areas = read("ref.areas")
    order = read("ref.elections").set_index("election_id")["voting_date"]
    scored = scores(read("mart.hotspots"), read("mart.propensity"), order)
    evidence = read("mart.persistence")
    evidence = evidence[evidence["outcome"] == OUTCOME]
    # Each area gets one class: the strongest from its comparisons with the nation and with its province.
    order_of = {word: k for k, word in enumerate(codes("evidence"))}
    evidence = evidence.sort_values("evidence", key=lambda words: words.map(order_of), kind="stable")
    words = evidence.drop_duplicates(["level", "area_code"]).set_index(["level", "area_code"])["evidence"]
    place = ["scope_code", "level", "area_code"]
    scored = scored.join(words, on=["level", "area_code"])
    rules = by_rule(read("core.hotspot_input"), read("mart.backtest_choice"), order)
    scored = scored.merge(rules, on=place, how="left")
    scored["rule"] = scored["rule"].fillna("estimate")
    scored["score"] = scored["score"].fillna(scored["relative_rate"]).astype(float).round(9)
    scored = scored.join(history(read("mart.three_zeros")), on="area_code")
    scored["evidence"] = scored["evidence"].fillna(NO_STATEMENT)
    scored["exposure"] = scored["exposure"].where(scored["exposure"] > 0)
    scored["area_name"] = scored["area_code"].map(areas.set_index("area_code")["name"])
    frame = ranked(scored)
    return {"mart.first_places": frame[COLUMNS]}
