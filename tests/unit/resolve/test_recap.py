"""Lateness: exact dates judge, bounds may, and what is unknown stays unknown."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pipelines.resolve.recap import days_late, resolve_recap
from tests.support.claim_cases import ELECTIONS, LINEAGE

DEADLINE = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("kind", "completed", "seen", "expected"),
    [
        ("exact", date(2024, 3, 5), None, (0, "on_time")),
        ("exact", date(2024, 3, 9), None, (4, "late")),
        ("exact", date(2024, 3, 1), None, (-4, "on_time")),
        ("upper_bound", date(2024, 3, 4), None, (-1, "on_time")),
        ("upper_bound", date(2024, 3, 9), None, (None, "undecided")),
        ("open_late", None, date(2024, 3, 8), (3, "late_at_least")),
        ("open_late", None, None, (1, "late_at_least")),
        ("open_late", None, date(2024, 3, 5), (None, "undecided")),
        ("open_not_due", None, date(2024, 3, 1), (None, "no_verdict")),
        ("unknown", None, date(2024, 4, 1), (None, "no_verdict")),
    ],
)
def test_verdict_by_kind_of_date(kind: str, completed: date, seen: date, expected: tuple) -> None:
    assert days_late(kind, completed, seen, DEADLINE) == expected


def test_without_a_deadline_there_is_no_verdict() -> None:
    assert days_late("exact", date(2024, 3, 9), None, None) == (None, "no_verdict")


def statement(line: int, **other: object) -> dict:
    row = {
        "election_id": "pemilu-2024",
        "level": "regency",
        "area_code": "3171",
        "district": None,
        "milestone": "recap_regency",
        "deadline": None,
        "date_completed": None,
        "date_kind": "exact",
        "source_url": "https://example.org",
        "source_title": "t",
        "source_date": "2024-03-10",
        "confidence": "high",
        "source_file": "register/recap.csv",
        "source_row": line,
    }
    return {**row, **other}


STAGES = pd.DataFrame(
    [
        ("pemilu-2024", "recap_regency", "2024-02-17", "2024-03-05", None),
        ("pemilu-2024", "recap_province", "2024-02-19", "2024-03-10", "2024-03-15"),
    ],
    columns=["election_id", "stage", "start_date", "end_date", "extended_to"],
)


def resolve(*rows: dict) -> pd.DataFrame:
    frame, stages = pd.DataFrame(rows), STAGES.copy()
    for name in ("deadline", "date_completed", "source_date"):
        frame[name] = pd.to_datetime(frame[name])
    for name in ("start_date", "end_date", "extended_to"):
        stages[name] = pd.to_datetime(stages[name])
    return resolve_recap(frame, stages, ELECTIONS, LINEAGE)


def test_exact_date_is_believed_before_bounds() -> None:
    found = resolve(
        statement(2, date_kind="upper_bound", date_completed="2024-03-09"),
        statement(3, date_completed="2024-03-07"),
    )
    assert found[["days_late", "verdict", "claim_id"]].values.tolist() == [
        [2, "late", "row/register/recap.csv/3"]
    ]


def test_tightest_upper_bound_decides() -> None:
    found = resolve(
        statement(2, date_kind="upper_bound", date_completed="2024-03-09"),
        statement(3, date_kind="upper_bound", date_completed="2024-03-04"),
    )
    assert found["verdict"].tolist() == ["on_time"]


def test_window_and_extension_are_judged_apart() -> None:
    found = resolve(
        statement(
            2, level="province", area_code="31", milestone="recap_province", date_completed="2024-03-12"
        )
    )
    one = found.iloc[0]
    assert (one["days_late"], one["verdict"]) == (2, "late")
    assert (one["days_late_extension"], one["verdict_extension"]) == (-3, "on_time")


def test_sources_with_different_exact_dates_are_marked() -> None:
    found = resolve(statement(2, date_completed="2024-03-04"), statement(3, date_completed="2024-03-06"))
    assert bool(found["is_disputed"].iloc[0])


def test_counts_over_several_areas_are_no_units() -> None:
    found = resolve(
        statement(2, date_kind="snapshot"),
        statement(
            3, level="district", area_code="31", milestone="recap_district", date_completed="2024-03-01"
        ),
        statement(
            4,
            level="district",
            area_code="317101",
            district="A, B",
            milestone="recap_district",
            date_completed="2024-03-01",
        ),
    )
    assert found.empty


def test_recapitulation_ordered_months_later_is_not_judged_against_the_window() -> None:
    found = resolve(
        statement(2, deadline="2024-06-24", date_completed="2024-06-27"),
        statement(3, date_completed="2024-03-04"),
    )
    assert found["verdict"].tolist() == ["on_time"]


def test_part_of_an_area_in_the_level_above_is_not_its_own_unit() -> None:
    found = resolve(statement(2, milestone="recap_province", date_completed="2024-03-09"))
    assert not found["is_unit"].iloc[0]


def test_province_that_was_split_later_is_judged_under_its_former_code() -> None:
    past = {
        "election_id": "pemilu-2019",
        "level": "province",
        "area_code": "91",
        "milestone": "recap_province",
    }
    found = resolve(statement(2, **past, deadline="2019-05-12", date_completed="2019-05-20"))
    assert found[["area_code", "deadline_basis", "days_late"]].values.tolist() == [["91-2022", "source", 8]]
