"""Claims overlap and contradict each other; the resolution counts nothing twice and never turns no data into zero."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.resolve.claim_counts import Counted, resolve_counts
from pipelines.resolve.claims import groups
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE, claim, frame, stated, tps
from tests.support.effort import effort


def resolve(*claims, coverage: pd.DataFrame | None = None) -> Counted:
    return resolve_counts(groups(frame(*claims), AREAS, ELECTIONS, coverage, LINEAGE))


def row(
    found: Counted, area_code: str, outcome: str = "psu", measure: str = "held", election: str = "pemilu-2024"
):
    v = found.counts
    hit = v[
        (v["area_code"] == area_code)
        & (v["kind"] == outcome)
        & (v["measure"] == measure)
        & (v["election_id"] == election)
    ]
    assert len(hit) <= 1
    return None if hit.empty else hit.iloc[0]


def unused(found: Counted) -> list[tuple]:
    columns = ["area_code", "chosen_claim_id", "chosen_value", "claim_id", "value", "reason"]
    return [tuple(r) for r in found.alternatives[columns].itertuples(index=False)]


def test_tps_rows_and_aggregate_of_the_same_fact_count_once() -> None:
    found = resolve(
        tps(1, "317101", "3", "Gambir"),
        tps(2, "317101", "004", "Gambir"),
        claim(3, "3171", 2),
        claim(4, "31", 2),
    )
    for code in ("317101", "3171", "31", "00"):
        assert row(found, code)["lower"] == 2, code
    assert row(found, "31")["claim_id"] == "c4" and row(found, "31")["rests_on"] == "claim"
    assert row(found, "00")["rests_on"] == "sum_of_parts"
    assert row(found, "00")["claim_id"] == "sum/pemilu-2024/00/psu/held"


def test_every_sum_lists_its_parts_and_they_add_up() -> None:
    found = resolve(tps(1, "317101", "3", "Gambir"), tps(2, "317101", "4"), claim(3, "3172", 2))
    parts = found.parts.groupby("sum_id")["value"].sum()
    sums = found.counts[found.counts["rests_on"] == "sum_of_parts"]
    assert len(sums) and (parts[sums["claim_id"]].to_numpy() == sums["lower"].to_numpy()).all()
    nation = found.parts[found.parts["sum_id"] == "sum/pemilu-2024/00/psu/held"]
    assert nation[["part_id", "value", "claim_id"]].to_numpy().tolist() == [
        ["31", 4, "sum/pemilu-2024/31/psu/held"]
    ]
    province = found.parts[found.parts["sum_id"] == "sum/pemilu-2024/31/psu/held"].set_index("part_id")
    assert province.loc["3172", "claim_id"] == "c3"


def test_two_sources_on_one_tps_count_once_and_both_are_kept() -> None:
    found = resolve(
        tps(1, "317101", "3", "Kebon Kelapa"), tps(2, "317101", "003", "KEBON-KELAPA", basis="kpu")
    )
    assert row(found, "3171")["lower"] == 1
    (incident,) = found.incidents.to_dict("records")
    assert (incident["claim_id"], incident["claim_ids"]) == ("c2", "c1;c2")


def test_tps_without_village_may_be_one_already_known() -> None:
    found = resolve(tps(1, "317101", "3", "Gambir"), tps(2, "3171", "3"), tps(3, "317101", "3"))
    assert row(found, "3171")["lower"] == 1
    assert row(resolve(tps(1, "317101", "3", "Gambir"), tps(2, "3171", "4")), "3171")["lower"] == 2


def test_of_equal_numbers_the_one_of_the_actor_whose_act_it_is_is_cited() -> None:
    both = [claim(i, "31", 9, basis=b) for i, b in ((1, "bawaslu"), (2, "kpu"))]
    assert row(resolve(*both), "31")["claim_id"] == "c2"
    asked = [c | {"status": "recommended"} for c in both]
    assert row(resolve(*asked), "31", measure="recommended")["claim_id"] == "c1"


def test_the_largest_number_is_the_lower_bound_and_the_others_are_told() -> None:
    series = [
        claim(i, "00", n, basis="kpu", source_date=f"2024-02-{d}")
        for i, n, d in ((1, 686, 23), (2, 738, 27), (3, 734, 24))
    ]
    found = resolve(*series)
    assert row(found, "00")["lower"] == 738
    assert unused(found) == [
        ("00", "c2", 738, "c1", 686, "smaller_number"),
        ("00", "c2", 738, "c3", 734, "smaller_number"),
    ]


def test_low_confidence_makes_one_certain_and_its_number_is_told() -> None:
    low = claim(1, "00", 259, basis="kpu", confidence="low", source_date="2024-02-28")
    found = resolve(low, claim(2, "00", 117, basis="bawaslu"))
    assert row(found, "00")["lower"] == 117
    assert unused(found) == [("00", "c2", 117, "c1", 259, "low_confidence")]
    assert row(resolve(low), "00")["lower"] == 1 and not unused(resolve(low))


def test_known_parts_exceed_an_official_count_which_is_told() -> None:
    official = stated("00", 5, "partial")
    found = resolve(claim(1, "00", 5, basis="kpu"), claim(2, "31", 4), claim(3, "91", 3), coverage=official)
    nation = row(found, "00")
    assert (nation["lower"], nation["is_complete"], nation["n_located"]) == (7, False, 7)
    assert nation["is_contradicted"]
    assert unused(found) == [("00", "sum/pemilu-2024/00/psu/held", 7, "c1", 5, "parts_exceed_whole")]
    # Where no claim carries the official count, the statement itself is the other side.
    found = resolve(claim(2, "31", 4), claim(3, "91", 3), coverage=official)
    assert unused(found)[0][3] == "coverage/pemilu-2024/00/psu/held"


def test_official_count_shows_what_is_not_located() -> None:
    found = resolve(
        claim(1, "00", 738, basis="kpu"), claim(2, "31", 1), coverage=stated("00", 738, "partial")
    )
    nation = row(found, "00")
    assert (nation["n_located"], nation["lower"], nation["is_complete"]) == (1, 738, True)
    assert not row(found, "31")["is_complete"]
    rest = found.incidents[found.incidents["area_code"] == "00"]
    assert rest["n_tps"].tolist() == [737]


def test_another_figure_than_the_official_whole_is_told() -> None:
    found = resolve(
        claim(1, "31", 5, basis="kpu"), claim(2, "31", 9, basis="bawaslu"), coverage=stated("31", 5)
    )
    assert row(found, "31")["lower"] == 5
    assert unused(found) == [("31", "c1", 5, "c2", 9, "official_count")]


def test_parts_that_exceed_a_figure_win_and_it_is_told() -> None:
    found = resolve(claim(1, "3171", 1, basis="kpu"), tps(2, "317101", "1", "A"), tps(3, "317101", "2", "A"))
    assert (row(found, "3171")["lower"], row(found, "3171")["rests_on"]) == (2, "sum_of_parts")
    assert unused(found) == [("3171", "sum/pemilu-2024/3171/psu/held", 2, "c1", 1, "parts_exceed_whole")]


def test_no_claim_is_no_data_and_not_zero() -> None:
    found = resolve(claim(1, "3171", 2))
    assert row(found, "3172") is None
    assert row(found, "3171", outcome="psl") is None


def test_complete_area_wholly_located_makes_silent_parts_zero() -> None:
    found = resolve(
        claim(1, "31", 2), tps(2, "317101", "1", "A"), tps(3, "317101", "2", "A"), coverage=stated("31", 2)
    )
    assert (row(found, "31")["lower"], row(found, "31")["is_complete"]) == (2, True)
    silent = row(found, "3172")
    assert (silent["lower"], silent["is_complete"], silent["rests_on"]) == (0, True, "coverage")
    assert silent["claim_id"] == "coverage/pemilu-2024/31/psu/held"
    assert row(found, "3171")["is_complete"]
    assert row(found, "91") is None


def test_complete_area_not_wholly_located_leaves_parts_at_least() -> None:
    found = resolve(claim(1, "31", 3), tps(2, "317101", "1", "A"), coverage=stated("31", 3))
    assert row(found, "31")["is_complete"] and not row(found, "3171")["is_complete"]
    assert row(found, "3172") is None


def test_complete_with_none_expected_is_zero_even_beside_a_refused_claim() -> None:
    refused = claim(1, "31", 0, basis="kpu", status="refused")
    found = resolve(refused, coverage=stated("31", 0))
    held = row(found, "31")
    assert (held["lower"], held["is_complete"], held["rests_on"]) == (0, True, "coverage")
    assert row(found, "3171")["lower"] == 0


def test_explicit_none_held_is_zero_unless_somebody_knows_of_one() -> None:
    none = claim(1, "3171", 0, basis="kpu")
    found = row(resolve(none), "3171")
    assert (found["lower"], found["is_complete"], found["upper_claim_id"]) == (0, True, "c1")
    found = row(resolve(none, tps(2, "317101", "1", "A")), "3171")
    assert (found["lower"], found["is_complete"]) == (1, False)
    assert not row(resolve(none | {"confidence": "low"}), "3171")["is_complete"]


def test_mention_without_a_number_is_at_least_one_and_no_conflict() -> None:
    found = resolve(claim(1, "3171", None))
    assert (row(found, "3171")["lower"], unused(found)) == (1, [])


def test_court_ordered_revotes_are_kept_apart() -> None:
    found = resolve(
        claim(1, "31", 2, date_held="2024-02-24"),
        claim(2, "31", 50, basis="mk", date_held="2024-07-13"),
        claim(3, "3171", 60, basis="mk", status="decided", ground_code="court_order"),
    )
    assert row(found, "31")["lower"] == 2
    assert row(found, "31", outcome="psu_court")["lower"] == 50
    assert row(found, "31", outcome="psu_court", measure="ordered")["lower"] == 60


def test_split_province_keeps_its_past_apart() -> None:
    past = {"election_id": "pemilu-2019", "source_date": "2019-04-25"}
    found = resolve(claim(1, "91", 9, **past), claim(2, "9301", 4, **past))
    assert row(found, "91-2022", election="pemilu-2019")["lower"] == 9
    assert row(found, "93", election="pemilu-2019")["lower"] == 4
    assert row(found, "91", election="pemilu-2019") is None
    assert row(found, "00", election="pemilu-2019")["lower"] == 9
    now = resolve(claim(1, "91", 9), claim(2, "9301", 4))
    assert row(now, "00")["lower"] == 13 and row(now, "91-2022") is None


def test_election_of_one_province_makes_the_nation_complete_with_it() -> None:
    second = {"election_id": "pilkada-2017-r2"}
    found = resolve(
        claim(1, "31", 1, **second),
        tps(2, "317101", "1", "A", **second),
        coverage=stated("31", 1, election="pilkada-2017-r2"),
    )
    nation = row(found, "00", election="pilkada-2017-r2")
    assert (nation["lower"], nation["is_complete"]) == (1, True)
    assert nation["upper_claim_id"] == "sum/pilkada-2017-r2/00/psu/held"


def test_two_villages_without_code_are_two_places_and_two_spellings_one() -> None:
    def village(number: int, name: str, n: int) -> dict:
        return claim(number, "317101", n, level="village", village=name)

    both = resolve(village(1, "Ngemplik Wetan", 8), village(2, "Ngemplikwetan", 8))
    assert row(both, "317101")["lower"] == 8
    assert row(resolve(village(1, "Karang", 8), village(2, "Jati", 5)), "317101")["lower"] == 13


def test_unknown_election_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match="pemilu-1955"):
        resolve(claim(1, "31", 1, election_id="pemilu-1955"))


CODES = [c for c in AREAS["area_code"] if "-" not in c]
claims_of_areas = st.builds(
    claim,
    st.integers(0, 10**6),
    st.sampled_from(CODES),
    st.one_of(st.none(), st.integers(0, 40)),
    status=st.sampled_from(["recommended", "decided", "held"]),
    basis=st.sampled_from(["kpu", "bawaslu", "mk", "unknown"]),
    confidence=st.sampled_from(["high", "medium", "low"]),
    election_id=st.sampled_from(["pemilu-2019", "pemilu-2024"]),
    source_date=st.sampled_from(["2024-02-20", "2024-02-27"]),
)
claims_of_tps = st.builds(
    tps,
    st.integers(0, 10**6),
    st.sampled_from([c for c in CODES if len(c) >= 4]),
    st.sampled_from(["1", "01", "2", "17"]),
    st.sampled_from([None, "Gambir", "gam bir", "Cideng"]),
    status=st.sampled_from(["decided", "held"]),
    basis=st.sampled_from(["kpu", "bawaslu"]),
    election_id=st.sampled_from(["pemilu-2019", "pemilu-2024"]),
)
claim_sets = st.lists(
    st.one_of(claims_of_areas, claims_of_tps), max_size=25, unique_by=lambda c: c["event_id"]
)
coverages = st.one_of(
    st.none(),
    st.builds(
        stated,
        st.sampled_from(["00", "31", "3171"]),
        st.integers(0, 40),
        st.sampled_from(["complete", "partial"]),
    ),
)


@pytest.mark.slow
@pytest.mark.oracle
@settings(max_examples=effort(50, 150), deadline=None)
@given(claim_sets, coverages)
def test_invented_claims_keep_the_rules(claims: list[dict], coverage: pd.DataFrame | None) -> None:
    found = resolve(*claims, coverage=coverage)
    counts, parts = found.counts, found.parts
    assert not counts.duplicated(["election_id", "kind", "measure", "area_code"]).any()
    assert (counts["lower"] >= counts["n_located"]).all()
    # Every sum is the sum of its parts, and everything that differs names two sides.
    sums = counts[counts["rests_on"] == "sum_of_parts"].set_index("claim_id")["lower"]
    assert (parts.groupby("sum_id")["value"].sum().reindex(sums.index) == sums).all()
    told = found.alternatives
    assert (told["value"] != told["chosen_value"]).all() and (
        told["claim_id"] != told["chosen_claim_id"]
    ).all()
    assert set(told["chosen_claim_id"]) <= {
        *(c["event_id"] for c in claims), *parts["sum_id"], *counts["official_claim_id"].dropna(),
    }  # fmt: skip
    # Every claim is somewhere: behind an incident, behind a bound, or told as not used.
    named = {i for ids in found.incidents["claim_ids"].dropna() for i in ids.split(";")} | set(
        told["claim_id"]
    )
    named |= {i for ids in counts["lower_claim_ids"].dropna() for i in ids.split(";")}
    named |= set(parts["claim_id"]) | set(told["chosen_claim_id"]) | set(counts["upper_claim_id"])
    silent = {c["event_id"] for c in claims if not c["n_tps"] or c["confidence"] == "low"}
    equal = {c["event_id"] for c in claims if c["n_tps"] in set(counts["n_located"])}
    assert {c["event_id"] for c in claims} - named <= silent | equal


@pytest.mark.slow
@pytest.mark.oracle
@settings(max_examples=effort(25, 60), deadline=None)
@given(claim_sets, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(claims: list[dict], random) -> None:
    shuffled = list(claims)
    random.shuffle(shuffled)
    one, two = resolve(*claims), resolve(*shuffled)
    assert one.counts.equals(two.counts) and one.alternatives.equals(two.alternatives)


@pytest.mark.slow
@pytest.mark.oracle
@settings(max_examples=effort(25, 60), deadline=None)
@given(claim_sets)
def test_repeating_every_claim_changes_no_value(claims: list[dict]) -> None:
    again = [{**c, "event_id": c["event_id"] + "x"} for c in claims]
    # A place that has no name is known by its claim alone, so only named places can repeat.
    one, two = resolve(*claims), resolve(*claims, *again)
    assert one.counts["lower"].tolist() == two.counts["lower"].tolist()
