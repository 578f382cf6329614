"""Official figures against the register: equal, different, or not to be compared; never silently wrong."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipelines.catalog.records import check_frame
from pipelines.quality import reconcile_coverage, reconcile_exposure

PLACE = {"election_id": "pemilu-2024", "area_code": "31"}


def statement(expected: int | None, completeness: str = "complete", status: str = "held") -> pd.DataFrame:
    row = PLACE | {
        "kind": "psu",
        "status": status,
        "completeness": completeness,
        "expected_count": expected,
        "basis": "KPU DKI",
    }
    frame = pd.DataFrame([row])
    return frame.assign(expected_count=frame["expected_count"].astype("Int64"))


def resolved(value: int | None, measure: str = "held", **cells: Any) -> pd.DataFrame:
    row = {"kind": "psu", "measure": measure, "lower": value or 0, "n_located": 0} | PLACE
    return pd.DataFrame([row | {"rests_on": "none" if value is None else "claim"} | cells])


def test_count_of_what_was_ordered_is_compared_with_what_was_ordered() -> None:
    both = pd.concat([resolved(1), resolved(3, "ordered")], ignore_index=True)
    check = one(reconcile_coverage(both, statement(3, status="ordered"), claims()))
    assert (check["status"], check["observed"]) == ("pass", "3")
    check = one(reconcile_coverage(resolved(3), statement(3, status="ordered"), claims()))
    assert (check["status"], check["observed"]) == ("fail", "no data")


def test_a_statement_does_not_prove_itself() -> None:
    only_stated = resolved(3, rests_on="coverage", n_located=1)
    check = one(reconcile_coverage(only_stated, statement(3), claims(n_tps=1)))
    assert (check["status"], check["observed"], check["expected"]) == ("fail", "1", "3")


def claims(**cells: Any) -> pd.DataFrame:
    frame = pd.DataFrame([PLACE | {"kind": "psu", "status": "held", "n_tps": 3} | cells])
    return frame.assign(n_tps=frame["n_tps"].astype("Int64"))


def one(checks: pd.DataFrame) -> dict[str, Any]:
    assert list(checks) == list(check_frame())
    assert len(checks) == 1
    return {str(k): v for k, v in checks.to_dict("records")[0].items()}


@pytest.mark.parametrize(
    ("value", "expected", "completeness", "severity", "status"),
    [
        (2, 2, "complete", "stop", "pass"),
        (0, 0, "complete", "stop", "pass"),
        (2, 3, "complete", "stop", "fail"),
        (None, 0, "complete", "stop", "fail"),  # no data is not zero
        (2, 3, "partial", "warn", "warn"),
        (3, 3, "partial", "warn", "pass"),
        (2, None, "partial", "warn", "pass"),
    ],
)
def test_a_difference_stops_only_where_the_register_says_it_is_complete(
    value: int | None, expected: int | None, completeness: str, severity: str, status: str
) -> None:
    check = one(reconcile_coverage(resolved(value), statement(expected, completeness), claims()))
    assert (check["kind"], check["severity"], check["status"]) == ("reconciliation", severity, status)
    assert check["n_failed"] == (status != "pass")
    assert check["n_checked"] == (expected is not None)
    assert check["check_id"] == "mart.counts:coverage_reconciles(pemilu-2024, 31, psu)"


def test_an_office_that_records_more_than_the_official_count_warns_and_does_not_stop_the_run() -> None:
    own = claims(n_tps=1, area_code="3171", source_file="own/kejadian--psu.csv")
    check = one(reconcile_coverage(resolved(2), statement(1), own))
    assert (check["severity"], check["status"], check["observed"]) == ("warn", "warn", "2")
    assert "own records" in check["message_en"]
    elsewhere = claims(n_tps=1, area_code="3271", source_file="own/kejadian--psu.csv")
    assert one(reconcile_coverage(resolved(2), statement(1), elsewhere))["severity"] == "stop"


def test_the_message_gives_both_figures_and_the_difference() -> None:
    check = one(reconcile_coverage(resolved(2), statement(5), claims()))
    assert "the register gives 2, the official count is 5 (KPU DKI). Difference: -3." in check["message_en"]
    assert "register 2, resmi 5 (KPU DKI). Selisih: -3." in check["message_id"]
    assert (check["observed"], check["expected"]) == ("2", "5")


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        ({"n_tps": 4}, "No row in the register carries the official figure. Add the claim"),
        ({"n_tps": 5, "area_code": "3171"}, "No row in the register carries the official figure"),
        ({"n_tps": 5, "status": "decided"}, "carries the figure only with status decided"),
        ({"n_tps": 5}, "A claim carries the figure but is not used"),
    ],
)
def test_a_difference_is_explained_from_the_claims(claim: dict[str, Any], says: str) -> None:
    check = one(reconcile_coverage(resolved(2), statement(5), claims(**claim)))
    assert says in check["message_en"]


def test_a_status_is_named_in_the_language_of_the_message() -> None:
    check = one(reconcile_coverage(resolved(2), statement(5), claims(n_tps=5, status="decided")))
    assert "hanya dengan status diputuskan." in check["message_id"]


def test_only_what_was_held_is_compared() -> None:
    check = one(reconcile_coverage(resolved(2, "recommended"), statement(2), claims()))
    assert (check["status"], check["observed"]) == ("fail", "no data")
    assert "tidak ada data" in check["message_id"]


AREAS = pd.DataFrame(
    {"area_code": ["00", "31", "64", "65", "3171"], "level": ["national", *["province"] * 3, "regency"]}
)
LINEAGE = pd.DataFrame(
    {
        "former_code": ["64-2015", "64-2015", "6102"],
        "area_code": ["64", "65", "6102"],
        "change": ["split", "split", "renamed"],
    }
)


def exposure(*national: tuple[int | None, int | None]) -> pd.DataFrame:
    rows = [{"election_id": "e", "level": "national", "n_tps": t, "dpt_total": d} for t, d in national]
    return pd.DataFrame(
        [*rows, {"election_id": "e", "level": "province", "n_tps": 9, "dpt_total": 900}]
    ).astype({"n_tps": "Int64", "dpt_total": "Int64"})


def parts(**n_tps: int) -> pd.DataFrame:
    rows = [
        {"election_id": "e", "area_code": a.strip("_").replace("_", "-"), "n_tps": n}
        for a, n in n_tps.items()
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(dpt_total=frame["n_tps"] * 100)


def by_figure(checks: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {str(r["check_id"]).rsplit(" ", 1)[1].rstrip(")"): r for r in checks.to_dict("records")}


def test_provinces_pass_when_one_of_the_national_totals_equals_their_sum() -> None:
    checks = by_figure(
        reconcile_exposure(parts(_31=5, _64=3, _65=2), exposure((12, 1200), (10, None)), AREAS)
    )
    assert checks["n_tps"]["status"] == "pass"
    assert (checks["n_tps"]["observed"], checks["n_tps"]["expected"]) == ("10", "10 / 12")
    assert checks["dpt_total"]["status"] == "warn"
    assert (
        "provinces add up to 1000, the nation is 1200, difference -200." in checks["dpt_total"]["message_en"]
    )
    assert "Look for a province left out" in checks["dpt_total"]["message_en"]


def test_areas_that_are_no_provinces_are_not_added() -> None:
    got = reconcile_exposure(parts(_00=10, _31=5, _3171=5, _64=3, _65=2), exposure((10, None)), AREAS)
    assert one(got)["status"] == "pass"


def test_a_sum_with_provinces_missing_is_not_evaluable() -> None:
    check = one(reconcile_exposure(parts(_31=5, _64=3), exposure((10, None)), AREAS))
    assert (check["status"], check["n_checked"], check["observed"]) == ("pass", 0, "not evaluable: 1 missing")
    assert "1 provinces have no figure" in check["message_en"]
    assert "1 provinsi tanpa angka" in check["message_id"]


def test_a_former_province_stands_for_those_it_was_split_into() -> None:
    former = parts(_31=5, _64_2015=5, _64=3)  # 64 may carry a figure made from its regencies of today
    assert one(reconcile_exposure(former, exposure((10, None)), AREAS, LINEAGE))["status"] == "pass"
    assert one(reconcile_exposure(former, exposure((10, None)), AREAS))["n_checked"] == 0


def test_no_national_total_no_check() -> None:
    assert reconcile_exposure(parts(_31=5), exposure(), AREAS).empty
