"""The declared order of places: what repeats, then size, then recency; equal evidence shares a rank."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from pipelines.marts.priority_places import ranked, strongest, summed

DAYS = {"e1": date(2014, 4, 9), "e2": date(2019, 4, 17), "e3": date(2024, 2, 14)}


def event(area: str, election: str, n: int, outcome: str = "psu", **more: Any) -> dict[str, Any]:
    row = {"area_code": area, "level": "regency", "election_id": election, "outcome": outcome, "n": n}
    return row | {"is_at_least": True, "voting_date": DAYS[election]} | more


def order(*events: dict[str, Any], parent: str = "52") -> list[tuple[int, str]]:
    places = summed(pd.DataFrame(events))
    found = ranked(places)
    found = found[found["parent_code"] == parent]
    return list(zip(found["rank"], found["area_code"], strict=True))


def test_what_repeats_comes_before_what_is_large() -> None:
    assert order(event("5201", "e1", 1), event("5201", "e3", 1), event("5202", "e3", 260, "psu_court")) == [
        (1, "5201"),
        (2, "5202"),
    ]


def test_among_those_that_repeat_alike_size_decides_then_recency() -> None:
    assert order(event("5201", "e3", 3), event("5202", "e3", 9), event("5203", "e1", 3)) == [
        (1, "5202"),
        (2, "5201"),
        (3, "5203"),
    ]


def test_equal_evidence_has_an_equal_rank_and_the_next_rank_is_skipped() -> None:
    assert order(event("5202", "e3", 1), event("5201", "e3", 1), event("5203", "e1", 1)) == [
        (1, "5201"),
        (1, "5202"),
        (3, "5203"),
    ]


def test_kinds_of_revotes_are_one_outcome_but_other_zeros_are_not() -> None:
    mixed = order(
        event("5201", "e1", 1, "psl"),
        event("5201", "e2", 1, "psu"),
        event("5202", "e1", 1),
        event("5202", "e2", 1, "dispute"),
    )
    assert mixed == [(1, "5201"), (2, "5202")]
    rows = [event("5202", "e1", 4), event("5202", "e2", 2, "dispute"), event("5202", "e2", 1, "late_recap")]
    columns = ["n_repeated", "n_elections", "n_tps", "n_late", "n_disputes"]
    assert summed(pd.DataFrame(rows)).loc[0, columns].tolist() == [1, 2, 4, 1, 2]


def test_nation_ranks_regencies_and_a_province_its_own_only() -> None:
    events = (event("5201", "e3", 2), event("7371", "e3", 5))
    assert order(*events, parent="00") == [(1, "7371"), (2, "5201")]
    assert order(*events, parent="73") == [(1, "7371")]


def test_a_place_carries_its_strongest_statement() -> None:
    rows = pd.DataFrame(
        {
            "area_code": ["5201", "5201", "5202"],
            "election_id": ["e1", "e3", "e3"],
            "evidence": ["watch_list", "supported_once", "silent"],
        }
    )
    none = pd.DataFrame({"area_code": ["5201"], "evidence": ["supported_once"]})
    assert strongest(rows, none).to_dict("records") == [
        {"area_code": "5201", "evidence": "supported_once", "evidence_election_id": "e3"}
    ]


def test_what_is_confirmed_in_several_elections_is_said_wherever_the_place_is_listed() -> None:
    rows = pd.DataFrame(
        {"area_code": ["5201"] * 2, "election_id": ["e1", "e3"], "evidence": ["supported_once"] * 2}
    )
    confirmed = pd.DataFrame({"area_code": ["5201"], "evidence": ["confirmed_several"]})
    assert strongest(rows, confirmed).to_dict("records") == [
        {"area_code": "5201", "evidence": "confirmed_several", "evidence_election_id": "e3"}
    ]
