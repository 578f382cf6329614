"""Claims overlap and contradict each other; the resolution counts nothing twice and never turns no data into zero."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.resolve.claims import Resolution, resolve_claims
from tests.support.claim_cases import AREAS, ELECTIONS, LINEAGE, claim, frame, stated, tps
from tests.support.effort import effort


def resolve(*claims, coverage: pd.DataFrame | None = None) -> Resolution:
    return resolve_claims(frame(*claims), AREAS, ELECTIONS, coverage, LINEAGE)


def row(
    found: Resolution,
    area_code: str,
    outcome: str = "psu",
    status: str = "held",
    election: str = "pemilu-2024",
):
    v = found.values
    hit = v[
        (v["area_code"] == area_code)
        & (v["outcome"] == outcome)
        & (v["status"] == status)
        & (v["election_id"] == election)
    ]
    assert len(hit) <= 1
    return None if hit.empty else hit.iloc[0]


def test_tps_rows_and_aggregate_of_the_same_fact_count_once() -> None:
    found = resolve(
        tps(1, "317101", "3", "Gambir"),
        tps(2, "317101", "004", "Gambir"),
        claim(3, "3171", 2),
        claim(4, "31", 2),
    )
    for code in ("317101", "3171", "31", "00"):
        assert row(found, code)["value"] == 2, code
    assert row(found, "31")["claim_id"] == "c4" and row(found, "31")["rests_on"] == "claim"
    assert row(found, "00")["rests_on"] == "sum_of_parts"


def test_two_sources_on_one_tps_count_once_and_both_are_kept() -> None:
    found = resolve(
        tps(1, "317101", "3", "Kebon Kelapa"), tps(2, "317101", "003", "KEBON-KELAPA", basis="kpu")
    )
    assert row(found, "3171")["value"] == 1
    leaf = found.leaves.iloc[0]
    assert (leaf["claim_id"], leaf["other_claim_ids"]) == ("c2", "c1")


def test_tps_without_village_may_be_one_already_known() -> None:
    found = resolve(tps(1, "317101", "3", "Gambir"), tps(2, "3171", "3"), tps(3, "317101", "3"))
    assert row(found, "3171")["value"] == 1
    assert row(resolve(tps(1, "317101", "3", "Gambir"), tps(2, "3171", "4")), "3171")["value"] == 2


def test_kpu_is_heard_before_bawaslu_on_what_was_held() -> None:
    found = resolve(
        claim(1, "31", 9, basis="bawaslu", source_date="2024-02-28"), claim(2, "31", 7, basis="kpu")
    )
    assert row(found, "31")["value"] == 7
    lost = found.alternatives.iloc[0]
    assert (lost["claim_id"], lost["chosen_claim_id"], lost["reason"]) == ("c1", "c2", "basis")


def test_bawaslu_is_heard_first_on_what_was_recommended() -> None:
    both = [
        claim(i, "31", n, basis=b, status="recommended") for i, n, b in ((1, 9, "bawaslu"), (2, 7, "kpu"))
    ]
    assert row(resolve(*both), "31", status="recommended")["value"] == 9


def test_later_claim_of_the_same_actor_supersedes() -> None:
    series = [
        claim(i, "00", n, basis="kpu", source_date=f"2024-02-{d}")
        for i, n, d in ((1, 686, 23), (2, 738, 27), (3, 734, 24))
    ]
    found = resolve(*series)
    assert row(found, "00")["value"] == 738
    assert set(found.alternatives["reason"]) == {"superseded_by_later_claim"}


def test_low_confidence_never_wins_over_better() -> None:
    found = resolve(
        claim(1, "00", 259, basis="kpu", confidence="low", source_date="2024-02-28"),
        claim(2, "00", 117, basis="bawaslu"),
    )
    assert row(found, "00")["value"] == 117


def test_official_count_stands_and_parts_that_exceed_it_are_flagged() -> None:
    official = stated("00", 5, "partial")
    found = resolve(claim(1, "00", 5, basis="kpu"), claim(2, "31", 4), claim(3, "91", 3), coverage=official)
    nation = row(found, "00")
    assert (nation["value"], nation["coverage"], nation["n_located"]) == (5, "complete", 7)
    assert nation["flags"] == "parts_exceed_whole"
    assert row(found, "31")["coverage"] == "at_least"


def test_partial_official_count_shows_what_is_not_located() -> None:
    found = resolve(
        claim(1, "00", 738, basis="kpu"), claim(2, "31", 1), coverage=stated("00", 738, "partial")
    )
    nation = row(found, "00")
    assert (nation["n_located"], nation["n_unlocated"], nation["coverage"]) == (1, 737, "complete")
    assert row(found, "31")["coverage"] == "at_least"
    rest = found.leaves[found.leaves["area_code"] == "00"]
    assert rest["n_tps"].tolist() == [737]


def test_parts_that_exceed_an_unofficial_figure_win_and_are_flagged() -> None:
    found = resolve(claim(1, "3171", 1, basis="kpu"), tps(2, "317101", "1", "A"), tps(3, "317101", "2", "A"))
    regency = row(found, "3171")
    assert (regency["value"], regency["rests_on"], regency["flags"]) == (
        2,
        "sum_of_parts",
        "parts_exceed_whole",
    )


def test_no_claim_is_no_data_and_not_zero() -> None:
    found = resolve(claim(1, "3171", 2))
    assert row(found, "3172") is None
    assert row(found, "3171", outcome="psl") is None


def test_complete_area_wholly_located_makes_silent_parts_zero() -> None:
    found = resolve(
        claim(1, "31", 2), tps(2, "317101", "1", "A"), tps(3, "317101", "2", "A"), coverage=stated("31", 2)
    )
    assert (row(found, "31")["value"], row(found, "31")["coverage"]) == (2, "complete")
    silent = row(found, "3172")
    assert (silent["value"], silent["coverage"], silent["rests_on"]) == (0, "complete", "coverage")
    assert silent["claim_id"] == "coverage/pemilu-2024/31/psu/held"
    assert row(found, "3171")["coverage"] == "complete"
    assert row(found, "91") is None


def test_complete_area_not_wholly_located_leaves_parts_at_least() -> None:
    found = resolve(claim(1, "31", 3), tps(2, "317101", "1", "A"), coverage=stated("31", 3))
    assert row(found, "31")["coverage"] == "complete"
    assert row(found, "3171")["coverage"] == "at_least"
    assert row(found, "3172") is None


def test_complete_with_none_expected_is_zero_even_beside_a_refused_claim() -> None:
    refused = claim(1, "31", 0, basis="kpu", status="refused")
    found = resolve(refused, coverage=stated("31", 0))
    held = row(found, "31")
    assert (held["value"], held["coverage"], held["rests_on"]) == (0, "complete", "coverage")
    assert row(found, "3171")["value"] == 0


def test_register_that_disagrees_with_the_official_count_is_not_complete() -> None:
    found = resolve(claim(1, "31", 4), coverage=stated("31", 11))
    assert (row(found, "31")["coverage"], row(found, "31")["flags"]) == ("at_least", "differs_from_official")


def test_explicit_none_held_is_zero() -> None:
    found = resolve(claim(1, "3171", 0, basis="kpu"))
    assert (row(found, "3171")["value"], row(found, "3171")["coverage"]) == (0, "complete")


def test_mention_without_a_number_is_at_least_one() -> None:
    found = resolve(claim(1, "3171", None))
    assert (row(found, "3171")["value"], row(found, "3171")["flags"]) == (1, "number_not_stated")


def test_court_ordered_revotes_are_kept_apart() -> None:
    found = resolve(
        claim(1, "31", 2, date_held="2024-02-24"),
        claim(2, "31", 50, basis="mk", date_held="2024-07-13"),
        claim(3, "3171", 60, basis="mk", status="decided", ground_code="court_order"),
    )
    assert row(found, "31")["value"] == 2
    assert row(found, "31", outcome="psu_court")["value"] == 50
    ordered = row(found, "31", outcome="psu_court", status="decided")
    assert (ordered["value"], ordered["flags"]) == (60, "parts_exceed_whole")


def test_split_province_keeps_its_past_apart() -> None:
    past = {"election_id": "pemilu-2019", "source_date": "2019-04-25"}
    found = resolve(claim(1, "91", 9, **past), claim(2, "9301", 4, **past))
    assert row(found, "91-2022", election="pemilu-2019")["value"] == 9
    assert row(found, "93", election="pemilu-2019")["value"] == 4
    assert row(found, "91", election="pemilu-2019") is None
    assert row(found, "00", election="pemilu-2019")["value"] == 9
    now = resolve(claim(1, "91", 9), claim(2, "9301", 4))
    assert row(now, "00")["value"] == 13 and row(now, "91-2022") is None


def test_election_of_one_province_makes_the_nation_complete_with_it() -> None:
    second = {"election_id": "pilkada-2017-r2"}
    found = resolve(
        claim(1, "31", 1, **second),
        tps(2, "317101", "1", "A", **second),
        coverage=stated("31", 1, election="pilkada-2017-r2"),
    )
    nation = row(found, "00", election="pilkada-2017-r2")
    assert (nation["value"], nation["coverage"]) == (1, "complete")


def test_two_villages_without_code_are_two_places_and_two_spellings_one() -> None:
    def village(number: int, name: str, n: int) -> dict:
        return claim(number, "317101", n, level="village", village=name)

    assert (
        row(resolve(village(1, "Ngemplik Wetan", 8), village(2, "Ngemplikwetan", 8)), "317101")["value"] == 8
    )
    assert row(resolve(village(1, "Karang", 8), village(2, "Jati", 5)), "317101")["value"] == 13


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


@pytest.mark.oracle
@settings(max_examples=effort(50, 150), deadline=None)
@given(claim_sets, coverages)
def test_invented_claims_keep_the_rules(claims: list[dict], coverage: pd.DataFrame | None) -> None:
    found = resolve(*claims, coverage=coverage)
    keys = ["election_id", "outcome", "status"]
    values = found.values
    assert not values.duplicated([*keys, "area_code"]).any()
    assert values["value"].notna().all() and (values["value"] >= 0).all()
    assert set(values["coverage"]) <= {"complete", "at_least"}
    flagged = values["flags"].fillna("").str.contains("parts_exceed_whole")
    assert ((values["n_located"] <= values["value"]) | flagged).all()
    # Nothing is counted twice: the leaves add up to the nation unless an official count is exceeded.
    total = found.leaves.groupby(keys)["n_tps"].sum()
    nation = values[values["area_code"] == "00"].set_index(keys)
    for key, row_ in nation.iterrows():
        leaves = int(total.get(key, 0))
        exceeded = values[(values[keys] == list(key)).all(axis=1) & flagged & (values["rests_on"] == "claim")]
        assert leaves == row_["value"] or (len(exceeded) and leaves > row_["value"]), key
    # Every claim is somewhere: chosen, an alternative, or behind a TPS.
    named = (
        set(found.leaves["claim_id"]) | set(values["claim_id"].dropna()) | set(found.alternatives["claim_id"])
    )
    named |= {i for ids in found.leaves["other_claim_ids"].dropna() for i in ids.split(";")}
    named |= set(found.alternatives["chosen_claim_id"])
    none_held = {c["event_id"] for c in claims if c["n_tps"] == 0}
    assert {c["event_id"] for c in claims} - named <= none_held


@pytest.mark.oracle
@settings(max_examples=effort(25, 60), deadline=None)
@given(claim_sets, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(claims: list[dict], random) -> None:
    shuffled = list(claims)
    random.shuffle(shuffled)
    one, two = resolve(*claims), resolve(*shuffled)
    assert one.values[["election_id", "area_code", "outcome", "status", "value", "coverage"]].equals(
        two.values[["election_id", "area_code", "outcome", "status", "value", "coverage"]]
    )


@pytest.mark.oracle
@settings(max_examples=effort(25, 60), deadline=None)
@given(claim_sets)
def test_repeating_every_claim_changes_no_value(claims: list[dict]) -> None:
    again = [{**c, "event_id": c["event_id"] + "x"} for c in claims]
    # A place that has no name is known by its claim alone, so only named places can repeat.
    one, two = resolve(*claims), resolve(*claims, *again)
    assert one.values["value"].tolist() == two.values["value"].tolist()
