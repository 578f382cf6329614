"""Bounds on counts of re-votes: a certain lower bound, and an upper bound where an official count gives one.

For one election and outcome, over the tree of areas as it stood, for each measure (recommended, ordered, held):

* An area's lower bound is the larger of its own figure and the sum of its parts. Its own figure is the largest
  number that a claim states; a claim without a number, or with low confidence, means only "at least one". Where
  the office of the area states a number itself, that number is the area's own figure, whatever others wrote.
* What was held had been ordered: ordered is never below held.
* An upper bound comes only from an official count of the whole (`Statement.is_whole`): the area's own count, or
  that of an area above minus what is located elsewhere in it; from a claim of "none"; or from parts that are
  all fully known. A count that known cases exceed is contradicted and bounds nothing.
* So additional area figures can only raise a lower bound. They lower an upper bound by being located elsewhere,
  and never raise one unless they contradict it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..catalog import code_lists
from .claim_precedence import Claim
from .claim_tree import SYNTHETIC, AreaTree
from .offices import NOT_OWN, own_rank

# Measure -> status of the claims that state it, in chronological order of a re-vote.
MEASURES: Mapping[str, str] = {
    code: words["status"] for code, words in code_lists()["revote_measure"].items()
}


@dataclass(frozen=True)
class Statement:
    """What the register states about its completeness for an area, and the official count if there is one.

    Attributes:
        is_complete: the register lists everything down to the level it names.
        is_whole: the official count covers the whole area, listed or not: nothing can be added to it.
    """

    id: str
    is_complete: bool
    is_whole: bool
    expected: int | None
    date: date | None = None
    basis: str | None = None


@dataclass
class Bound:
    """Bounds of one measure at one place. `own` is None where no claim of
    the measure is about the place itself."""

    own: int | None = None
    parts: int = 0
    lower: int = 0
    upper: int | None = None
    rests_on: str = "none"
    lower_ids: tuple[str, ...] = ()
    upper_id: str | None = None
    statement: Statement | None = None
    is_contradicted: bool = False

    @property
    def is_complete(self) -> bool:
        return self.upper is not None and self.upper == self.lower


@dataclass
class Place:
    """An area or a named place during the resolution."""

    code: str
    own: dict[str, list[Claim]] = field(default_factory=dict)
    stations: dict[str, list[Claim]] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)
    bounds: dict[str, Bound] = field(default_factory=lambda: {m: Bound() for m in MEASURES})


def number(claim: Claim) -> int:
    """Return the number of TPS that a claim makes certain: 1 where it states none or has low confidence.

    Example:
        A claim "held on 24 February" without a number makes one TPS certain, not exactly one.
    """
    if claim.value is None or (claim.confidence == "low" and claim.value > 0):
        return 1
    return claim.value


def reached(claims: Iterable[Claim], measure: str) -> bool:
    """Return whether a station reached a measure: by a claim of its status
    or, for "ordered", because it was held."""
    statuses = {c.status for c in claims}
    return MEASURES[measure] in statuses or (measure == "ordered" and "held" in statuses)


def plant(claims: Sequence[Claim], tree: AreaTree) -> dict[str, Place]:
    """Return the places that claims are about and the areas above them, linked to their children; each station
    once.

    A station without a stated village is identified with the known station of the same number in that area.
    """
    places: dict[str, Place] = {}
    stations = [c for c in claims if c.tps is not None]
    for claim in claims:
        if claim.tps is None:
            place = places.setdefault(claim.node, Place(claim.node))
            place.own.setdefault(claim.status, []).append(claim)
    for claim in sorted(
        stations, key=lambda c: (-len(c.node.partition(SYNTHETIC)[0]), SYNTHETIC not in c.node, c.id)
    ):
        _attach(places, claim, tree)
    link(places, list(places), tree)
    return places


def link(places: dict[str, Place], codes: Iterable[str], tree: AreaTree) -> None:
    """Add the areas above `codes` and link them to their children."""
    for code in codes:
        child, above = code, tree.above(code)
        while above is not None:
            place = places.setdefault(above, Place(above))
            if child in place.below:
                break
            place.below.append(child)
            child, above = above, tree.above(above)


def _attach(places: dict[str, Place], claim: Claim, tree: AreaTree) -> None:
    base, _, name = claim.node.partition(SYNTHETIC)
    tps = claim.tps or ""
    for code in sorted(places):
        if code == claim.node or tps not in places[code].stations:
            continue
        same_place = name == "" or code.partition(SYNTHETIC)[2] == name
        if same_place and code.startswith(base) and tree.depth(code) > tree.depth(base):
            places[code].stations[tps].append(claim)
            return
    places.setdefault(claim.node, Place(claim.node)).stations.setdefault(tps, []).append(claim)


def bound(
    claims: Sequence[Claim],
    tree: AreaTree,
    statements: Mapping[str, Mapping[str, Statement]],
    sum_of: Callable[[str, str], str],
) -> dict[str, Place]:
    """Return the places of one election and outcome with the bounds of every measure.

    Args:
        claims: all claims of the election and outcome, of every status.
        tree: areas at the election.
        statements: measure -> area code -> what the register states about it.
        sum_of: returns the id of the sum over the parts of an area (code, measure), which has no claim of its
            own.

    Returns:
        Code -> place, including areas whose count is zero because everything in the whole is located elsewhere.
    """
    places = plant(claims, tree)
    for measure, stated in statements.items():
        for code, statement in stated.items():
            places.setdefault(code, Place(code)).bounds[measure].statement = statement
        link(places, list(stated), tree)
    upwards = sorted(places, key=lambda c: (-tree.depth(c), c))
    for measure in reversed(tuple(MEASURES)):
        for code in upwards:
            _raise(places[code], places, measure)
    for measure in MEASURES:
        _lower_from_above(places, tree, measure)
        for code in upwards:
            _whole_by_parts(places[code], places, tree, measure, sum_of)
    return places


def _raise(place: Place, places: Mapping[str, Place], measure: str) -> None:
    """Set the lower bound of a place whose parts are done."""
    found, own = place.bounds[measure], place.own.get(MEASURES[measure], [])
    here = sum(reached(s, measure) for s in place.stations.values())
    found.parts = here + sum(places[c].bounds[measure].lower for c in place.below)
    reasons: list[tuple[int, str, tuple[str, ...]]] = []
    whole = found.statement
    if whole is not None and whole.is_whole and whole.expected is not None:
        found.own = whole.expected
        carried = sorted(c.id for c in own if c.value == whole.expected)
        reasons.append((found.own, "claim" if carried else "coverage", tuple(carried) or (whole.id,)))
    elif own:
        heard = of_the_office(own)
        found.own = max(number(c) for c in heard)
        reasons.append((found.own, "claim", tuple(sorted(c.id for c in heard if number(c) == found.own))))
    if here or any(places[c].bounds[measure].rests_on != "none" for c in place.below):
        reasons.append((found.parts, "sum_of_parts", ()))
    held = place.bounds["held"]
    if measure == "ordered" and held.rests_on != "none":
        reasons.append((held.lower, held.rests_on, held.lower_ids))
    if reasons:
        # Of equal figures the first one counts, which is the area's own.
        found.lower, found.rests_on, found.lower_ids = max(reasons, key=lambda reason: reason[0])


def of_the_office(claims: Sequence[Claim]) -> Sequence[Claim]:
    """Return the claims in which the nearest office states a number for its
    own area, or all claims if none does."""
    stated = [c for c in claims if c.value is not None and c.confidence != "low"]
    first = min((own_rank(c.row) for c in stated), default=NOT_OWN)
    return claims if first == NOT_OWN else [c for c in stated if own_rank(c.row) == first]


def _lower_from_above(places: dict[str, Place], tree: AreaTree, measure: str) -> None:
    """Set upper bounds from the nation downwards, and zero where everything
    in the area above is located elsewhere."""
    todo = [c for c in places if tree.above(c) is None]
    while todo:
        place = places[todo.pop()]
        found, whole = place.bounds[measure], place.bounds[measure].statement
        if whole is not None and whole.is_whole and whole.expected is not None:
            _cap(found, whole.expected, whole.id)
        if none := _said_to_be_none(place, measure):
            _cap(found, 0, none)
        ordered = place.bounds["ordered"]
        if measure == "held" and ordered.upper is not None:
            _cap(found, ordered.upper, ordered.upper_id)
        if found.upper is not None and found.lower > found.upper:
            found.upper, found.upper_id, found.is_contradicted = None, None, True
        if found.upper is not None:
            left = found.upper - found.parts
            if left == 0:
                silent = set(tree.children.get(place.code, ())) - set(place.below)
                places.update({code: Place(code) for code in silent})
                place.below.extend(sorted(silent))
            for code in place.below:
                part = places[code].bounds[measure]
                _cap(part, left + part.lower, found.upper_id)
                if part.upper == 0 and part.rests_on == "none":
                    part.rests_on, part.lower_ids = "coverage", (found.upper_id or "",)
        todo.extend(place.below)


def _said_to_be_none(place: Place, measure: str) -> str | None:
    """Return a claim that none of this measure occurred here, unless another claim contradicts it."""
    mine = place.own.get(MEASURES[measure], ())
    none = sorted(c.id for c in mine if c.value == 0 and c.confidence != "low")
    return none[0] if none and place.bounds[measure].lower == 0 else None


def _whole_by_parts(
    place: Place,
    places: Mapping[str, Place],
    tree: AreaTree,
    measure: str,
    sum_of: Callable[[str, str], str],
) -> None:
    """Set the upper bound of an area whose parts are all fully known, unless its own figure is larger."""
    found, parts = place.bounds[measure], tree.children.get(place.code, ())
    if found.upper is not None or not parts or place.stations or not set(place.below) <= set(parts):
        return
    is_whole = all(p in places and places[p].bounds[measure].is_complete for p in parts)
    if is_whole and found.lower == found.parts and not found.is_contradicted:
        found.upper, found.upper_id = found.parts, sum_of(place.code, measure)


def _cap(found: Bound, upper: int, claim_id: str | None) -> None:
    if found.upper is None or upper < found.upper:
        found.upper, found.upper_id = upper, claim_id
