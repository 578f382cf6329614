"""Rows about one court case: normalise its number, and choose whose statement of the verdict counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.claim_ids import row_id
from ..catalog.vocabulary import GRANTED
from .offices import NOT_OWN, own_rank

Row = Mapping[str, Any]
_LEAD = re.compile(r"^\s*((perkara|putusan|register|nomor|no)\b[.:]?\s*)+", re.IGNORECASE)
_ZEROS = re.compile(r"(?<![0-9A-Z])0+(?=[0-9])")


def case_key(case_id: str) -> str:
    """Normalise a case number: `No. 012/PHPU.BUP-XXIII/2025` and `12/phpu.bup-xxiii/2025` are the same case."""
    return _ZEROS.sub("", "".join(_LEAD.sub("", case_id).upper().split()))


def heard(rows: Sequence[Row]) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """Return the rows that count, and pairs (row of the office, row it overrides) that differ on the verdict.

    Args:
        rows: core.dispute_case, with `own_rank` where an office has declared its area (`offices.mark_own`).

    For a case in an office's own area, the rows of that office count if they state the verdict; all other rows
    stay.
    """
    own: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=own_rank, reverse=True):  # nearest office last
        if own_rank(row) < NOT_OWN and row["verdict"] is not None:
            own[_key(row)] = row
    kept, others = [], []
    for row in rows:
        office = own.get(_key(row))
        if office is None or own_rank(row) < NOT_OWN:
            kept.append(row)
        elif (office["verdict"] in GRANTED) != (row["verdict"] in GRANTED):
            others.append((office, row))
    return kept, others


def differences(others: Sequence[tuple[Row, Row]], group: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield verdicts that an office contradicts, as rows of mart.conflicts:
    granted cases, 0 or 1, on both sides."""
    for office, row in others:
        yield {
            "election_id": office["election_id"],
            "area_code": office["area_code"],
            "outcome": "dispute",
            "measure": "granted",
            "detail": group[office["contest"]],
            "chosen_value": str(int(office["verdict"] in GRANTED)),
            "chosen_claim_id": row_id(office["source_file"], office["source_row"]),
            "other_value": str(int(row["verdict"] in GRANTED)),
            "other_claim_id": row_id(row["source_file"], row["source_row"]),
            "reason": "own_record",
        }


def _key(row: Row) -> tuple[str, str]:
    return str(row["election_id"]), case_key(str(row["case_id"]))
