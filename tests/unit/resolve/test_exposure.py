"""Denominators: the better statement is chosen, sums only where every part is known."""

from __future__ import annotations

import pandas as pd

from pipelines.resolve.exposure import exposure_alternatives, resolve_exposure
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE


def statement(line: int, area_code: str, n_tps: int | None, **other: object) -> dict:
    levels = {2: "province", 4: "regency", 6: "district"}
    row = {
        "election_id": "pemilu-2024",
        "level": "national" if area_code == "00" else levels[len(area_code)],
        "area_code": area_code,
        "n_tps": n_tps,
        "dpt_total": None,
        "n_district": None,
        "n_village": None,
        "source_url": "https://example.org",
        "source_title": "t",
        "source_date": pd.Timestamp("2024-01-01"),
        "confidence": "high",
        "source_file": "register/exposure.csv",
        "source_row": line,
    }
    return {**row, **other}


def resolve(*rows: dict) -> pd.DataFrame:
    chosen, _ = resolve_exposure(pd.DataFrame(rows), AREAS, ELECTIONS, LINEAGE)
    return chosen.set_index(["election_id", "area_code"])


def test_statement_with_a_breakdown_goes_before_a_headline() -> None:
    found = resolve(statement(2, "00", 823220), statement(3, "00", 820161, n_district=7277))
    nation = found.loc[("pemilu-2024", "00")]
    assert (nation["n_tps"], nation["n_tps_low"], nation["n_tps_high"]) == (820161, 820161, 823220)


def test_confidence_goes_before_recency() -> None:
    found = resolve(
        statement(2, "31", 100, confidence="medium", source_date=pd.Timestamp("2024-02-01")),
        statement(3, "31", 90),
    )
    assert found.loc[("pemilu-2024", "31"), "n_tps"] == 90


def test_sum_only_where_every_part_is_known() -> None:
    half = resolve(statement(2, "3171", 10))
    assert ("pemilu-2024", "31") not in half.index
    whole = resolve(statement(2, "3171", 10), statement(3, "3172", 20)).loc[("pemilu-2024", "31")]
    assert (whole["n_tps"], whole["rests_on"]) == (30, "sum_of_parts")


def test_voters_and_tps_may_come_from_different_statements() -> None:
    found = resolve(statement(2, "31", 100), statement(3, "31", None, dpt_total=5000))
    assert found.loc[("pemilu-2024", "31"), ["n_tps", "dpt_total"]].tolist() == [100, 5000]


def test_statement_before_a_split_belongs_to_the_undivided_province() -> None:
    past = {"election_id": "pemilu-2019"}
    found = resolve(
        statement(2, "91", 15231, **past), statement(3, "9103", 11, **past), statement(4, "9301", 7, **past)
    )
    assert found.loc[("pemilu-2019", "91-2022"), "n_tps"] == 15231
    assert found.loc[("pemilu-2019", "91"), "n_tps"] == 11
    assert found.loc[("pemilu-2019", "93"), "n_tps"] == 7


def test_zero_tps_is_no_denominator() -> None:
    assert ("pemilu-2024", "31") not in resolve(statement(2, "31", 0)).index


def test_a_sum_lists_its_parts() -> None:
    rows = pd.DataFrame([statement(2, "3171", 10), statement(3, "3172", 20)])
    chosen, parts = resolve_exposure(rows, AREAS, ELECTIONS, LINEAGE)
    province = chosen.set_index("area_code").loc["31"]
    assert province["claim_id"] == "sum/pemilu-2024/31/exposure/n_tps"
    mine = parts[parts["sum_id"] == province["claim_id"]]
    assert mine[["part_id", "value", "claim_id"]].to_numpy().tolist() == [
        ["3171", 10, "row/register/exposure.csv/2"],
        ["3172", 20, "row/register/exposure.csv/3"],
    ]


def test_figures_that_differ_are_told_with_the_step_that_decided() -> None:
    rows = pd.DataFrame([statement(2, "00", 823220), statement(3, "00", 820161, n_district=7277)])
    (told,) = exposure_alternatives(rows, ELECTIONS, LINEAGE)
    assert (told["measure"], told["chosen_value"], told["other_value"]) == ("n_tps", "820161", "823220")
    assert (told["other_claim_id"], told["reason"]) == ("row/register/exposure.csv/2", "no_breakdown")
