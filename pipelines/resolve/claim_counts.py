"""Counts of re-votes as bounds, the incidents behind them, and the proof that both say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import columns
from .claim_bounds import MEASURES, Bound, Place, bound, reached
from .claim_tree import SYNTHETIC, build_tree
from .claims import Group
from .incidents import COLUMNS as INCIDENT_COLUMNS
from .incidents import ORDERED, incidents_of
from .rows import former_provinces, records

COUNT_COLUMNS = columns("mart.counts")
PART_COLUMNS = columns("core.count_part")


def sum_id(election_id: str, area_code: str, kind: str, measure: str) -> str:
    """Name of a sum: it has no claim of its own; its parts are listed under this name."""
    return "/".join(("sum", election_id, area_code, kind, measure))


def resolve_counts(groups: Iterable[Group]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Bounds of counts, incidents and the parts of sums, of all elections and outcomes.

    Args:
        groups: from `claims.groups`.

    Returns:
        (counts, incidents, parts): frames with `COUNT_COLUMNS`, `incidents.COLUMNS` and `PART_COLUMNS`, in TPS.
        An area about which nothing is known has no row in counts; one that is mentioned at all has one per measure.
    """
    counts: list[dict[str, Any]] = []
    incidents: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for group in groups:
        statements = {m: group.statements[s] for m, s in MEASURES.items() if s in group.statements}
        places = bound(group.claims, group.tree, statements)
        mine = incidents_of(group, places)
        counts.extend(_counts(group, places))
        parts.extend(_parts(group, places, mine))
        incidents.extend(mine)
    return (
        _frame(counts, COUNT_COLUMNS, ["election_id", "kind", "area_code", "measure"]),
        _frame(incidents, INCIDENT_COLUMNS, ["incident_id"]),
        _frame(parts, PART_COLUMNS, ["election_id", "kind", "area_code", "measure", "part_id"]),
    )


def _counts(group: Group, places: Mapping[str, Place]) -> Iterator[dict[str, Any]]:
    known = _mentioned(group, places)
    for code, place in places.items():
        if SYNTHETIC in code or code not in known:
            continue
        for measure, found in place.bounds.items():
            yield {
                "election_id": group.election_id,
                "area_code": code,
                "level": group.tree.levels[code],
                "kind": group.outcome,
                "measure": measure,
                "lower": found.lower,
                "upper": found.upper,
                "is_complete": found.is_complete,
                "rests_on": found.rests_on,
                "lower_claim_ids": _ids(group, code, measure, found),
                "upper_claim_id": found.upper_id,
                "official_count": found.statement.expected if found.statement else None,
                "official_claim_id": found.statement.id if found.statement else None,
                "is_contradicted": found.is_contradicted,
                "n_named": _named(place, places, measure),
            }


def _ids(group: Group, code: str, measure: str, found: Bound) -> str | None:
    if found.rests_on == "sum_of_parts":
        return sum_id(group.election_id, code, group.outcome, measure)
    return ";".join(found.lower_ids) or None


def _mentioned(group: Group, places: Mapping[str, Place]) -> set[str]:
    """Areas about which a claim, or a statement that makes them zero, says something; with the areas above them."""
    known: set[str] = set()
    for code, place in places.items():
        says = place.own or place.stations or any(b.rests_on != "none" for b in place.bounds.values())
        node: str | None = code if says else None
        while node is not None and node not in known:
            known.add(node)
            node = group.tree.above(node)
    return known


def _named(place: Place, places: Mapping[str, Place], measure: str) -> int:
    """Stations named one by one, in and below a place."""
    here = sum(reached(claims, measure) for claims in place.stations.values())
    return here + sum(_named(places[c], places, measure) for c in place.below)


def _parts(
    group: Group, places: Mapping[str, Place], incidents: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What the sums add up: areas below, places with a name only, and stations."""
    for code, place in places.items():
        if SYNTHETIC in code:
            continue
        for measure, found in place.bounds.items():
            if found.rests_on != "sum_of_parts":
                continue
            key = {
                "election_id": group.election_id,
                "area_code": code,
                "kind": group.outcome,
                "measure": measure,
            }
            for below in place.below:
                if places[below].bounds[measure].lower:
                    yield key | {"part_id": below, "lower": places[below].bounds[measure].lower}
            column = ORDERED if measure == "ordered" else (MEASURES[measure],)
            for row in incidents:
                is_here = row["place_id"].endswith(f"/{code}") and row["tps"] is not None
                if is_here and any(row[f"{step}_claim_id"] is not None for step in column):
                    yield key | {"part_id": row["incident_id"], "lower": 1}


def differences(
    incidents: pd.DataFrame,
    counts: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Areas whose incidents do not add up to their lower bounds; empty when all is well.

    Held: rows with status held. Ordered: rows held or decided, without those that are part of what is listed with a
    lower step. Recommended: rows with a recommendation in their ladder.

    Args:
        incidents: incident_id, election_id, outcome, status, area_code, n_tps, is_within, recommended_claim_id.
        counts: election_id, area_code, kind, measure, lower.
        areas, elections, lineage: as for `claims.groups`.

    Returns:
        Frame election_id, area_code, kind, measure, lower, summed (both in TPS).
    """
    area_rows = records(areas)
    sums: dict[tuple[str, ...], int] = {}
    by_election = {k: records(v) for k, v in incidents.groupby("election_id")}
    for election in records(elections):
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        for row in by_election.get(election["election_id"], []):
            climbed = {
                "held": row["status"] == "held",
                "ordered": row["status"] in ORDERED and not row["is_within"],
                "recommended": row["recommended_claim_id"] is not None,
            }
            node: str | None = row["area_code"]
            while node is not None:
                for measure in (m for m, is_there in climbed.items() if is_there):
                    key = (row["election_id"], node, row["outcome"], measure)
                    sums[key] = sums.get(key, 0) + row["n_tps"]
                node = tree.above(node)
    keys = ["election_id", "area_code", "kind", "measure"]
    stated = {tuple(r[k] for k in keys): int(r["lower"]) for r in records(counts[[*keys, "lower"]])}
    wrong = [
        (*key, stated.get(key, 0), sums.get(key, 0))
        for key in sorted({*stated, *sums})
        if stated.get(key, 0) != sums.get(key, 0)
    ]
    return pd.DataFrame(wrong, columns=[*keys, "lower", "summed"])


def _frame(rows: list[dict[str, Any]], columns: list[str], order: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("lower", "upper", "official_count", "n_named", "n_tps", "tps_number", "n_claims"):
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    for name in (c for c in columns if c.endswith("_date")):
        frame[name] = pd.to_datetime(frame[name])
    return frame.sort_values(order, kind="stable").reset_index(drop=True)
