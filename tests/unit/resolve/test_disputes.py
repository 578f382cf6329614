"""Cases before the court: stated figures and listed cases are both claims."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.cases import case_key
from pipelines.resolve.disputes import resolve_disputes
from pipelines.resolve.offices import mark_own
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE


def count(line: int, area_code: str, measure: str, value: int, **other: object) -> dict:
    row = {
        "election_id": "pemilu-2024",
        "forum": "mk",
        "area_code": area_code,
        "contest": None,
        "level": "national" if area_code == "00" else "province",
        "measure": measure,
        "value": value,
        "source_url": "https://example.org",
        "source_title": "t",
        "source_date": pd.Timestamp("2024-06-11"),
        "confidence": "high",
        "source_file": "register/dispute_counts.csv",
        "source_row": line,
    }
    return {**row, **other}


def case(
    line: int, case_id: str, area_code: str | None, verdict: str | None = "rejected", **other: object
) -> dict:
    row = {
        "case_id": case_id,
        "election_id": "pemilu-2024",
        "forum": "mk",
        "area_code": area_code,
        "contest": "dpr",
        "verdict": verdict,
        "source_url": "https://example.org",
        "source_title": "t",
        "source_date": pd.Timestamp("2024-06-11"),
        "confidence": "high",
        "source_file": "register/disputes.csv",
        "source_row": line,
    }
    return {**row, **other}


def resolve(cases: list[dict], counts: list[dict]) -> pd.DataFrame:
    case_frame = pd.DataFrame(cases, columns=list(case(0, "x", None)))
    count_frame = pd.DataFrame(counts, columns=list(count(0, "00", "x", 0)))
    found = resolve_disputes(case_frame, count_frame, AREAS, ELECTIONS, LINEAGE)
    return found.counts.set_index(["area_code", "contest_group", "measure"])


def test_stated_national_figure_is_complete_and_cases_are_lower_bounds() -> None:
    found = resolve(
        [case(2, "1", "3171", "granted"), case(3, "1", "3172", "granted")],
        [count(2, "00", "registered", 297), count(3, "00", "granted_total", 44)],
    )
    assert found.loc[("00", "legislative", "registered"), ["value", "coverage"]].tolist() == [297, "complete"]
    assert found.loc[("00", "legislative", "granted"), ["value", "n_cases"]].tolist() == [44, 1]
    # One case that concerns two regencies is one case in the province and in the nation.
    assert found.loc[("31", "legislative", "registered"), ["value", "coverage"]].tolist() == [1, "at_least"]


def test_granted_is_the_sum_of_whole_and_part_where_no_total_is_stated() -> None:
    found = resolve([], [count(2, "00", "granted", 6), count(3, "00", "granted_part", 38)])
    assert found.loc[("00", "legislative", "granted"), "value"] == 44


def test_every_case_listed_and_none_granted_is_a_complete_zero() -> None:
    cases = [case(2, "1", None, contest="ppwp"), case(3, "2", None, contest="ppwp")]
    found = resolve(cases, [count(2, "00", "registered", 2, contest="ppwp")])
    assert found.loc[("00", "presidential", "granted"), ["value", "coverage"]].tolist() == [0, "complete"]


def test_unknown_verdict_gives_no_statement_on_granted() -> None:
    found = resolve([case(2, "1", "3171", None)], [])
    assert ("3171", "legislative", "granted") not in found.index
    assert found.loc[("3171", "legislative", "registered"), "value"] == 1


def test_other_forums_are_not_disputes_over_results() -> None:
    assert resolve(
        [case(2, "1", "3171", forum="bawaslu")], [count(2, "00", "registered", 5, forum="bawaslu")]
    ).empty


def test_more_cases_than_the_court_counted_are_a_conflict_and_the_nation_is_not_complete() -> None:
    # Pilkada 2024: the court counted 26 in February 2025; a 27th followed in May.
    cases = [case(i, str(i), "3171", "granted") for i in (2, 3, 4)]
    found = resolve_disputes(
        pd.DataFrame(cases), pd.DataFrame([count(9, "00", "granted_total", 2)]), AREAS, ELECTIONS, LINEAGE
    )
    nation = found.counts.set_index(["area_code", "measure"]).loc[("00", "granted")]
    assert nation[["value", "coverage", "rests_on"]].tolist() == [3, "at_least", "sum_of_parts"]
    assert nation["claim_id"] == "sum/pemilu-2024/00/dispute/granted/legislative"
    parts = found.parts[found.parts["sum_id"] == nation["claim_id"]]
    assert parts["part_id"].tolist() == [f"row/register/disputes.csv/{i}" for i in (2, 3, 4)]
    (told,) = found.alternatives
    assert (told["chosen_value"], told["other_value"], told["reason"]) == ("3", "2", "parts_exceed_whole")
    assert told["other_claim_id"] == "row/register/dispute_counts.csv/9"


def test_figures_that_differ_are_told_with_the_step_that_decided() -> None:
    later = count(3, "00", "registered", 297)
    earlier = count(2, "00", "registered", 285, source_date=pd.Timestamp("2024-04-23"))
    found = resolve_disputes(
        pd.DataFrame([], columns=list(case(0, "x", None))),
        pd.DataFrame([earlier, later]),
        AREAS,
        ELECTIONS,
        LINEAGE,
    )
    (told,) = found.alternatives
    assert (told["chosen_value"], told["other_value"]) == ("297", "285")
    assert told["reason"] == "superseded_by_later_claim"


def test_an_office_is_heard_first_about_a_case_of_its_own_area_and_the_other_side_is_a_conflict() -> None:
    own = {"source_file": "own/perkara--a.csv", "contest": "dpr"}
    press = {"contest": "dpr"}
    cases = pd.DataFrame([
        case(2, "012/PHPU.BUP-XXIII/2025", "3171", "rejected", **own),
        case(7, "12/PHPU.BUP-XXIII/2025", "3171", "granted", **press),
        case(8, "13/PHPU.BUP-XXIII/2025", "3172", "granted", **press),
        case(3, "No. 13/PHPU.BUP-XXIII/2025", "3172", "rejected", **own),  # not this office's area
    ])  # fmt: skip
    counts = pd.DataFrame([], columns=list(count(0, "00", "x", 0)))
    offices = pd.DataFrame([{"workbook": "a", "area_code": "3171"}])
    found = resolve_disputes(mark_own(cases, offices), counts, AREAS, ELECTIONS, LINEAGE)
    value = found.counts.set_index(["area_code", "measure"])["value"]
    assert (
        value["3171", "registered"] == value["3172", "registered"] == 1
    )  # each case once, however it is written
    assert value["3171", "granted"] == 0 and value["3172", "granted"] == 1
    (told,) = found.alternatives
    assert (told["chosen_value"], told["other_value"], told["reason"]) == ("0", "1", "own_record")
    assert told["other_claim_id"] == "row/register/disputes.csv/7"


def test_case_numbers_are_one_however_they_are_written() -> None:
    written = ("Perkara Nomor 09-01-14-11/PHPU.DPR-DPRD-XXII/2024", "9-1-14-11/phpu.dpr-dprd-xxii/2024")
    assert len({case_key(text) for text in written}) == 1
    assert case_key("100/PHP.BUP-XIX/2021") != case_key("1/PHP.BUP-XIX/2021")
    assert case_key("NOSTRA-1/PHPU/2014").startswith("NOSTRA")
