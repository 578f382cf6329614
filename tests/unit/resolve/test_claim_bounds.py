"""Counts of re-votes as bounds: what claims make certain, whatever else is claimed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.resolve.claim_counts import Counted, differences, resolve_counts
from pipelines.resolve.claims import groups
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE, claim, frame, stated, tps

KEY = ["area_code", "measure"]


def counted(*claims: dict[str, Any], coverage: pd.DataFrame | None = None) -> Counted:
    return resolve_counts(groups(frame(*claims), AREAS, ELECTIONS, coverage, LINEAGE))


def counts(*claims: dict[str, Any], coverage: pd.DataFrame | None = None) -> dict[tuple[str, str], Any]:
    """(area, measure) -> row of mart.counts, for PSU of pemilu-2024."""
    found = counted(*claims, coverage=coverage)
    assert differences(found.incidents, found.counts, AREAS, ELECTIONS, LINEAGE).empty
    return {(row["area_code"], row["measure"]): row for row in found.counts.to_dict("records")}


def bounds(found: dict[tuple[str, str], Any], area: str, measure: str) -> tuple[int, int | None]:
    row = found[area, measure]
    return int(row["lower"]), None if pd.isna(row["upper"]) else int(row["upper"])


def test_held_without_a_number_is_at_least_one_and_leaves_what_was_ordered() -> None:
    # Jayawijaya 2024: 93 ordered; "held on 24 February", number not stated.
    found = counts(claim(1, "9301", 93, status="decided"), claim(2, "9301", None))
    assert bounds(found, "9301", "held") == (1, None)
    assert bounds(found, "9301", "ordered") == (93, None)
    assert not found["9301", "held"]["is_complete"]
    assert bounds(found, "93", "ordered") == (93, None)


def test_ordered_only_is_not_no_data() -> None:
    found = counts(claim(1, "31", 91, status="decided"))
    assert bounds(found, "31", "held") == (0, None)
    assert found["31", "held"]["rests_on"] == "none"
    assert ("3171", "held") not in found  # no claim speaks of it: no data, and no row


def test_number_of_low_confidence_makes_one_certain() -> None:
    found = counts(claim(1, "00", 2293, confidence="low"), claim(2, "3171", 13))
    assert bounds(found, "00", "held") == (13, None)


def test_official_whole_bounds_the_area_and_what_lies_in_it() -> None:
    found = counts(
        claim(1, "31", 5), tps(2, "317101", "1", "A"), claim(3, "3172", 2), coverage=stated("31", 5)
    )
    assert bounds(found, "31", "held") == (5, 5) and found["31", "held"]["is_complete"]
    assert bounds(found, "3171", "held") == (1, 3)
    assert bounds(found, "3172", "held") == (2, 4)
    assert bounds(found, "31", "ordered") == (5, None)


def test_wholly_located_area_leaves_the_rest_at_zero() -> None:
    found = counts(claim(1, "3171", 2), coverage=stated("31", 2))
    assert bounds(found, "3172", "held") == (0, 0)
    assert found["3172", "held"]["rests_on"] == "coverage"


def test_partial_count_of_a_province_bounds_nothing_from_above() -> None:
    found = counts(claim(1, "31", 22), coverage=stated("31", 22, "partial"))
    assert bounds(found, "31", "held") == (22, None)
    assert found["31", "held"]["official_count"] == 22


def test_larger_figure_of_another_actor_does_not_beat_the_official_whole() -> None:
    found = counts(claim(1, "00", 135), coverage=stated("00", 117, "partial"))
    assert bounds(found, "00", "held") == (117, 117)


def test_known_cases_beyond_the_official_count_are_a_contradiction_not_a_bound() -> None:
    found = counts(claim(1, "3171", 4), claim(2, "3172", 3), coverage=stated("31", 5))
    assert bounds(found, "31", "held") == (7, None)
    assert found["31", "held"]["is_contradicted"]


STATUS = st.sampled_from(["reported", "recommended", "decided", "held", "refused"])
ROWS = st.one_of(
    st.builds(
        lambda area, n, status, confidence: {
            "area": area, "n": n, "status": status, "confidence": confidence, "tps": None, "village": None,
        },
        st.sampled_from(["00", "31", "3171", "3172", "317101", "3171011001", "9301"]),
        st.one_of(st.none(), st.integers(0, 6)),
        STATUS,
        st.sampled_from(["high", "medium", "low"]),
    ),
    st.builds(
        lambda area, number, status, village: {
            "area": area, "n": 1, "status": status, "confidence": "high", "tps": number, "village": village,
        },
        st.sampled_from(["3171", "317101", "317102", "3171011001"]),
        st.sampled_from(["1", "01", "2"]),
        STATUS,
        st.sampled_from([None, "A", "B"]),
    ),
)  # fmt: skip


def made(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        tps(i, r["area"], r["tps"], r["village"], status=r["status"])
        if r["tps"]
        else claim(i, r["area"], r["n"], status=r["status"], confidence=r["confidence"])
        for i, r in enumerate(rows)
    ]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=7), st.data())
def test_what_more_claims_can_and_cannot_do(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    claims = made(rows)
    coverage = stated("00", 60, "partial")  # more than these claims can contradict
    full = counts(*claims, coverage=coverage)
    for (area, measure), row in full.items():
        lower, upper = bounds(full, area, measure)
        assert upper is None or lower <= upper
        if measure == "held":
            assert bounds(full, area, "ordered")[0] >= lower
        parts = [
            bounds(full, a, m)[0] for a, m in full if m == measure and a[:-2] == area and len(a) in (4, 6)
        ]
        assert lower >= sum(parts) and row["is_complete"] == (upper == lower)
    at = data.draw(st.integers(0, len(claims) - 1))
    twin = claims[at] | {"event_id": "twin"}
    again = counts(*claims, twin, coverage=coverage)
    assert {k: bounds(again, *k) for k in again} == {k: bounds(full, *k) for k in full}
    # A station whose village is not stated is joined with a known one of its number, so that taking the known one
    # away would move it; areas' own figures move nothing.
    if len(claims) > 1 and rows[at]["tps"] is None:
        less = counts(*(c for i, c in enumerate(claims) if i != at), coverage=coverage)
        pairs = [(bounds(less, *key), bounds(full, *key)) for key in less]
        # A claim may contradict another that says "none": then that one bounds nothing any more.
        contradicts = any(high is not None and full_low > high for (_, high), (full_low, _) in pairs)
        for (low, high), (full_low, full_high) in pairs:
            assert low <= full_low
            assert contradicts or high is None or (full_high is not None and full_high <= high)
