"""Choose which of several re-vote claims about one fact is cited, and derive the outcome of a claim.

Claims about the same station or area, outcome and status are ranked by the steps of `citation` in
`catalog/precedence.yaml`; the first is cited, and each of the others records the step at which it lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ..catalog.precedence import precedence
from ..catalog.vocabulary import COURT_BASES
from .offices import own_rank
from .precedence import CONFIDENCE_ORDER, Steps, heard, position

COURT_GROUND = "court_order"


@dataclass(frozen=True)
class Claim:
    """One claim as seen by the resolution. `value` is None where the source gave no number."""

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
    """Return the outcome of a claim; a PSU ordered by the Constitutional Court is `psu_court`, kept apart.

    Args:
        kind: psu, psl, pss or pssu.
        basis: actor of the claim.
        ground_code: ground, or None.
    """
    ordered = basis in COURT_BASES or ground_code == COURT_GROUND
    return "psu_court" if kind == "psu" and ordered else kind


def _actors(claim: Claim, status: str) -> tuple[str, ...]:
    orders = precedence()
    return orders.court_actors if claim.outcome == "psu_court" else orders.actors[status]


@cache
def _citation(status: str) -> Steps[Claim]:
    keys = {
        "number_not_stated": lambda c: c.value is None,
        "low_confidence": lambda c: c.confidence == "low",
        "status": lambda c: c.status != status,
        # An office's record of its own area takes precedence over what others wrote about it.
        "own_record": lambda c: own_rank(c.row),
        "basis": lambda c: position(_actors(c, status), c.basis),
        "superseded_by_later_claim": lambda c: -(c.date.toordinal() if c.date else 0),
        "confidence": lambda c: position(CONFIDENCE_ORDER, c.confidence),
        "smaller_number": lambda c: -(c.value or 0),
        "same_value": lambda c: c.id,
    }
    return [(name, keys[name]) for name in precedence().steps["citation"]]


def choose(claims: Sequence[Claim], status: str) -> tuple[Claim, list[tuple[Claim, str]]]:
    """Return the claim that is cited, and the others with the step at which each lost.

    Args:
        claims: at least one claim about the same fact.
        status: step of the ladder that the claims are about.

    Raises:
        ValueError: no claims.
    """
    return heard(claims, _citation(status))
