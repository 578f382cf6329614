"""Choose one denominator per area and election from differing statements: numbers of TPS, voters and sub-areas.

The order of precedence is `exposure` in `catalog/precedence.yaml`. An area without its own statement is the sum
of its parts if every part has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.claim_ids import row_id, sum_id
from ..catalog.vocabulary import codes
from .claim_tree import NATION, build_tree
from .precedence import CONFIDENCE_ORDER, heard, steps_of
from .rows import as_it_stood, former_provinces, records

FIGURES = codes("exposure_figure")
COLUMNS = columns("core.exposure_resolution")
PART_COLUMNS = columns("core.exposure_part")


Rows = Sequence[Mapping[str, Any]]


def _stated(rows: Rows, figure: str) -> Rows:
    return [r for r in rows if r[figure] is not None and (figure != "n_tps" or r[figure] > 0)]


def _choose(rows: Rows, figure: str) -> Mapping[str, Any] | None:
    stated = _stated(rows, figure)
    return heard(stated, steps_of("exposure"))[0] if stated else None


def _from_statements(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    chosen = {figure: _choose(rows, figure) for figure in FIGURES}
    main = chosen["n_tps"] or heard(rows, steps_of("exposure"))[0]
    tps = [int(r["n_tps"]) for r in rows if r["n_tps"]]
    return {
        **{f: None if row is None else int(row[f]) for f, row in chosen.items()},
        "rests_on": "claim",
        "claim_id": row_id(main["source_file"], main["source_row"]),
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


def _by_area(
    exposure: pd.DataFrame, elections: pd.DataFrame, lineage: pd.DataFrame | None
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the statements by election and area as it stood then."""
    former = {e["election_id"]: former_provinces(lineage, e["voting_date"]) for e in records(elections)}
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in records(exposure):
        code = as_it_stood(row["level"], row["area_code"], former.get(row["election_id"], {}))
        found.setdefault(row["election_id"], {}).setdefault(code, []).append(row)
    return found


def exposure_alternatives(
    exposure: pd.DataFrame, elections: pd.DataFrame, lineage: pd.DataFrame | None = None
) -> Iterator[dict[str, Any]]:
    """Yield figures that differ from the chosen one, as rows of
    mart.conflicts; arguments as for `resolve_exposure`."""
    for election_id, areas in _by_area(exposure, elections, lineage).items():
        for code, rows in areas.items():
            for figure in FIGURES:
                if stated := _stated(rows, figure):
                    chosen, others = heard(stated, steps_of("exposure"))
                    for other, reason in others:
                        if other[figure] != chosen[figure]:
                            key = {"election_id": election_id, "area_code": code, "measure": figure}
                            yield key | {
                                "chosen_value": str(int(chosen[figure])),
                                "chosen_claim_id": row_id(chosen["source_file"], chosen["source_row"]),
                                "other_value": str(int(other[figure])),
                                "other_claim_id": row_id(other["source_file"], other["source_row"]),
                                "reason": reason,
                            }


def resolve_exposure(
    exposure: pd.DataFrame,
    areas: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per (election, area) with the chosen denominators.

    Args:
        exposure: core.exposure: election_id, level, area_code, n_tps, dpt_total, n_district, n_village,
            source_url, source_title, source_date, confidence, source_file, source_row.
        areas: area_code, level, parent_code.
        elections: election_id, voting_date, scope.
        lineage: ref.area_lineage; province statements before a split belong to the undivided province.

    Returns:
        (denominators, parts): frames with `COLUMNS` and `PART_COLUMNS`; counts are TPS, voters, districts,
        villages; missing = not stated. `parts` lists the parts of every sum among the denominators.
    """
    area_rows = records(areas)
    out: list[dict[str, Any]] = []
    added: list[dict[str, Any]] = []
    stated_by = _by_area(exposure, elections, lineage)
    for election in records(elections):
        election_id = election["election_id"]
        former = former_provinces(lineage, election["voting_date"])
        tree = build_tree(area_rows, former, election.get("scope") or "national")
        stated = stated_by.get(election_id, {})
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
                total = _from_parts(known, sum_id(election_id, code, "exposure", "n_tps"))
                if own:
                    # The number of TPS is the sum of the parts; figures the area states itself (voters) stay.
                    total.update({f: own[f] for f in FIGURES if own[f] is not None})
                settled[code] = total
                key = {"sum_id": total["claim_id"], "election_id": election_id, "area_code": code}
                for part in parts:
                    row = settled[part]
                    added.append(key | {"part_id": part, "value": row["n_tps"], "claim_id": row["claim_id"]})
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
    frame = frame.sort_values(["election_id", "area_code"], kind="stable").reset_index(drop=True)
    # Drop the parts of sums that another sum or statement replaced.
    used = set(frame["claim_id"])
    return frame, pd.DataFrame([row for row in added if row["sum_id"] in used], columns=PART_COLUMNS)
