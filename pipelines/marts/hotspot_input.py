"""core.hotspot_input: families of comparable areas, with bounds, exposure, expectation and state.

A family is a scope (the nation or a province), an election, an outcome and a level. Re-votes are counted as
events (`located`), measured by what was ordered: the cause lay in the station whether or not a re-vote
followed. Located events are compared with the scope's official total; without one, areas are listed but not
compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import LEVELS_BELOW, codes

from . import Read, Release
from .located import KEY_LENGTH, by_area, events, tps_per_event

NATION = "00"
# Measures of mart.counts.
ORDERED = "ordered"
HELD = "held"
COLUMNS = columns("core.hotspot_input")
WHOLE, AT_LEAST, SILENT = codes("knowledge")


@dataclass(frozen=True)
class Known:
    """Input shared by all families; `stated` holds TPS, with areas in rows and elections in columns."""

    found: pd.DataFrame
    counts: pd.DataFrame
    areas: pd.DataFrame
    stated: pd.DataFrame
    elections: pd.DataFrame
    per_event: dict[str, float]
    whole: dict[tuple[str, str], dict[str, int]]
    _inside: dict[tuple[str, str], tuple[pd.DataFrame, list[str]]] = field(default_factory=dict)

    def inside(self, level: str, scope: str) -> tuple[pd.DataFrame, list[str]]:
        """Return TPS of the areas of a level in a scope, and the elections for which all of them are known."""
        if (level, scope) not in self._inside:
            if scope == NATION:
                areas = self.areas
                mine = areas[(areas["level"] == level) & ~areas["area_code"].str.contains("-")]
                # Codes as Python strings, since they are accessed one by one many times.
                codes = pd.Index(mine["area_code"].to_numpy(dtype=object), dtype=object, name="area_code")
                table = self.stated.reindex(codes)
            else:
                every = self.inside(level, NATION)[0]
                table = every[[code.startswith(scope) for code in every.index]]
            missing = table.columns[table.isna().any()]
            self._inside[level, scope] = table, [e for e in table.columns if e not in set(missing)]
        return self._inside[level, scope]


def exposures(level: str, scope: str, election: str, known: Known) -> tuple[pd.Series, str] | None:
    """Return TPS of every area of a level in a scope; if some are missing, shares of the nearest complete
    election.

    Regional elections before 2024 were held in only some areas, and no source lists which: they have no
    national exposure.
    """
    table, whole = known.inside(level, scope)
    if election in whole:
        return table[election], "stated"
    about = known.elections.loc[election]
    in_part = about["kind"] == "regional" and about["voting_date"].year < 2024
    if not whole or (scope == NATION and in_part):
        return None
    days = known.elections["voting_date"]
    nearest = min(whole, key=lambda e: (abs((days[e] - days[election]).days), e))
    shares = table[nearest]
    total = np.nan
    if scope in known.stated.index and election in known.stated.columns:
        total = float(known.stated[election].to_numpy()[known.stated.index.get_loc(scope)])
    if np.isnan(total):
        return (shares, "scaled") if scope == NATION else None
    return shares * total / shares.sum(), "scaled"


def official_totals(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the official total in TPS of every scope, election and outcome, and whether it is known to be
    whole.

    Where both ordered and held re-votes are counted officially, the larger total is used, since a total that is
    too low would make areas look worse than they are.
    """
    mine = counts[counts["measure"].isin([ORDERED, HELD])]
    whole = mine["lower"].where(mine["is_complete"])
    table = mine.assign(total=pd.concat([mine["official_count"], whole], axis=1).max(axis=1))
    keys = ["area_code", "election_id", "kind"]
    found = table.groupby(keys)["total"].max()
    # If more was located than an official count says, the count is not a total.
    least = mine.groupby(keys)["lower"].max()
    return pd.DataFrame({"total": found.where(found >= least), "least": least}).dropna(subset=["total"])


def complete_counts(counts: pd.DataFrame) -> dict[tuple[str, str], dict[str, int]]:
    """Return by election and outcome: TPS of every area whose count of re-votes ordered or held is known to be
    whole.

    Where the count of held re-votes is complete and nothing indicates that more were ordered, it serves for
    both.
    """
    mine = counts[counts["measure"].isin([ORDERED, HELD])]
    keys = ["election_id", "kind", "area_code"]
    table = pd.DataFrame(
        {
            "whole": mine[mine["is_complete"]].groupby(keys)["lower"].max(),
            "least": mine.groupby(keys)["lower"].max(),
        }
    )
    table = table[table["whole"] == table["least"]].reset_index()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for election, kind, area, whole in table[[*keys, "whole"]].itertuples(index=False):
        found.setdefault((str(election), str(kind)), {})[str(area)] = int(whole)
    return found


def revote_families(known: Known) -> Iterator[pd.DataFrame]:
    """Yield the families of ordered PSU, PSL and PSS."""
    totals = official_totals(known.counts)
    located = known.found[known.found["area_code"] != NATION]
    # The location of events is the same in every scope, so it is computed once for all.
    placed = {level: by_area(located, level) for level in KEY_LENGTH}
    nowhere = pd.DataFrame(columns=["low", "high", "n_tps", "largest", "low_merged"], dtype="float64")
    pairs = set(zip(located["election_id"], located["outcome"], strict=True))
    provinces = set(known.areas.loc[known.areas["level"] == "province", "area_code"])
    wanted = {(NATION, *pair) for pair in pairs} | {k for k in totals.index if k[0] in provinces}
    for scope, election, outcome in sorted(wanted):
        total = totals["total"].get((scope, election, outcome))
        whole = known.whole.get((election, outcome), {})
        for level in LEVELS_BELOW["national" if scope == NATION else "province"]:
            m = exposures(level, scope, election, known)
            if m is not None:
                table = placed[level].get((election, outcome), nowhere)
                yield _family(scope, election, outcome, level, table, total, whole, m, known)


def _family(
    scope: str, election: str, outcome: str, level: str, placed: pd.DataFrame, total: float | None,
    whole: dict[str, int], exposure: tuple[pd.Series, str], known: Known,
) -> pd.DataFrame:  # fmt: skip
    codes, exposed = list(exposure[0].index), exposure[0].to_numpy()
    at = {code: row for row, code in enumerate(codes)}
    there = [at.get(code, -1) for code in placed.index]
    known_there = placed.to_numpy(dtype="float64")[[row >= 0 for row in there]]
    values = np.zeros((len(codes), placed.shape[1]))
    values[:, placed.columns.get_loc("largest")] = np.nan
    values[[row for row in there if row >= 0]] = known_there
    table = dict(zip(placed.columns, values.T, strict=True))
    is_complete = _in_full(codes, table["n_tps"], whole, scope)
    per_event = known.per_event.get(outcome, 1.0)
    official = float(total) if total is not None and pd.notna(total) else np.nan
    middle = np.sqrt(table["low"] * table["high"])
    in_full = bool(is_complete.all())
    # Where every area is fully known, its events are counted and no mean size is needed.
    in_events = float(middle.sum()) if in_full else max(official / per_event, float(middle.sum()))
    if np.isnan(official):
        in_events = float(middle.sum())
    rest = in_events - float(middle[is_complete].sum())
    share = 1.0 if in_full else float(middle[~is_complete].sum()) / rest if rest > 0 else 0.0
    state = np.select([is_complete, table["high"] > 0], [WHOLE, AT_LEAST], SILENT)
    weight = exposed / exposed.sum()
    return pd.DataFrame(
        {
            "scope_code": scope,
            "election_id": election,
            "outcome": outcome,
            "level": level,
            "area_code": codes,
            "parent_code": _parent(codes, level),
            "unit": "incident",
            "count": table["low"],
            "count_high": table["high"],
            "count_merged": table["low_merged"],
            "n_tps_affected": table["n_tps"],
            "largest": table["largest"],
            "exposure": exposed,
            "expected": weight * in_events,
            "exposure_basis": exposure[1],
            "coverage": np.where(state == SILENT, "no_data", state),
            "state": state,
            "located_share": min(share, 1.0) if not np.isnan(official) else np.nan,
            "official_total": official,
            "tps_per_incident": per_event,
            "is_comparable": not np.isnan(official),
        }
    )


def _in_full(codes: Sequence[str], located: np.ndarray, whole: dict[str, int], scope: str) -> np.ndarray:
    """Return which areas are fully known: all of their complete count is located, or that of an area above
    them.

    Args:
        codes: the areas; located: located TPS of each; whole: complete counts by area code (`complete_counts`).
    """
    found = np.zeros(len(codes), dtype=bool)
    stations = located.tolist()
    for length in (2, 4, 6) if whole else ():
        above = [code[:length] for code in codes]
        inside = dict.fromkeys((area for area in above if area in whole), 0)
        for area, n in zip(above, stations, strict=True):
            if area in inside:
                inside[area] += n
        in_full = {area for area, n in inside.items() if n >= whole[area]}
        found |= np.array([area in in_full for area in above], dtype=bool)
    # The national count says nothing about the parts of a single province.
    if scope == NATION and NATION in whole and located.sum() >= whole[NATION]:
        found |= True
    return found


def _parent(codes: Iterable[str], level: str) -> list[str]:
    return [NATION if level == "province" else code[: KEY_LENGTH[level] - 2] for code in codes]


def other_families(read: Read, known: Known) -> Iterator[pd.DataFrame]:
    """Yield families of disputes against the court's own total, and of late
    recapitulation, which is only described."""
    zeros = read("mart.three_zeros")
    disputes = zeros[zeros["outcome"] == "dispute"]
    nation = disputes[(disputes["area_code"] == NATION) & (disputes["coverage"] == "complete")]
    totals = nation.set_index("election_id")["value"]
    for level in LEVELS_BELOW["national"]:
        for election, total in totals[totals > 0].items():
            m = exposures(level, NATION, str(election), known)
            below = disputes[(disputes["level"] == level) & (disputes["election_id"] == election)]
            count = below.set_index("area_code")["value"]
            if m is None or not count.notna().any():
                continue
            yield _cases(str(election), level, count, float(total), m)
        late = zeros[(zeros["level"] == level) & (zeros["outcome"] == "late_recap") & (zeros["n_known"] > 0)]
        for _, frame in late.groupby("election_id"):
            yield _late(frame, level)


def _cases(
    election: str, level: str, count: pd.Series, total: float, exposure: tuple[pd.Series, str]
) -> pd.DataFrame:
    found = count.reindex(exposure[0].index).fillna(0).astype(float)
    in_all = max(total, float(found.sum()))
    state = np.where(found > 0, AT_LEAST, SILENT)
    return pd.DataFrame(
        {
            "scope_code": NATION,
            "election_id": election,
            "outcome": "dispute",
            "level": level,
            "area_code": found.index,
            "parent_code": _parent(found.index, level),
            "unit": "case",
            "count": found.to_numpy(),
            "count_high": found.to_numpy(),
            "count_merged": found.to_numpy(),
            "exposure": exposure[0].to_numpy(),
            "expected": (exposure[0] / exposure[0].sum() * in_all).to_numpy(),
            "exposure_basis": exposure[1],
            "coverage": np.where(state == SILENT, "no_data", AT_LEAST),
            "state": state,
            "located_share": float(found.sum()) / in_all,
            "official_total": total,
            "tps_per_incident": 1.0,
            "is_comparable": True,
        }
    )


def _late(frame: pd.DataFrame, level: str) -> pd.DataFrame:
    trials = frame["n_known"].astype(float)
    rate = float(frame["value"].sum()) / trials.sum()
    return frame[["election_id", "outcome", "level", "area_code", "coverage"]].assign(
        scope_code=NATION,
        parent_code=_parent(frame["area_code"], level),
        unit="unit",
        count=frame["value"].astype(float),
        count_high=frame["value"].astype(float),
        count_merged=frame["value"].astype(float),
        exposure=trials,
        expected=trials * rate,
        exposure_basis="stated",
        state=frame["coverage"],
        is_comparable=False,
    )


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return all families, concatenated."""
    found = events(read("core.incident"))
    counts, stated = read("mart.counts"), read("core.exposure_resolution")
    known = Known(
        found=found,
        counts=counts,
        areas=read("ref.areas"),
        stated=stated.pivot_table(index="area_code", columns="election_id", values="n_tps").astype("float64"),
        elections=read("ref.elections").set_index("election_id"),
        per_event=tps_per_event(found),
        whole=complete_counts(counts),
    )
    parts = [*revote_families(known), *other_families(read, known)]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    whole = ["count", "count_high", "count_merged", "n_tps_affected", "largest"]
    frame[whole] = frame.reindex(columns=whole).astype("Float64").astype("Int64")
    # A silent area is unknown, not zero.
    frame.loc[frame["state"] == SILENT, whole] = pd.NA
    return {"core.hotspot_input": frame.reindex(columns=COLUMNS)}
