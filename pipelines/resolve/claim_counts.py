"""Resolve re-vote claims to bounded counts, incidents and contradictions, and check that they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.claim_ids import sum_id
from .claim_bounds import MEASURES, Bound, Place, bound, number, of_the_office, reached
from .claim_precedence import choose
from .claim_tree import SYNTHETIC, AreaTree, build_tree
from .claims import STATUSES, Group
from .incidents import COLUMNS as INCIDENT_COLUMNS
from .incidents import ORDERED, incidents_of
from .rows import former_provinces, records

COUNT_COLUMNS = columns("mart.counts")
WHOLE_NUMBERS = (
    "lower", "upper", "official_count", "n_located", "n_named", "n_tps", "tps_number", "n_claims",
    "value", "chosen_value",
)  # fmt: skip
PART_COLUMNS = columns("core.count_part")
ALTERNATIVE_COLUMNS = columns("core.claim_alternative")


@dataclass(frozen=True)
class Counted:
    """The result of resolving re-vote claims; all counts in TPS.

    Attributes:
        counts: rows of mart.counts. An area without any information has no row; any other has one per measure.
        incidents: rows of core.incident.
        parts: rows of core.count_part: the parts of every sum among the counts.
        alternatives: rows of core.claim_alternative: figures that differ from the one used, and why they lost.
    """

    counts: pd.DataFrame
    incidents: pd.DataFrame
    parts: pd.DataFrame
    alternatives: pd.DataFrame


def resolve_counts(groups: Iterable[Group]) -> Counted:
    """Resolve all elections and outcomes to bounded counts, incidents, parts of sums and unused figures.

    Args:
        groups: from `claims.groups`.
    """
    counts: list[dict[str, Any]] = []
    incidents: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    alternatives: list[dict[str, Any]] = []
    for group in groups:
        statements = {m: group.statements[s] for m, s in MEASURES.items() if s in group.statements}
        places = bound(group.claims, group.tree, statements, partial(_sum_of, group))
        mine = incidents_of(group, places)
        counts.extend(_counts(group, places))
        parts.extend(_parts(group, places, mine))
        alternatives.extend(_alternatives(group, places))
        incidents.extend(mine)
    return Counted(
        _frame(counts, COUNT_COLUMNS, ["election_id", "kind", "area_code", "measure"]),
        _frame(incidents, INCIDENT_COLUMNS, ["incident_id"]),
        _frame(parts, PART_COLUMNS, ["sum_id", "part_id"]),
        _frame(alternatives, ALTERNATIVE_COLUMNS, ALTERNATIVE_COLUMNS[:5]),
    )


def _counts(group: Group, places: Mapping[str, Place]) -> Iterator[dict[str, Any]]:
    known, named = _mentioned(group, places), _named(places, group.tree)
    for code, place in places.items():
        if SYNTHETIC in code or code not in known:
            continue
        for measure, found in place.bounds.items():
            lower_ids = _ids(group, code, measure, found)
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
                "claim_id": _cited(place, lower_ids),
                "lower_claim_ids": ";".join(lower_ids) or None,
                "upper_claim_id": found.upper_id,
                "official_count": found.statement.expected if found.statement else None,
                "official_claim_id": found.statement.id if found.statement else None,
                "is_contradicted": found.is_contradicted,
                "n_located": found.parts,
                "n_named": named[code, measure],
            }


def _sum_of(group: Group, code: str, measure: str) -> str:
    return sum_id(group.election_id, code, group.outcome, measure)


def _ids(group: Group, code: str, measure: str, found: Bound) -> tuple[str, ...]:
    """Return the claims behind a lower bound, or the id of the sum where it is one."""
    is_sum = found.rests_on == "sum_of_parts"
    return (_sum_of(group, code, measure),) if is_sum else found.lower_ids


def _cited(place: Place, lower_ids: Sequence[str]) -> str | None:
    """Return the claim that is shown among those behind a lower bound."""
    claims = [c for own in place.own.values() for c in own if c.id in lower_ids]
    if not claims:
        return lower_ids[0] if lower_ids else None
    return choose(claims, claims[0].status)[0].id


def _alternatives(group: Group, places: Mapping[str, Place]) -> Iterator[dict[str, Any]]:
    """Yield numbers from an area's own claims or an official count that differ from the number used."""
    measure_of = {status: measure for measure, status in MEASURES.items()}
    for code, place in places.items():
        base, _, _ = code.partition(SYNTHETIC)
        for status in STATUSES:
            measure = measure_of.get(status)
            found = place.bounds[measure] if measure else Bound()
            if found.statement is None and not place.own.get(status):
                continue  # says nothing itself
            for other_id, value, reason, used, used_id in _not_used(group, place, status, measure, found):
                yield {
                    "election_id": group.election_id,
                    "area_code": base,
                    "outcome": group.outcome,
                    "status": status,
                    "claim_id": other_id,
                    "chosen_claim_id": used_id,
                    "value": value,
                    "chosen_value": used,
                    "reason": reason,
                }


def _not_used(
    group: Group, place: Place, status: str, measure: str | None, found: Bound
) -> Iterator[tuple[str, int, str, int, str]]:
    """Yield, for one status of one place: claim, its number, why it is not used, the number used and its basis."""
    own = [c for c in place.own.get(status, ()) if c.value is not None]
    whole = found.statement
    heard = of_the_office(own)
    largest = max((number(c) for c in heard), default=0)
    is_official = whole is not None and whole.is_whole and whole.expected is not None
    if is_official and whole is not None and whole.expected is not None:
        largest = whole.expected
    is_sum = found.parts > largest
    used = max(largest, found.parts)
    carriers = [c for c in heard if c.value == used]
    if is_sum and measure:
        used_id = _sum_of(group, place.code, measure)
    elif carriers:
        used_id = choose(carriers, status)[0].id
    elif is_official and whole is not None:
        used_id = whole.id
    elif own:  # only numbers with low confidence
        used_id = choose(own, status)[0].id
    else:
        return
    for claim in own:
        if claim.value is None or claim.value == used or claim.id == used_id:
            continue
        if is_official and not is_sum:
            reason = "official_count"
        elif claim.confidence == "low":
            reason = "low_confidence"
        elif is_sum:
            reason = "parts_exceed_whole"
        else:
            reason = "smaller_number" if claim in heard else "own_record"
        yield claim.id, claim.value, reason, used, used_id
    expected = whole.expected if whole is not None else None
    if (
        whole is not None
        and expected is not None
        and used > expected
        and expected not in {c.value for c in own}
    ):
        yield whole.id, expected, "parts_exceed_whole" if is_sum else "smaller_number", used, used_id


def _mentioned(group: Group, places: Mapping[str, Place]) -> set[str]:
    """Return the areas that a claim, or a statement that makes them zero, is about, with the areas above them."""
    known: set[str] = set()
    for code, place in places.items():
        says = place.own or place.stations or any(b.rests_on != "none" for b in place.bounds.values())
        node: str | None = code if says else None
        while node is not None and node not in known:
            known.add(node)
            node = group.tree.above(node)
    return known


def _named(places: Mapping[str, Place], tree: AreaTree) -> dict[tuple[str, str], int]:
    """Return the number of individually named stations in and below every place, by code and measure."""
    found: dict[tuple[str, str], int] = {}
    for code in sorted(places, key=lambda c: -tree.depth(c)):
        place = places[code]
        for measure in MEASURES:
            here = sum(reached(claims, measure) for claims in place.stations.values())
            found[code, measure] = here + sum(found[below, measure] for below in place.below)
    return found


def _parts(
    group: Group, places: Mapping[str, Place], incidents: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the parts of the sums: child areas, places known by name only, and stations."""
    stations: dict[str, list[Mapping[str, Any]]] = {}
    for row in incidents:
        if row["tps"] is not None:
            stations.setdefault(row["place_id"], []).append(row)
    for code, place in places.items():
        here = stations.get("/".join((group.election_id, group.outcome, code)), ())
        for measure, found in place.bounds.items():
            if not found.parts:
                continue
            key = {
                "sum_id": _sum_of(group, code, measure),
                "election_id": group.election_id,
                "area_code": code.partition(SYNTHETIC)[0],
            }
            for below in place.below:
                part = places[below].bounds[measure]
                if part.lower:
                    ids = _ids(group, below, measure, part)
                    yield key | {
                        "part_id": below,
                        "value": part.lower,
                        "claim_id": _cited(places[below], ids),
                    }
            steps = ORDERED if measure == "ordered" else (MEASURES[measure],)
            for row in here:
                claims = [row[f"{step}_claim_id"] for step in reversed(steps) if row[f"{step}_claim_id"]]
                if claims:
                    yield key | {"part_id": row["incident_id"], "value": 1, "claim_id": claims[0]}


def differences(
    incidents: pd.DataFrame,
    counts: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return areas whose incidents do not add up to their lower bounds; empty when all agree.

    Held: incidents with status held. Ordered: incidents held or decided, except those already counted at a
    lower step. Recommended: incidents with a recommendation in their ladder.

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
        if election["election_id"] not in by_election:
            continue
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        for row in by_election[election["election_id"]]:
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
    for name in WHOLE_NUMBERS:
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    for name in (c for c in columns if c.endswith("_date")):
        frame[name] = pd.to_datetime(frame[name])
    return frame.sort_values(order, kind="stable").reset_index(drop=True)
