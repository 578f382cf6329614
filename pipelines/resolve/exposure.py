"""One denominator per area and election from statements that differ: number of TPS, voters and sub-areas.

Precedence among statements about one area: those of low confidence last, an office's record of its own area first,
then confidence, then whether the statement lists the sub-areas (a domestic count with its breakdown goes before a
headline), then the later source. An area without a statement of its own is the sum of its parts where every part has
one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import columns
from .claim_precedence import CONFIDENCE_ORDER
from .claim_tree import NATION, build_tree
from .offices import own_rank
from .rows import as_it_stood, former_provinces, records

FIGURES = ("n_tps", "dpt_total", "n_district", "n_village")
COLUMNS = columns("core.exposure_resolution")


def _heard_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        row["confidence"] == "low",
        own_rank(row),
        CONFIDENCE_ORDER.index(row["confidence"]),
        row["n_district"] is None and row["n_village"] is None,
        -(row["source_date"].toordinal()) if row["source_date"] else 0,
        row["source_file"],
        row["source_row"],
    )


def _choose(rows: Sequence[Mapping[str, Any]], figure: str) -> Mapping[str, Any] | None:
    stated = [r for r in rows if r[figure] is not None and (figure != "n_tps" or r[figure] > 0)]
    return min(stated, key=_heard_first) if stated else None


def _from_statements(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    chosen = {figure: _choose(rows, figure) for figure in FIGURES}
    main = chosen["n_tps"] or min(rows, key=_heard_first)
    tps = [int(r["n_tps"]) for r in rows if r["n_tps"]]
    return {
        **{f: None if row is None else int(row[f]) for f, row in chosen.items()},
        "rests_on": "claim",
        "claim_id": f"{main['source_file']}:{main['source_row']}",
        **{k: main[k] for k in ("source_url", "source_title", "source_date", "confidence")},
        "n_statements": len(rows),
        "n_tps_low": min(tps, default=None),
        "n_tps_high": max(tps, default=None),
    }


def _from_parts(parts: Sequence[Mapping[str, Any]], claim_id: str) -> dict[str, Any]:
    sums = {f: [p[f] for p in parts] for f in FIGURES}
    return {
        **{f: None if None in v else sum(v) for f, v in sums.items()},
        "rests_on": "sum_of_parts",
        "claim_id": claim_id,
        **dict.fromkeys(("source_url", "source_title", "source_date")),
        "confidence": max((p["confidence"] for p in parts), key=CONFIDENCE_ORDER.index),
        "n_statements": 0,
        "n_tps_low": None,
        "n_tps_high": None,
    }


def resolve_exposure(
    exposure: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per (election, area) with the chosen denominators.

    Args:
        exposure: core.exposure: election_id, level, area_code, n_tps, dpt_total, n_district, n_village, source_url,
            source_title, source_date, confidence, source_file, source_row.
        areas: area_code, level, parent_code.
        elections: election_id, voting_date, scope.
        lineage: ref.area_lineage; province statements before a split belong to the undivided province.

    Returns:
        Frame with `COLUMNS`; counts are TPS, voters, districts, villages; missing = not stated.
    """
    area_rows = records(areas)
    by_election: dict[str, list[dict[str, Any]]] = {}
    for row in records(exposure):
        by_election.setdefault(row["election_id"], []).append(row)
    out: list[dict[str, Any]] = []
    for election in records(elections):
        election_id = election["election_id"]
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        stated: dict[str, list[dict[str, Any]]] = {}
        for row in by_election.get(election_id, []):
            stated.setdefault(as_it_stood(row["level"], row["area_code"], former), []).append(row)
        settled: dict[str, dict[str, Any]] = {}

        def settle(
            code: str,
            tree: Any = tree,
            stated: Mapping[str, list[dict[str, Any]]] = stated,
            settled: dict[str, dict[str, Any]] = settled,
            election_id: str = election_id,
        ) -> None:
            parts = tree.children.get(code, ())
            for part in parts:
                settle(part)
            own = _from_statements(stated[code]) if code in stated else None
            if own and own["n_tps"]:
                settled[code] = own
                return
            known = [settled[p] for p in parts if p in settled and settled[p]["n_tps"]]
            if parts and len(known) == len(parts):
                total = _from_parts(known, f"sum/{election_id}/{code}")
                if own:
                    # TPS are the sum of the parts; what the area states itself (voters) stays.
                    total.update({f: own[f] for f in FIGURES if own[f] is not None})
                settled[code] = total
            elif own:
                settled[code] = own

        settle(NATION)
        for code in sorted(settled):
            if any(settled[code][f] is not None for f in FIGURES):
                out.append(
                    {
                        "election_id": election_id,
                        "area_code": code,
                        "level": tree.levels[code],
                        **settled[code],
                    }
                )
    frame = pd.DataFrame(out, columns=COLUMNS)
    for name in (*FIGURES, "n_statements", "n_tps_low", "n_tps_high"):
        frame[name] = frame[name].astype("Int64")
    return frame.sort_values(["election_id", "area_code"], kind="stable").reset_index(drop=True)
