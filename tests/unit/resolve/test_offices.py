"""An office's record of its own area goes before the press; one about another area does not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.resolve.claim_counts import resolve_counts
from pipelines.resolve.claim_precedence import choose
from pipelines.resolve.claims import groups
from pipelines.resolve.exposure import resolve_exposure
from pipelines.resolve.offices import mark_own
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE, claim, frame, stated, tps
from tests.unit.resolve.test_exposure import statement

PUSAT = pd.DataFrame([("", "3171")], columns=["workbook", "area_code"])
OWN = {"source_file": "own/kejadian--psu.csv", "basis": "kpu"}


def claims(*rows: dict[str, Any], offices: pd.DataFrame | None = PUSAT) -> pd.DataFrame:
    made = frame(*({k: v for k, v in row.items() if k != "source_file"} for row in rows))
    files = [str(row.get("source_file", "register/revotes.csv")) for row in rows]
    return mark_own(made.assign(source_file=files), offices)


def held(
    *rows: dict[str, Any], offices: pd.DataFrame | None = PUSAT, coverage: pd.DataFrame | None = None
) -> Any:
    made = claims(*rows, offices=offices)
    found = resolve_counts(groups(made, AREAS, ELECTIONS, coverage, LINEAGE))
    return found.counts[found.counts["measure"] == "held"].set_index("area_code")


def heard(*rows: dict[str, Any], offices: pd.DataFrame | None = PUSAT) -> tuple[str, str]:
    """(claim that is cited, step at which the other lost)."""
    (group,) = groups(claims(*rows, offices=offices), AREAS, ELECTIONS, None, LINEAGE)
    chosen, ((_, step),) = choose(group.claims, "held")
    return chosen.id, step


def test_an_office_is_heard_about_its_own_area_and_what_lies_in_it() -> None:
    press = {"basis": "kpu", "source_date": "2024-03-09"}
    assert heard(claim(1, "3171", 3, **OWN), claim(2, "3171", 5, **press)) == ("c1", "own_record")
    assert heard(claim(1, "317101", 3, **OWN), claim(2, "317101", 5, **press)) == ("c1", "own_record")


def test_an_office_is_not_heard_first_about_the_area_of_another() -> None:
    press = {"basis": "kpu", "source_date": "2024-03-09"}
    assert heard(claim(1, "3172", 3, **OWN), claim(2, "3172", 5, **press)) == (
        "c2",
        "superseded_by_later_claim",
    )
    assert heard(claim(1, "31", 3, **OWN), claim(2, "31", 5, **press)) == ("c2", "superseded_by_later_claim")
    for none in (None, PUSAT.iloc[:0]):
        both = (claim(1, "3171", 3, **OWN), claim(2, "3171", 5, **press))
        assert heard(*both, offices=none) == ("c2", "superseded_by_later_claim")


def test_of_two_offices_the_nearer_one_is_heard_and_a_workbook_speaks_for_its_own_office() -> None:
    both = pd.DataFrame([("provinsi", "31"), ("pusat", "3171")], columns=["workbook", "area_code"])
    near = claim(1, "3171", 3, source_file="own/kejadian--pusat.csv", basis="kpu", source_date="2024-02-01")
    far = claim(2, "3171", 5, source_file="own/kejadian--provinsi.csv", basis="kpu")
    assert heard(near, far, offices=both) == ("c1", "own_record")
    assert heard(far, claim(3, "3171", 7, basis="kpu"), offices=both) == ("c2", "own_record")
    unnamed = claim(4, "3171", 5, source_file="own/kejadian--lain.csv", basis="kpu", source_date="2024-01-01")
    assert heard(unnamed, claim(3, "3171", 7, basis="kpu"), offices=both)[0] == "c3"


def test_the_count_of_an_area_is_what_its_office_says() -> None:
    assert held(claim(1, "3171", 3, **OWN), claim(2, "3171", 5)).loc["3171", "lower"] == 3
    assert held(claim(1, "3172", 3, **OWN), claim(2, "3172", 5)).loc["3172", "lower"] == 5
    # Without a number, or unsure, an office takes nothing away.
    assert held(claim(1, "3171", None, **OWN), claim(2, "3171", 5)).loc["3171", "lower"] == 5
    unsure = claim(1, "3171", 3, **OWN, confidence="low")
    assert held(unsure, claim(2, "3171", 5)).loc["3171", "lower"] == 5


def test_a_child_that_changes_ends_the_completeness_of_its_parents() -> None:
    """One re-vote in the province, officially all of them; then an office records a second one."""
    official = (tps(1, "317101", "43", "Menteng"), claim(2, "31", 1))
    before = held(*official, coverage=stated("31", 1))
    assert before.loc[["31", "3171"], "is_complete"].all() and before.loc["31", "upper"] == 1
    after = held(*official, tps(3, "317102", "7", "Serdang", **OWN), coverage=stated("31", 1))
    for area in ("31", "3171"):
        row = after.loc[area]
        assert (row["lower"], row["is_complete"]) == (2, False) and pd.isna(row["upper"]), area
    assert after.loc["31", "is_contradicted"] and after.loc["31", "official_count"] == 1


def test_denominators_of_an_office_go_before_a_later_page() -> None:
    rows = pd.DataFrame(
        [
            statement(1, "3171", 3100, source_file="own/exposure--x.csv", confidence="medium"),
            statement(2, "3171", 3088, source_date=pd.Timestamp("2025-01-01")),
        ]
    )
    found = {
        name: resolve_exposure(mark_own(rows, offices), AREAS, ELECTIONS, LINEAGE)[0].set_index("area_code")
        for name, offices in (("own", PUSAT), ("none", None))
    }
    assert found["own"].loc["3171", "n_tps"] == 3100 and found["none"].loc["3171", "n_tps"] == 3088
    assert (found["own"].loc["3171", ["n_tps_low", "n_tps_high"]] == [3088, 3100]).all()
