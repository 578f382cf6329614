"""Cases over results before the Constitutional Court: registered and granted, per election, area and contest group.

A figure that a source states for a whole area and the cases found one by one are both claims. The stated figure of
the nation is the court's own and stands; elsewhere the larger of the two is a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.vocabulary import GRANTED, codes
from .claim_precedence import CONFIDENCE_ORDER
from .claim_tree import NATION, build_tree
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
# A figure without a contest speaks of the election's main group.
MAIN_GROUP: Mapping[str, str] = {
    "general": "legislative",
    "legislative": "legislative",
    "presidential": "presidential",
    "regional": "regional",
}
COLUMNS = columns("core.dispute_resolution")


def _heard_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        CONFIDENCE_ORDER.index(row["confidence"]),
        -(row["source_date"].toordinal()) if row["source_date"] else 0,
        -row["value"],
        row["source_row"],
    )


def _stated(rows: Sequence[Mapping[str, Any]], measure: str) -> tuple[int, Mapping[str, Any]] | None:
    """The figure stated for an area and group: for the group as a whole, or as a sum over its contests."""
    names = ("granted_total",) if measure == "granted" else ("registered",)
    fitting = [r for r in rows if r["measure"] in names]
    whole = [r for r in fitting if r["contest"] is None]
    if whole:
        best = min(whole, key=_heard_first)
        return int(best["value"]), best
    if measure == "granted" and not fitting:
        fitting = [r for r in rows if r["measure"] in GRANTED]
    per_part: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for row in fitting:
        per_part.setdefault((row["contest"], row["measure"]), []).append(row)
    chosen = [
        min(group, key=_heard_first) for _, group in sorted(per_part.items(), key=lambda kv: str(kv[0]))
    ]
    if not chosen:
        return None
    return sum(int(c["value"]) for c in chosen), chosen[0]


def _settle(
    area_code: str,
    measure: str,
    rows: Sequence[Mapping[str, Any]],
    cases: Sequence[Mapping[str, Any]],
    n_registered: int | None,
) -> dict[str, Any] | None:
    """Value of one measure; `n_registered` is the complete number of registered cases, or None where unknown."""
    counted = [c for c in cases if measure == "registered" or c["verdict"] in GRANTED]
    numbers = {c["case_id"] for c in counted}
    stated = _stated(rows, measure)
    empty = dict.fromkeys(("source_url", "source_title", "source_date", "confidence"))
    if stated and (area_code == NATION or stated[0] >= len(numbers)):
        value, row = stated
        # The stated national figure is the court's own register; a figure for one area is what one source counted.
        is_whole = area_code == NATION or (value == 0 and row["contest"] is None)
        return {
            "value": value,
            "coverage": "complete" if is_whole else "at_least",
            "rests_on": "claim",
            "claim_id": f"{row['source_file']}:{row['source_row']}",
            "n_cases": len(numbers),
            **{k: row[k] for k in empty},
        }
    if not numbers and not (measure == "granted" and cases):
        return None
    if measure == "granted" and not numbers and any(c["verdict"] is None for c in cases):
        return None
    is_every_case_listed = measure == "granted" and n_registered == len({c["case_id"] for c in cases})
    first = min(
        counted, key=lambda c: (CONFIDENCE_ORDER.index(c["confidence"]), c["source_row"]), default=None
    )
    return {
        "value": len(numbers),
        "coverage": "complete" if is_every_case_listed else "at_least",
        "rests_on": "sum_of_parts",
        "claim_id": None if first is None else f"{first['source_file']}:{first['source_row']}",
        "n_cases": len(numbers),
        **(empty if first is None else {k: first[k] for k in empty}),
    }


def resolve_disputes(
    cases: pd.DataFrame,
    counts: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Registered and granted cases per (election, area, contest group).

    Args:
        cases: core.dispute_case; only forum mk counts; a case without an area is national.
        counts: core.dispute_count; only forum mk counts.
        areas: area_code, level, parent_code.
        elections: election_id, kind, voting_date, scope.
        lineage: ref.area_lineage.

    Returns:
        Frame with `COLUMNS`; values are cases.
    """
    area_rows, out = records(areas), []
    case_rows = [c for c in records(cases) if c["forum"] == "mk"]
    count_rows = [c for c in records(counts) if c["forum"] == "mk"]
    for election in records(elections):
        election_id, main = election["election_id"], MAIN_GROUP[election["kind"]]
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        found: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {}
        for row in count_rows:
            if row["election_id"] == election_id:
                group = GROUPS.get(row["contest"] or "", main)
                code = as_it_stood(row["level"], row["area_code"], former)
                found.setdefault((code, group), ([], []))[0].append(row)
        for row in case_rows:
            if row["election_id"] != election_id:
                continue
            code = row["area_code"] or NATION
            node: str | None = as_it_stood(
                "province" if len(code) == 2 and code != NATION else "", code, former
            )
            while node is not None:
                found.setdefault((node, GROUPS[row["contest"]]), ([], []))[1].append(row)
                node = tree.above(node)
        for (code, group), (stated, listed) in sorted(found.items()):
            n_registered: int | None = None
            for measure in codes("dispute_measure"):  # registered first: granted looks at it
                settled = _settle(code, measure, stated, listed, n_registered)
                if settled:
                    if settled["coverage"] == "complete":
                        n_registered = settled["value"]
                    key = {"election_id": election_id, "area_code": code, "level": tree.levels[code]}
                    out.append({**key, "contest_group": group, "measure": measure, **settled})
    frame = pd.DataFrame(out, columns=COLUMNS)
    for name in ("value", "n_cases"):
        frame[name] = frame[name].astype("Int64")
    return frame.reset_index(drop=True)
