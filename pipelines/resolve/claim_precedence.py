"""The declared precedence among claims about one fact, and what kind of outcome a claim is about.

Claims that speak of the same election, area, outcome and status are ordered by `STEPS`; the first is chosen and
each of the others is told at which step it lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..catalog.vocabulary import COURT_BASES, DONE_STATUSES, codes
from .offices import own_rank

COURT_GROUND = "court_order"

# Who is heard first depends on whose act it is: KPU holds and decides, Bawaslu recommends, the court orders.
BASIS_ORDER: Mapping[str, tuple[str, ...]] = {
    "held": ("kpu", "mk", "mk_and_bawaslu", "bawaslu", "unknown"),
    "decided": ("kpu", "mk", "mk_and_bawaslu", "bawaslu", "unknown"),
    "refused": ("kpu", "bawaslu", "mk", "mk_and_bawaslu", "unknown"),
    "recommended": ("bawaslu", "kpu", "mk_and_bawaslu", "mk", "unknown"),
    "reported": ("kpu", "bawaslu", "mk_and_bawaslu", "mk", "unknown"),
}
COURT_BASIS_ORDER = ("mk", "mk_and_bawaslu", "kpu", "bawaslu", "unknown")
CONFIDENCE_ORDER = codes("confidence")


@dataclass(frozen=True)
class Claim:
    """One claim as the resolution sees it. `value` is None where the source gave no number."""

    id: str
    outcome: str
    status: str
    basis: str
    value: int | None
    date: date | None
    confidence: str
    node: str
    tps: str | None
    row: Mapping[str, Any]


def outcome_of(kind: str, basis: str, ground_code: str | None) -> str:
    """Outcome of a claim: a PSU that the Constitutional Court ordered is `psu_court`, kept apart from election day's.

    Args:
        kind: psu, psl, pss or pssu.
        basis: actor of the claim.
        ground_code: ground, or None.
    """
    ordered = basis in COURT_BASES or ground_code == COURT_GROUND
    return "psu_court" if kind == "psu" and ordered else kind


def statuses_counted(outcome: str, status: str) -> tuple[str, ...]:
    """Statuses whose claims answer for `status`: what the court ordered includes what was then held."""
    return DONE_STATUSES if outcome == "psu_court" and status == "decided" else (status,)


def _position(order: Sequence[str], item: str) -> int:
    return order.index(item) if item in order else len(order)


def precedence(official: int | None) -> tuple[tuple[str, Callable[[Claim, str], Any]], ...]:
    """Steps of the precedence, each a name and a key (smaller = heard first).

    Args:
        official: count that the register states as official for this election, area and kind, or None.
    """
    return (
        ("official_count", lambda c, s: not (official is not None and c.value == official and c.status == s)),
        ("number_not_stated", lambda c, s: c.value is None),
        ("low_confidence", lambda c, s: c.confidence == "low"),
        ("status", lambda c, s: c.status != s),
        # An office's record of its own area is heard before what others wrote about it.
        ("own_record", lambda c, s: own_rank(c.row)),
        ("basis", lambda c, s: _position(_basis_order(c, s), c.basis)),
        ("superseded_by_later_claim", lambda c, s: -(c.date.toordinal() if c.date else 0)),
        ("confidence", lambda c, s: _position(CONFIDENCE_ORDER, c.confidence)),
        ("smaller_number", lambda c, s: -(c.value or 0)),
        ("same_value", lambda c, s: c.id),
    )


def _basis_order(claim: Claim, status: str) -> tuple[str, ...]:
    return COURT_BASIS_ORDER if claim.outcome == "psu_court" else BASIS_ORDER[status]


def choose(
    claims: Sequence[Claim], status: str, official: int | None = None
) -> tuple[Claim, list[tuple[Claim, str]]]:
    """The claim that is heard, and the others with the step at which each lost.

    Args:
        claims: at least one claim about the same election, area and outcome.
        status: status being resolved.
        official: see `precedence`.

    Raises:
        ValueError: no claims.
    """
    if not claims:
        raise ValueError("no claims to choose from")
    steps = precedence(official)
    ordered = sorted(claims, key=lambda c: tuple(key(c, status) for _, key in steps))
    chosen = ordered[0]

    def lost_at(other: Claim) -> str:
        if other.value == chosen.value:
            return "same_value"
        return next(name for name, key in steps if key(other, status) != key(chosen, status))

    return chosen, [(other, lost_at(other)) for other in ordered[1:]]
