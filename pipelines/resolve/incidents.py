"""One row per incident, with its ladder of steps: reported, recommended, ordered, held, or refused.

An incident is one polling station (TPS) of one election and kind, or a number of unnamed stations in one area.
Rows of stations come from the claims about them. Rows without a name hold what an area's own figure adds to the
stations named below it, so that the rows of an area add up to its lower bounds (`claim_counts.differences`).

An area's figure may include stations that are already listed at a lower step: "five were held" where five are
named as ordered and none as held. Such a row is `is_within`: it is left out when incidents are counted, and
kept when held ones are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from ..catalog import columns
from ..catalog.vocabulary import COURT_BASES, codes
from .area_names import ratio
from .claim_bounds import MEASURES, Place, number
from .claim_precedence import COURT_GROUND, Claim, choose
from .claim_tree import SYNTHETIC, normal_name
from .claims import Group

# Steps of the ladder, lowest first; the highest step that a claim states is the status of the incident.
# "Refused" ranks above the request and below an order.
LEVELS = codes("level")
LADDER = codes("status")
REFUSED = "refused"
ORDERED = (MEASURES["ordered"], MEASURES["held"])
WITHOUT_MEASURE = tuple(s for s in LADDER if s not in MEASURES.values())
COLUMNS = columns("core.incident")
UNKNOWN_GROUND = "unknown"
SAME_SPELLING = 0.85


def tps_text(tps: str | None) -> str | None:
    """Return a station number with three digits, as on the forms; a text such as `lokasi khusus` stays as it
    is.

    Example:
        >>> tps_text("1"), tps_text("01"), tps_text("902")
        ('001', '001', '902')
    """
    return tps.zfill(3) if tps is not None and tps.isdigit() else tps


def step_date(claim: Claim) -> Any:
    """Return the day of a step: the stated day for "held"; otherwise the day of the decision or of the claim."""
    row = claim.row
    if claim.status == "held":
        return row.get("date_held")
    decided = None if claim.status == LADDER[0] else row.get("date_decided")
    return decided or row.get("source_date")


def incidents_of(group: Group, places: Mapping[str, Place]) -> list[dict[str, Any]]:
    """Return the incidents of places whose bounds are known (`claim_bounds.bound`)."""
    rows: list[dict[str, Any]] = []
    # By place: the number of stations listed in it, and how many of them reached a given step.
    listed: dict[str, dict[str, int]] = {}
    for code in sorted(places, key=lambda c: (-group.tree.depth(c), c)):
        place = places[code]
        mine = [_row(group, place, claims, tps) for tps, claims in sorted(place.stations.items())]
        below = [listed[c] for c in place.below]
        seen = {key: sum(b[key] for b in below) for key in ("all", *LADDER)}
        _count(seen, mine)
        for row in _unnamed(group, place, seen):
            mine.append(row)
            _count(seen, [row])
        listed[code] = seen
        rows.extend(mine)
    rows.sort(key=lambda row: str(row["incident_id"]))
    _flag_doubles(rows)
    return rows


def _count(seen: dict[str, int], rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        if not row["is_within"]:
            seen["all"] += row["n_tps"]
        for step in LADDER:
            if row[f"{step}_claim_id"] is not None:
                seen[step] += row["n_tps"]


def _unnamed(group: Group, place: Place, seen: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield rows for what the place's own figures add to the stations listed in and below it."""
    more = {m: place.bounds[m].lower - place.bounds[m].parts for m in MEASURES}
    fresh = min(more["held"], more["ordered"])
    listed, marked = seen["all"], seen["recommended"]
    for status, n in zip(reversed(ORDERED), (fresh, more["ordered"] - fresh), strict=True):
        if n > 0:
            # As many were recommended here beyond those listed below: assume they are the same stations.
            is_recommended = n <= more["recommended"]
            if is_recommended:
                more["recommended"] -= n
                marked += n
            listed += n
            yield _rest(group, place, status, n, False, is_recommended)
    if more["held"] > fresh:
        yield _rest(group, place, "held", more["held"] - fresh, True, False)
    own = {s: max(number(c) for c in place.own[s]) for s in WITHOUT_MEASURE if s in place.own}
    rest = {"recommended": more["recommended"]} | {s: n - seen[s] for s, n in own.items()}
    for status, n in rest.items():
        known = marked if status == "recommended" else seen[status]
        within = min(n, max(listed - known, 0))
        if within > 0:
            yield _rest(group, place, status, within, True, False)
        if n > within and n > 0:
            yield _rest(group, place, status, n - max(within, 0), False, False)
            listed += n - max(within, 0)


def _rest(
    group: Group, place: Place, status: str, n: int, is_within: bool, is_recommended: bool
) -> dict[str, Any]:
    """Return a row for `n` stations that no source names."""
    measure = next((m for m, s in MEASURES.items() if s == status), None)
    behind = set(place.bounds[measure].lower_ids) if measure else set()
    own = place.own.get(status, ())
    claims = [c for c in own if c.id in behind] or list(own)
    if is_recommended:
        claims += place.own["recommended"]
    if status == "held" and not is_within:
        claims += place.own.get("decided", ())
    row = _row(group, place, claims, None)
    whole = place.bounds[measure].statement if measure else None
    if not own and whole:
        # The official count stated by the register itself, which is not part of any claim.
        row |= {f"{status}_claim_id": whole.id, f"{status}_basis": whole.basis, "claim_id": whole.id}
    stated: dict[str, Any] = {
        "incident_id": f"{row['place_id']}/{'part' if is_within else 'rest'}-{status}",
        "status": status,
        "n_tps": n,
        "is_within": is_within,
        "is_number_stated": any(c.value is not None for c in own) or not own,
    }
    return row | stated


def _row(group: Group, place: Place, claims: Sequence[Claim], tps: str | None) -> dict[str, Any]:
    by_step = {step: [c for c in claims if c.status == step] for step in LADDER}
    ladder: dict[str, Any] = {}
    chosen: list[Claim] = []
    for step in LADDER:
        best = choose(by_step[step], step)[0] if by_step[step] else None
        ladder |= {
            f"{step}_date": step_date(best) if best else None,
            f"{step}_basis": best.basis if best else None,
            f"{step}_claim_id": best.id if best else None,
        }
        chosen += [best] if best else []
    chosen.reverse()
    # Highest step first; the sort is stable and keeps the order of the ladder within each half.
    top = sorted(chosen, key=lambda c: (c.status not in ORDERED, c.status != REFUSED))
    base, _, name = place.code.partition(SYNTHETIC)
    place_id = "/".join((group.election_id, group.outcome, place.code))
    named = [*top, *claims]
    level = "tps" if tps is not None else top[0].row["level"] if name and top else group.tree.levels[base]
    return {
        "incident_id": f"{place_id}/{tps_text(tps)}",
        "place_id": place_id,
        "election_id": group.election_id,
        "outcome": group.outcome,
        "status": top[0].status if top else None,
        "area_code": base,
        "level": level,
        "district": _name(named, level, "district"),
        "village": _name(named, level, "village"),
        "tps": tps_text(tps),
        "tps_number": int(tps) if tps is not None and tps.isdigit() else None,
        "n_tps": 1,
        "is_within": False,
        "is_number_stated": True,
        **ladder,
        "is_court_ordered": any(
            c.basis in COURT_BASES or c.row.get("ground_code") == COURT_GROUND for c in claims
        ) or group.outcome == "psu_court",
        "ballots": _ballots(claims),
        "ground_code": _first(
            c.row.get("ground_code") for c in named if c.row.get("ground_code") != UNKNOWN_GROUND
        ) or _first(c.row.get("ground_code") for c in named),
        "claim_id": top[0].id if top else None,
        "n_claims": len(claims),
        "claim_ids": ";".join(sorted(c.id for c in claims)) or None,
        "possibly_same_as": None,
        "note": " | ".join(dict.fromkeys(str(c.row["note"]) for c in named if c.row.get("note"))) or None,
    }  # fmt: skip


def _name(claims: Sequence[Claim], level: str, of: str) -> Any:
    """Return the name of the district or village as written; None where the row lies above that level."""
    deep_enough = LEVELS.index(level) >= LEVELS.index(of)
    return _first(c.row.get(of) for c in claims) if deep_enough else None


def _first(values: Iterator[Any]) -> Any:
    return next((v for v in values if v), None)


def _ballots(claims: Sequence[Claim]) -> str | None:
    """Return the contests that any claim names; `all` where one says all; None where none says."""
    named = {b for c in claims for b in str(c.row.get("ballots") or "").split(";") if b}
    return "all" if "all" in named else ";".join(sorted(named)) or None


def _flag_doubles(rows: Sequence[dict[str, Any]]) -> None:
    """Cross-reference stations of one regency and number that may be duplicates; see `_may_be_one`."""
    by_number: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["tps"] is not None:
            by_number.setdefault((row["area_code"][:4], row["tps"]), []).append(row)
    for candidates in by_number.values():
        for one, other in combinations(candidates, 2):
            if _may_be_one(one, other):
                for row, twin in ((one, other), (other, one)):
                    known = [i for i in (row["possibly_same_as"] or "").split(";") if i]
                    row["possibly_same_as"] = ";".join(sorted({*known, twin["incident_id"]}))


def _may_be_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    a, b = normal_name(one["village"]), normal_name(other["village"])
    if not a or not b:
        return False
    if a == b or (one["area_code"] == other["area_code"] and ratio(a, b) >= SAME_SPELLING):
        return True
    # A note that names the other village and the number says that some source writes the station that way.
    return any(
        there in normal_name(row["note"]) and f"tps{row['tps_number']}" in normal_name(row["note"])
        for row, there in ((one, b), (other, a))
    )
