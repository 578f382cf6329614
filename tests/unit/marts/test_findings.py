"""Findings by provision: what recurs, what is open and what is past its deadline on the day of the data."""

from __future__ import annotations

from datetime import date

import pandas as pd

from pipelines import catalog
from pipelines.marts import Release, findings

COLUMNS = (
    "finding_id",
    "election_id",
    "area_code",
    "provision_code",
    "problem",
    "recommendation",
    "finding_status",
)
ROWS = [
    ("a", "pemilu-2019", "3171", "sop", "Surat suara tertukar", "Cek silang", "done"),
    ("b", "pemilu-2024", "3171", "sop", "surat suara  tertukar ", "Cek silang", "open"),
    ("c", "pemilu-2024", "3172", "sop", "Surat suara tertukar", "Cek silang", "dropped"),
    ("d", "pemilu-2024", "3171", "data", "DPT ganda", None, "open"),
    ("e", "pilkada-2024", "3171", "sop", "Surat suara tertukar dapil", "Cek silang", "in_progress"),
]
DEADLINES = {"a": "2020-01-01", "b": "2026-06-30", "c": "2020-01-01", "d": None, "e": "2026-11-28"}


def made(rows: list[tuple] = ROWS) -> pd.DataFrame:
    table = catalog.table("core.finding")
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).reindex(columns=table.field_names)
    frame["deadline"] = pd.to_datetime(frame["finding_id"].map(DEADLINES))
    given = {
        "core.finding": frame,
        "ref.areas": pd.DataFrame([("3171", "A"), ("3172", "B")], columns=["area_code", "name"]),
        "ref.provisions": pd.DataFrame([("data", 2), ("sop", 4)], columns=["provision_code", "order"]),
    }
    return findings.build(given.__getitem__, Release(1, date(2026, 11, 28)))["mart.findings"].set_index(
        "finding_id"
    )


def test_the_same_words_at_another_election_recur_and_similar_ones_are_only_suggested() -> None:
    found = made()
    assert list(found.columns) == catalog.table("mart.findings").field_names[1:]
    assert found["n_elections"].tolist() == [2, 2, 1, 1, 1]
    assert found["is_recurring"].tolist() == [True, True, False, False, False]
    near = found["possibly_same_as"].dropna().to_dict()
    assert near == {"a": "e", "b": "e", "e": "a;b"}


def test_an_open_recommendation_is_overdue_the_day_after_its_deadline() -> None:
    found = made()
    assert found["is_open"].tolist() == [False, True, False, False, True]
    assert found["is_overdue"].tolist() == [False, True, False, False, False]
    assert set(found["judged_on"]) == {pd.Timestamp("2026-11-28")}


def test_without_findings_the_mart_is_empty() -> None:
    assert made([]).empty
