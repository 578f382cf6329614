"""Cases over results before the Constitutional Court: registered and granted, per election, area and contest
group.

A source's total for an area and the individually listed cases are both claims; the larger of the two is a lower
bound. The national total is the court's own and complete, unless more cases are listed individually: a count as
of one day misses later verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.claim_ids import row_id, sum_id
from ..catalog.vocabulary import GRANTED, codes
from . import cases as of_court
from .cases import case_key
from .claim_tree import NATION, AreaTree, build_tree
from .precedence import CONFIDENCE_ORDER, heard, steps_of
from .rows import as_it_stood, former_provinces, records

GROUPS: Mapping[str, str] = {
    "ppwp": "presidential",
    "dpr": "legislative",
    "dpd": "legislative",
    "dprd_prov": "legislative",
    "dprd_kab": "legislative",
    "gubernur": "regional",
    "bupati": "regional",
    "walikota": "regional",
}
# A figure without a contest refers to the election's main group.
MAIN_GROUP: Mapping[str, str] = {
    "general": "legislative",
    "legislative": "legislative",
    "presidential": "presidential",
    "regional": "regional",
}
COLUMNS = columns("core.dispute_resolution")
PART_COLUMNS = columns("core.dispute_part")
MEASURES = codes("dispute_measure")


Rows = Sequence[Mapping[str, Any]]


def _figures(rows: Rows, measure: str) -> list[tuple[Mapping[str, Any], list[tuple[Mapping[str, Any], str]]]]:
    """Return the figures that make up a measure, each with the statements not used for it and the reason.

    That is one figure for the whole group, or one per contest (and kind of verdict), which are added up.
    """
    names = ("granted_total",) if measure == "granted" else ("registered",)
    fitting = [r for r in rows if r["measure"] in names]
    whole = [r for r in fitting if r["contest"] is None]
    if whole:
        return [heard(whole, steps_of("dispute"))]
    if measure == "granted" and not fitting:
        fitting = [r for r in rows if r["measure"] in GRANTED]
    per_part: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for row in fitting:
        per_part.setdefault((row["contest"], row["measure"]), []).append(row)
    parts = sorted(per_part.items(), key=lambda kv: str(kv[0]))
    return [heard(group, steps_of("dispute")) for _, group in parts]


def _id(row: Mapping[str, Any]) -> str:
    return row_id(row["source_file"], row["source_row"])


@dataclass(frozen=True)
class Pile:
    """Stated totals and listed cases of one election, area and contest group."""

    election_id: str
    area_code: str
    level: str
    group: str
    stated: list[Mapping[str, Any]] = field(default_factory=list)
    cases: list[Mapping[str, Any]] = field(default_factory=list)

    def counted(self, measure: str) -> list[Mapping[str, Any]]:
        """Return the cases of a measure, each once, from the most reliable of its rows."""
        fitting = [c for c in self.cases if measure == "registered" or c["verdict"] in GRANTED]
        order = lambda c: (CONFIDENCE_ORDER.index(c["confidence"]), c["source_row"])  # noqa: E731
        return list({case_key(c["case_id"]): c for c in sorted(fitting, key=order, reverse=True)}.values())

    def sum_of(self, measure: str) -> str:
        """Return the id of the sum over its cases, or over the figures of its contests."""
        return sum_id(self.election_id, self.area_code, "dispute", measure, self.group)


def _settle(pile: Pile, measure: str, n_registered: int | None) -> dict[str, Any] | None:
    """Return the value of one measure; `n_registered` is the complete
    number of registered cases, None if unknown."""
    counted, chosen = pile.counted(measure), [row for row, _ in _figures(pile.stated, measure)]
    empty = dict.fromkeys(("source_url", "source_title", "source_date", "confidence"))
    value = sum(int(row["value"]) for row in chosen)
    if chosen and value >= len(counted):
        # The stated national figure is the court's own; the figure for an area is what one source counted.
        is_whole = pile.area_code == NATION or (value == 0 and chosen[0]["contest"] is None)
        is_one = len(chosen) == 1
        return {
            "value": value,
            "coverage": "complete" if is_whole else "at_least",
            "rests_on": "claim" if is_one else "sum_of_parts",
            "claim_id": _id(chosen[0]) if is_one else pile.sum_of(measure),
            "n_cases": len(counted),
            **{k: chosen[0][k] for k in empty},
        }
    if not counted and not (measure == "granted" and pile.cases):
        return None
    if measure == "granted" and not counted and any(c["verdict"] is None for c in pile.cases):
        return None
    is_every_case_listed = measure == "granted" and n_registered == len(
        {case_key(c["case_id"]) for c in pile.cases}
    )
    first = counted[-1] if counted else None
    return {
        "value": len(counted),
        "coverage": "complete" if is_every_case_listed else "at_least",
        "rests_on": "sum_of_parts",
        "claim_id": pile.sum_of(measure) if counted else None,
        "n_cases": len(counted),
        **(empty if first is None else {k: first[k] for k in empty}),
    }


def _piles(
    case_rows: Rows,
    counts: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None,
) -> Iterator[Pile]:
    area_rows = records(areas)
    count_rows = [c for c in records(counts) if c["forum"] == "mk"]
    for election in records(elections):
        election_id, main = election["election_id"], MAIN_GROUP[election["kind"]]
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        found: dict[tuple[str, str], Pile] = {}

        def pile(
            code: str, group: str, at: str = election_id, tree: AreaTree = tree, found: Any = found
        ) -> Pile:
            made: Pile = found.setdefault((code, group), Pile(at, code, tree.levels[code], group))
            return made

        for row in count_rows:
            if row["election_id"] == election_id:
                code = as_it_stood(row["level"], row["area_code"], former)
                pile(code, GROUPS.get(row["contest"] or "", main)).stated.append(row)
        for case in case_rows:
            if case["election_id"] != election_id:
                continue
            code = case["area_code"] or NATION
            level = "province" if len(code) == 2 and code != NATION else ""
            node: str | None = as_it_stood(level, code, former)
            while node is not None:
                pile(node, GROUPS[case["contest"]]).cases.append(case)
                node = tree.above(node)
        yield from (found[key] for key in sorted(found))


@dataclass(frozen=True)
class Disputes:
    """Resolved court cases.

    Attributes:
        counts: rows of core.dispute_resolution; values are cases.
        parts: rows of core.dispute_part: the parts of every sum among the counts.
        alternatives: figures that differ from those used, as rows of mart.conflicts.
    """

    counts: pd.DataFrame
    parts: pd.DataFrame
    alternatives: list[dict[str, Any]]


def resolve_disputes(
    cases: pd.DataFrame,
    counts: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> Disputes:
    """Return registered and granted cases per (election, area, contest group), with parts and contradictions.

    Args:
        cases: core.dispute_case; only forum mk counts; a case without an area is national. With `own_rank`
            (`offices.mark_own`), an office's statement about its own area takes precedence.
        counts: core.dispute_count; only forum mk counts.
        areas: area_code, level, parent_code.
        elections: election_id, kind, voting_date, scope.
        lineage: ref.area_lineage.
    """
    out: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    alternatives: list[dict[str, Any]] = []
    case_rows, others = of_court.heard([c for c in records(cases) if c["forum"] == "mk"])
    alternatives.extend(of_court.differences(others, GROUPS))
    for pile in _piles(case_rows, counts, areas, elections, lineage):
        n_registered: int | None = None
        key = {"election_id": pile.election_id, "area_code": pile.area_code}
        for measure in MEASURES:
            settled = _settle(pile, measure, n_registered)
            if settled:
                if settled["coverage"] == "complete":
                    n_registered = settled["value"]
                about = {"level": pile.level, "contest_group": pile.group, "measure": measure}
                out.append(key | about | settled)
                if settled["rests_on"] == "sum_of_parts":
                    parts.extend(key | part for part in _parts(pile, measure, settled))
                alternatives.extend(key | row for row in _not_used(pile, measure, settled))
    frame = pd.DataFrame(out, columns=COLUMNS)
    for name in ("value", "n_cases"):
        frame[name] = frame[name].astype("Int64")
    return Disputes(frame.reset_index(drop=True), pd.DataFrame(parts, columns=PART_COLUMNS), alternatives)


def _parts(pile: Pile, measure: str, settled: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    figures, counted = [row for row, _ in _figures(pile.stated, measure)], pile.counted(measure)
    rows = [(_id(c), 1) for c in counted]
    if settled["value"] > len(counted):
        rows = [(_id(row), int(row["value"])) for row in figures]
    for part, value in sorted(rows):
        yield {"sum_id": pile.sum_of(measure), "part_id": part, "value": value, "claim_id": part}


def _not_used(pile: Pile, measure: str, settled: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about = {"outcome": "dispute", "measure": measure, "detail": pile.group}
    figures = _figures(pile.stated, measure)
    for chosen, others in figures:
        for other, reason in others:
            if other["value"] != chosen["value"]:
                yield about | {
                    "chosen_value": str(int(chosen["value"])),
                    "chosen_claim_id": _id(chosen),
                    "other_value": str(int(other["value"])),
                    "other_claim_id": _id(other),
                    "reason": reason,
                }
    stated = sum(int(row["value"]) for row, _ in figures)
    if figures and stated < settled["value"]:
        yield about | {
            "chosen_value": str(settled["value"]),
            "chosen_claim_id": settled["claim_id"],
            "other_value": str(stated),
            "other_claim_id": _id(figures[0][0]),
            "reason": "parts_exceed_whole",
        }
