"""Resolve overlapping claims about re-votes into one value per election, area, outcome and status.

Rules (declared once, here and in `claim_order`):

* A TPS is counted once, however many claims name it; a TPS whose village is not stated is taken to be a TPS of
  the same number already known in that area, so that nothing is counted twice.
* Of several figures for one area the precedence of `claim_order` chooses one; the others are kept as alternatives.
* An area's value is its own figure or the sum of its parts, whichever is larger. Where its own figure is the
  official count, that count stands, and parts that add up to more are flagged.
* `complete` needs the register's statement (`coverage`), an official count that a claim carries, an explicit "none
  was held", or parts that are all complete. Where a complete area is wholly located, what lies below is complete too.
* Absence of claims is no data, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.vocabulary import codes
from .claim_bounds import Statement
from .claim_precedence import Claim, outcome_of, statuses_counted
from .claim_tree import NATION, AreaTree, build_tree, normal_tps
from .claim_values import resolve_group
from .rows import former_provinces, plain, records

STATUSES = codes("status")
VALUE_COLUMNS = columns("core.claim_resolution")
LEAF_COLUMNS = columns("core.claim_leaf")
ALTERNATIVE_COLUMNS = columns("core.claim_alternative")
# What coverage.csv calls ordered is what KPU or the court decided.
STATED_STATUSES = {"ordered": "decided", "held": "held"}
EVENT_DATES = {"held": "date_held", "decided": "date_decided", "recommended": "date_decided"}


@dataclass(frozen=True)
class Resolution:
    """What the claims come to.

    Attributes:
        values: one row per election, area, outcome and status about which anything is known (`VALUE_COLUMNS`).
        leaves: the same values broken into TPS and rests that are not located deeper (`LEAF_COLUMNS`).
        alternatives: claims that were not chosen, and why (`ALTERNATIVE_COLUMNS`).
    """

    values: pd.DataFrame
    leaves: pd.DataFrame
    alternatives: pd.DataFrame


def _is_national_total(row: Mapping[str, Any]) -> bool:
    """KPU's total of what was held in the nation is the whole, though the register does not list it all."""
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
    """What the register states, by election, outcome and the status whose claims it is about."""
    found: dict[tuple[str, str, str], dict[str, Statement]] = {}
    for row in coverage:
        expected = row.get("expected_count")
        statement = Statement(
            id="/".join(("coverage", row["election_id"], row["area_code"], row["kind"], row["status"])),
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
    """All claims about one outcome of one election, with the areas and the statements of completeness of that time.

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
    """Claims by election and outcome; arguments as of `resolve_claims`.

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


def resolve_claims(
    claims: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    coverage: pd.DataFrame | None = None,
    lineage: pd.DataFrame | None = None,
) -> Resolution:
    """One value per (election, area, outcome, status), the claim it rests on, the alternatives, and the coverage.

    Args:
        claims: one row per claim: event_id, election_id, area_code, kind, status, basis, level, district, village,
            tps, n_tps (may be missing), ground_code, date_decided, date_held, source_date, confidence.
        areas: area_code, level, parent_code.
        elections: election_id, voting_date (date), scope.
        coverage: election_id, area_code, kind, status (ordered or held), completeness, expected_count, as_of,
            basis; None = nothing stated.
        lineage: former_code, area_code, change, valid_to; None = no area ever changed.

    Returns:
        Resolution: see there; counts are TPS.

    Raises:
        KeyError: a claim names an election that is not in `elections`.
    """
    values: list[dict[str, Any]] = []
    leaves: list[dict[str, Any]] = []
    alternatives: list[dict[str, Any]] = []
    for group in groups(claims, areas, elections, coverage, lineage):
        for status in STATUSES:
            counted = statuses_counted(group.outcome, status)
            mine = [c for c in group.claims if c.status in counted]
            statements = group.statements.get(status, {})
            if not mine and not statements:
                continue
            key = {"election_id": group.election_id, "outcome": group.outcome, "status": status}
            found = resolve_group(mine, status, group.tree, statements)
            values.extend({**key, **_named_sum(key, row)} for row in found.values)
            leaves.extend({**key, **row} for row in found.leaves)
            for row in found.alternatives:
                chosen = row["chosen_claim_id"] or _sum_name(key, row["area_code"])
                alternatives.append({**key, **row, "chosen_claim_id": chosen})
    for leaf in leaves:
        leaf["leaf_id"] = "/".join((leaf["election_id"], leaf["outcome"], leaf["status"], leaf.pop("place")))
    return Resolution(
        _frame(values, VALUE_COLUMNS), _frame(leaves, LEAF_COLUMNS), _frame(alternatives, ALTERNATIVE_COLUMNS)
    )


def _sum_name(key: Mapping[str, str], area_code: str) -> str:
    """A sum has no claim of its own; it is named after the area whose leaves it adds up."""
    return "/".join(("sum", key["election_id"], area_code, key["outcome"], key["status"]))


def _named_sum(key: Mapping[str, str], row: dict[str, Any]) -> dict[str, Any]:
    if row["rests_on"] != "sum_of_parts":
        return row
    return {**row, "claim_id": _sum_name(key, row["area_code"])}


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("value", "chosen_value", "n_located", "n_unlocated", "n_claims", "n_tps"):
        if name in frame:
            frame[name] = frame[name].astype("Int64")
    return frame.sort_values(columns[:5], kind="stable").reset_index(drop=True)
