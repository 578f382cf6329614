"""Was a recapitulation late? One verdict per unit from statements that may be exact, bounded or open.

`days_late` is the completion date minus the last day of the window in the regulation in force; an extension by
circular is assessed in separate columns. A missing date does not mean "on time"; an upper bound after the
deadline is undecided; a recapitulation seen unfinished after the deadline is late by at least the days until
that observation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from ..catalog import columns
from ..catalog.claim_ids import row_id
from ..catalog.vocabulary import LAST_MILESTONES
from .precedence import DONE_BY, SEEN_UNFINISHED, heard, steps_of
from .rows import as_it_stood, former_provinces, records

UNIT_LEVELS: Mapping[str, str] = {
    "recap_district": "district",
    "recap_regency": "regency",
    "recap_province": "province",
    "recap_national": "national",
    "result_declared": "",
}
CODE_LENGTHS: Mapping[str, tuple[int, ...]] = {
    "national": (2,),
    "province": (2, 7),
    "regency": (4,),
    "district": (6,),
}
ANOTHER_RECAP_DAYS = 30
COLUMNS = columns("core.recap_unit")


def days_late(
    date_kind: str, date_completed: date | None, seen_on: date | None, deadline: date | None
) -> tuple[int | None, str]:
    """Return the days past a deadline and the verdict.

    Args:
        date_kind: exact, upper_bound, open_late, open_not_due or unknown.
        date_completed: day of completion (exact) or a day on or before which it was completed (upper_bound).
        seen_on: day on which it was seen unfinished (open_late).
        deadline: last day of the window, or None.

    Returns:
        (days, verdict): days is negative when early, a lower bound for `late_at_least`, and None when unknown;
        verdict is on_time, late, late_at_least, undecided or no_verdict.
    """
    if deadline is None:
        return None, "no_verdict"
    if date_kind == "exact" and date_completed is not None:
        days = (date_completed - deadline).days
        return days, "late" if days > 0 else "on_time"
    if date_kind == "upper_bound" and date_completed is not None:
        days = (date_completed - deadline).days
        return (days, "on_time") if days <= 0 else (None, "undecided")
    if date_kind == "open_late":
        if seen_on is None:
            return 1, "late_at_least"
        days = (seen_on - deadline).days
        return (days, "late_at_least") if days > 0 else (None, "undecided")
    return None, "no_verdict"


def _window(stage: Mapping[str, Any] | None, statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the window of the regulation, or the earliest deadline that the sources state."""
    if stage is not None:
        return {
            "start_date": stage["start_date"],
            "deadline": stage["end_date"],
            "deadline_basis": "regulation",
            "extended_to": stage["extended_to"],
        }
    stated = sorted(s["deadline"] for s in statements if s["deadline"])
    first = stated[0] if stated else None
    return {
        "start_date": None,
        "deadline": first,
        "deadline_basis": "source" if first else None,
        "extended_to": None,
    }


def _is_another_recap(statement: Mapping[str, Any], stage: Mapping[str, Any] | None) -> bool:
    """Return whether a deadline weeks after the window belongs to a re-recapitulation ordered by the court."""
    if stage is None or statement["deadline"] is None:
        return False
    last_day = stage["extended_to"] or stage["end_date"]
    return bool((statement["deadline"] - last_day).days > ANOTHER_RECAP_DAYS)


def _against(chosen: Mapping[str, Any], other: Mapping[str, Any]) -> date | None:
    """Return the day by which another statement contradicts the chosen exact date; None where it does not."""
    completed, kind = chosen["date_completed"], other["date_kind"]
    if chosen["date_kind"] != "exact" or completed is None:
        return None
    stated, seen = other["date_completed"], other["source_date"]
    if kind == "exact" and stated is not None and stated != completed:
        return stated  # type: ignore[no-any-return]
    if kind == DONE_BY and stated is not None and stated < completed:
        return stated  # type: ignore[no-any-return]
    if kind == SEEN_UNFINISHED and seen is not None and seen > completed:
        return seen  # type: ignore[no-any-return]
    return None


def _resolve(
    key: tuple[str, str, str], statements: Sequence[Mapping[str, Any]], window: Mapping[str, Any]
) -> dict[str, Any]:
    election_id, milestone, area_code = key
    chosen, others = heard(statements, steps_of("recap"))
    kind, completed, seen = chosen["date_kind"], chosen["date_completed"], chosen["source_date"]
    days, verdict = days_late(kind, completed, seen, window["deadline"])
    if window["extended_to"]:
        days_more, verdict_more = days_late(kind, completed, seen, window["extended_to"])
    else:
        days_more, verdict_more = days, verdict
    level = str(chosen["level"])
    return {
        "election_id": election_id,
        "area_code": area_code,
        "level": level,
        "milestone": milestone,
        "is_unit": UNIT_LEVELS[milestone] == level,
        **window,
        "date_completed": completed,
        "date_kind": kind,
        "days_late": days,
        "days_late_extension": days_more,
        "verdict": verdict,
        "verdict_extension": verdict_more,
        "n_statements": len(statements),
        "is_disputed": any(_against(chosen, other) for other, _ in others),
        "claim_id": row_id(chosen["source_file"], chosen["source_row"]),
        **{k: chosen[k] for k in ("source_url", "source_title", "source_date", "confidence")},
    }


Windows = Mapping[tuple[str, str], Mapping[str, Any]]


def _units(
    milestones: pd.DataFrame, windows: Windows, elections: pd.DataFrame, lineage: pd.DataFrame | None
) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Return the statements by election, milestone and area as it stood; see `resolve_recap` for exclusions."""
    former = {row["election_id"]: former_provinces(lineage, row["voting_date"]) for row in records(elections)}
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in records(milestones):
        stage = windows.get((row["election_id"], row["milestone"]))
        if not _speaks_of_a_unit(row) or _is_another_recap(row, stage):
            continue
        code = as_it_stood(row["level"], str(row["area_code"]), former[row["election_id"]])
        groups.setdefault((str(row["election_id"]), str(row["milestone"]), code), []).append(row)
    return groups


def recap_alternatives(
    milestones: pd.DataFrame,
    stages: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield statements that contradict the chosen exact date, as rows of `mart.conflicts`; arguments as below."""
    windows = {(row["election_id"], row["stage"]): row for row in records(stages)}
    for (election_id, milestone, code), rows in sorted(
        _units(milestones, windows, elections, lineage).items()
    ):
        chosen, others = heard(rows, steps_of("recap"))
        for other, reason in others:
            if day := _against(chosen, other):
                yield {
                    "election_id": election_id,
                    "area_code": code,
                    "outcome": "late_recap",
                    "measure": milestone,
                    "chosen_value": chosen["date_completed"].isoformat(),
                    "chosen_claim_id": row_id(chosen["source_file"], chosen["source_row"]),
                    "other_value": day.isoformat(),
                    "other_claim_id": row_id(other["source_file"], other["source_row"]),
                    "reason": reason,
                }


def resolve_recap(
    milestones: pd.DataFrame,
    stages: pd.DataFrame,
    elections: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per (election, milestone, area): the chosen date, days late, and the verdict.

    Excluded are statements about several areas at once (`snapshot`), about an area whose code is not known down
    to its level, national rows that only state the window, and re-recapitulations ordered by the court months
    later.

    Args:
        milestones: core.recap_milestone (dates as datetimes).
        stages: ref.stages.
        elections: ref.elections (voting_date).
        lineage: ref.area_lineage; provinces that were split later are assessed under their former code.

    Returns:
        Frame with `COLUMNS`.
    """
    windows = {(row["election_id"], row["stage"]): row for row in records(stages)}
    groups = _units(milestones, windows, elections, lineage)
    resolved = [
        _resolve(key, rows, _window(windows.get((key[0], key[1])), rows))
        for key, rows in sorted(groups.items())
    ]
    frame = pd.DataFrame(resolved, columns=COLUMNS)
    for name in ("days_late", "days_late_extension", "n_statements"):
        frame[name] = frame[name].astype("Int64")
    return frame


def _speaks_of_a_unit(row: Mapping[str, Any]) -> bool:
    if row["date_kind"] == "snapshot" or len(str(row["area_code"])) not in CODE_LENGTHS[str(row["level"])]:
        return False
    is_nation = row["area_code"] == "00"
    if is_nation and row["milestone"] not in LAST_MILESTONES:
        return False
    return not (is_nation and row["date_kind"] == "unknown") and _named_once(row)


def _named_once(row: Mapping[str, Any]) -> bool:
    """Return whether a district row names a single district (several in one name would share one code)."""
    name = row.get("district")
    return row["level"] != "district" or name is None or "," not in str(name)
