"""A small invented country for tests of claims: two provinces, one of which was split in 2022."""

from __future__ import annotations

from typing import Any

import pandas as pd

AREAS = pd.DataFrame(
    [
        ("00", "national", None),
        ("31", "province", None),
        ("91", "province", None),
        ("93", "province", None),
        ("91-2022", "former_province", None),
        ("3171", "regency", "31"),
        ("3172", "regency", "31"),
        ("317101", "district", "3171"),
        ("317102", "district", "3171"),
        ("317201", "district", "3172"),
        ("3171011001", "village", "317101"),
        ("9103", "regency", "91"),
        ("9301", "regency", "93"),
        ("910301", "district", "9103"),
        ("930101", "district", "9301"),
    ],
    columns=["area_code", "level", "parent_code"],
)
ELECTIONS = pd.DataFrame(
    [
        ("pemilu-2019", "2019-04-17", "national", "general"),
        ("pemilu-2024", "2024-02-14", "national", "general"),
        ("pilkada-2017-r2", "2017-04-19", "province:31", "regional"),
    ],
    columns=["election_id", "voting_date", "scope", "kind"],
).assign(voting_date=lambda f: pd.to_datetime(f["voting_date"]))
LINEAGE = pd.DataFrame(
    [("91-2022", "91", "split", "2022-07-25"), ("91-2022", "93", "split", "2022-07-25")],
    columns=["former_code", "area_code", "change", "valid_to"],
).assign(valid_to=lambda f: pd.to_datetime(f["valid_to"]))
LEVELS = {2: "province", 4: "regency", 6: "district", 10: "village"}


def claim(number: int, area_code: str, n_tps: int | None, **other: Any) -> dict[str, Any]:
    """One claim; level follows the code unless said otherwise."""
    row: dict[str, Any] = {
        "event_id": f"c{number}",
        "election_id": "pemilu-2024",
        "area_code": area_code,
        "kind": "psu",
        "status": "held",
        "basis": "bawaslu",
        "level": "national" if area_code == "00" else LEVELS[len(area_code)],
        "district": None,
        "village": None,
        "tps": None,
        "n_tps": n_tps,
        "ground_code": None,
        "date_decided": None,
        "date_held": None,
        "source_date": "2024-02-20",
        "confidence": "high",
    }
    return {**row, **other}


def tps(
    number: int, area_code: str, tps_number: str, village: str | None = None, **other: Any
) -> dict[str, Any]:
    """A claim about one TPS."""
    return claim(number, area_code, 1, level="tps", tps=tps_number, village=village, **other)


def frame(*claims: dict[str, Any]) -> pd.DataFrame:
    """Claims as the resolution expects them."""
    rows = pd.DataFrame(list(claims), columns=list(claim(0, "00", 0)))
    rows["n_tps"] = rows["n_tps"].astype("Int64")
    for name in ("date_decided", "date_held", "source_date"):
        rows[name] = pd.to_datetime(rows[name])
    return rows


def stated(
    area_code: str,
    expected: int | None,
    completeness: str = "complete",
    kind: str = "psu",
    election: str = "pemilu-2024",
    status: str = "held",
) -> pd.DataFrame:
    """One statement of completeness."""
    row = (election, area_code, kind, status, completeness, expected, pd.Timestamp("2024-03-01"), "KPU")
    columns = [
        "election_id", "area_code", "kind", "status", "completeness", "expected_count", "as_of", "basis",
    ]  # fmt: skip
    return pd.DataFrame([row], columns=columns)
