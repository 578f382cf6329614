"""Group re-vote claims by election and outcome, with the areas and statements of completeness of that time.

They are resolved by `claim_bounds` (bounds of counts), `incidents` (one row per station) and `claim_counts`.
The register's completeness and the official count are combined in one statement: `Statement`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..catalog.claim_ids import statement_id
from ..catalog.vocabulary import codes
from .claim_bounds import Statement
from .claim_precedence import Claim, outcome_of
from .claim_tree import NATION, AreaTree, build_tree, normal_tps
from .rows import former_provinces, plain, records

STATUSES = codes("status")
# The status "ordered" in coverage.csv means decided by KPU or the court.
STATED_STATUSES = {"ordered": "decided", "held": "held"}
EVENT_DATES = {"held": "date_held", "decided": "date_decided", "recommended": "date_decided"}


def _is_national_total(row: Mapping[str, Any]) -> bool:
    """Return whether this is KPU's national total of held re-votes: a whole, although not all are listed."""
    return bool(row["area_code"] == NATION and row["status"] == "held")


def _claim(row: Mapping[str, Any], tree: AreaTree) -> Claim:
    held_on = plain(row.get(EVENT_DATES.get(row["status"], "source_date")))
    is_tps = row["level"] == "tps"
    number = row.get("n_tps")
    return Claim(
        id=str(row["event_id"]),
        outcome=outcome_of(str(row["kind"]), str(row["basis"]), row.get("ground_code")),
        status=str(row["status"]),
        basis=str(row["basis"]),
        value=None if number is None else int(number),
        date=held_on or row.get("source_date"),
        confidence=str(row["confidence"]),
        node=tree.place(
            row["level"], row["area_code"], row.get("district"), row.get("village"), str(row["event_id"])
        ),
        tps=normal_tps(str(row["tps"])) if is_tps else None,
        row=row,
    )


def _statements(coverage: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], dict[str, Statement]]:
    """Return the register's statements by election, outcome and status of the claims concerned."""
    found: dict[tuple[str, str, str], dict[str, Statement]] = {}
    for row in coverage:
        expected = row.get("expected_count")
        statement = Statement(
            id=statement_id(row["election_id"], row["area_code"], row["kind"], row["status"]),
            is_complete=row["completeness"] == "complete",
            is_whole=row["completeness"] == "complete" or _is_national_total(row),
            expected=None if expected is None else int(expected),
            date=row.get("as_of"),
            basis=row.get("basis"),
        )
        key = (row["election_id"], row["kind"], STATED_STATUSES[row["status"]])
        found.setdefault(key, {})[row["area_code"]] = statement
    return found


@dataclass(frozen=True)
class Group:
    """All claims about one outcome of one election, with the areas and statements of completeness of that time.

    Attributes:
        statements: status -> area code -> what the register states about it.
    """

    election_id: str
    outcome: str
    tree: AreaTree
    claims: tuple[Claim, ...]
    statements: Mapping[str, Mapping[str, Statement]]


def groups(
    claims: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    coverage: pd.DataFrame | None = None,
    lineage: pd.DataFrame | None = None,
) -> Iterator[Group]:
    """Yield the claims grouped by election and outcome.

    Args:
        claims: one row per claim: event_id, election_id, area_code, kind, status, basis, level, district,
            village, tps, n_tps (may be missing), ground_code, date_decided, date_held, source_date, confidence.
        areas: area_code, level, parent_code.
        elections: election_id, voting_date (date), scope.
        coverage: election_id, area_code, kind, status (ordered or held), completeness, expected_count, as_of,
            basis; None = nothing stated.
        lineage: former_code, area_code, change, valid_to; None = no area ever changed.

    Raises:
        KeyError: a claim names an election that is not in `elections`.
    """
    area_rows = records(areas)
    stated = _statements(records(coverage))
    by_election: dict[str, list[dict[str, Any]]] = {}
    for row in records(claims):
        by_election.setdefault(row["election_id"], []).append(row)
    known = {row["election_id"]: row for row in records(elections)}
    for election_id in sorted({*by_election, *(e for e, _, _ in stated)}):
        election = known[election_id]
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        own = [_claim(row, tree) for row in by_election.get(election_id, [])]
        outcomes = sorted({c.outcome for c in own} | {kind for e, kind, _ in stated if e == election_id})
        for outcome in outcomes:
            mine = tuple(c for c in own if c.outcome == outcome)
            statements = {s: stated.get((election_id, outcome, s), {}) for s in STATUSES}
            yield Group(election_id, outcome, tree, mine, {s: v for s, v in statements.items() if v})
