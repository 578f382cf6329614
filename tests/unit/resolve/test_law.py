"""The article shown is that of the election's own law and of the kind of event, or none; never one that is guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipelines.catalog.declared import HERE, read_yaml
from pipelines.resolve.law import citation, law_in_force, subject_of

REGISTER = Path(__file__).parents[3] / "data" / "raw" / "register"
ELECTIONS = pd.DataFrame(
    [
        ("old-2010", "general", "2010-01-01", "old"),
        ("new-2020", "general", "2020-01-01", "new"),
        ("local-2015", "regional", "2015-01-01", "local"),
    ],
    columns=["election_id", "kind", "voting_date", "regime_id"],
)
GROUNDS = pd.DataFrame(
    [("flood", "psu;psl"), ("shortage", "psl;pss"), ("court_order", "psu"), ("unknown", "psu;psl")],
    columns=["ground_code", "applies_to"],
)


def article(
    regime: str, code: str, text: str, elections: str, confidence: str | None = "high", **more: object
) -> dict:
    row = {"regime_id": regime, "elections": elections, "code": code, "rule": "Act 1", "article": text}
    row |= {
        "mandatory": "yes",
        "summary": "Must repeat",
        "deadline_days": pd.NA,
        "source_url": "https://a.example",
    }
    row |= {"source_title": "a", "source_date": pd.NaT, "confidence": confidence}
    return row | more


def law(*articles: dict) -> pd.DataFrame:
    frame = pd.DataFrame(articles or [article("x", "x", "x", "x")])
    return law_in_force(frame, ELECTIONS, GROUNDS, {"Must repeat": "Wajib diulang"}).set_index("law_id")


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(REGISTER / name, dtype=str, keep_default_na=False).replace("", pd.NA)

    wordings = read_yaml(HERE / "law.yaml")
    found = law_in_force(read("articles.csv"), read("elections.csv"), read("grounds.csv"), wordings)
    return found.set_index("law_id")


def test_article_is_that_of_the_regime_of_the_election() -> None:
    found = law(article("old", "flood", "art. 1", "old-2010"), article("new", "flood", "art. 9", "new-2020"))
    assert found.loc["old-2010/psu/flood", "citation"] == "Act 1 art. 1"
    assert found.loc["new-2020/psu/flood", "citation"] == "Act 1 art. 9"
    assert found.loc["local-2015/psu/flood", "state"] == "uncited"


def test_article_of_a_regime_holds_only_for_the_elections_its_row_names() -> None:
    found = law(article("old", "flood", "art. 1", "another-2011"))
    assert found.loc["old-2010/psu/flood", "state"] == "uncited"


@pytest.mark.parametrize("confidence", ["low", None])
def test_article_of_low_or_no_confidence_is_never_shown(confidence: str | None) -> None:
    found = law(article("old", "flood", "art. 1", "old-2010", confidence))
    row = found.loc["old-2010/psu/flood"]
    assert (
        row["state"] == "uncited" and row[["rule", "article", "citation", "force", "wording_en"]].isna().all()
    )


def test_continued_vote_rests_on_the_article_of_its_kind_and_never_on_that_of_the_re_vote() -> None:
    found = law(
        article("old", "flood", "art. 1", "old-2010"), article("old", "kind_psl", "art. 2", "old-2010")
    )
    assert found.loc["old-2010/psl/flood", "citation"] == "Act 1 art. 2"
    assert found.loc["old-2010/pss/flood", "state"] == "uncited"


def test_ground_of_other_kinds_gives_a_re_vote_no_article() -> None:
    found = law(article("old", "shortage", "art. 3", "old-2010"))
    assert found.loc["old-2010/psu/shortage", "state"] == "uncited"
    assert subject_of("psu", "shortage", "psl;pss") == "" and subject_of("psu", "unknown", "psu") == ""


def test_ground_that_a_whole_list_lacks_is_said_not_to_be_listed() -> None:
    found = law(article("old", "flood", "none", "old-2010", mandatory="no"))
    row = found.loc["old-2010/psu/flood"]
    assert row["state"] == "not_listed" and row["rule"] == "Act 1"
    assert row[["article", "citation", "force"]].isna().all()


def test_limit_of_days_comes_from_the_row_of_the_election_and_not_for_orders_of_the_court() -> None:
    found = law(
        article("old", "flood", "art. 1", "old-2010"),
        article("old", "court_order", "art. 5", "old-2010"),
        article(
            "old", "psu_deadline", "art. 4", "old-2010", deadline_days=10, summary="Within 10 working days"
        ),
    )
    assert found.loc["old-2010/psu/flood", ["deadline_days", "day_kind"]].tolist() == [10, "working"]
    assert pd.isna(found.loc["old-2010/psu/court_order", "deadline_days"])
    assert found.loc["old-2010/psu_deadline", "citation"] == "Act 1 art. 4"


def test_newest_election_of_each_family_is_what_steps_cite() -> None:
    found = law()
    assert set(found[found["is_coming"]]["election_id"]) == {"new-2020", "local-2015"}


def test_president_and_parliament_have_rows_of_their_own() -> None:
    found = law(
        article("old", "dispute_filing", "art. 7 (president)", "old-2010"),
        article("old", "dispute_filing", "art. 8 (legislative)", "old-2010"),
    )
    assert found.loc["old-2010/dispute_filing/presidential", "citation"] == "Act 1 art. 7"
    assert found.loc["old-2010/dispute_filing/legislative", "citation"] == "Act 1 art. 8"


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("UU MK; PMK 5/2018", "pasal 78 huruf b (legislative)", "UU MK pasal 78 huruf b; PMK 5/2018"),
        (
            "PKPU 17/2024; UU 1/2015 jo. UU 10/2016",
            "PKPU 17/2024 pasal 50(3)e; UU pasal 112(2)e",
            "PKPU 17/2024 pasal 50(3)e; UU 1/2015 jo. UU 10/2016 pasal 112(2)e",
        ),
        ("UU 8/2015 after MK ruling of 2015-11-11", "pasal 157(8)", "UU 8/2015 pasal 157(8)"),
    ],
)
def test_each_law_stands_with_its_own_article(rule: str, text: str, expected: str) -> None:
    assert citation(rule, text) == expected


# What the register states, election by election.
@pytest.mark.parametrize(
    ("law_id", "expected", "force", "days"),
    [
        ("pemilu-2014/psl/disaster", "UU 8/2012 pasal 230(1)", "must", None),
        ("pemilu-2014/pss/late_logistics", "UU 8/2012 pasal 231(1)", "must", None),
        ("pemilu-2014/psu_court/court_order", "UU 8/2012 pasal 271-272", "must", None),
        ("pemilu-2014/psu_deadline", "UU 8/2012 pasal 222(3)", None, 10),
        ("pilkada-2015/psu/box_opened", "UU 1/2015 pasal 112(2)a", "may", None),
        ("pilkada-2015/psu_court/court_order", "UU 8/2015 pasal 157", "must", None),
        ("pilkada-2017/psu/ineligible_voter", "UU 1/2015 jo. UU 10/2016 pasal 112(2)e", "may", None),
        ("pilkada-2017-r2/psu/ineligible_voter", "UU 1/2015 jo. UU 10/2016 pasal 112(2)e", "may", None),
        ("pilkada-2018/psu/voted_twice", "UU 1/2015 jo. UU 10/2016 pasal 112(2)d", "may", 4),
        ("pilkada-2018/psu_court/court_order", "UU 10/2016 pasal 157", "must", None),
        ("pilkada-2020/psu/unrest", "UU 1/2015 jo. UU 10/2016 pasal 112(1)", "may", 4),
        ("pilkada-2020/psl/disaster", "UU 1/2015 jo. Perpu 2/2020 (UU 6/2020) pasal 120(1)-(2), 122A", "must", None),
        ("pemilu-2019/psu/ineligible_voter", "UU 7/2017 pasal 372(2)d", "must", 10),
        ("pemilu-2019/psu/disaster", "UU 7/2017 pasal 372(1)", "may", 10),
        ("pemilu-2019/pssu/count_mismatch", "UU 7/2017 pasal 374(2)h", "may", None),
        ("pemilu-2024/psu/voted_twice", "PKPU 25/2023 pasal 80(3)", "must", 10),
        ("pemilu-2024/psl/disaster", "PKPU 25/2023 pasal 109", "must", None),
        ("pemilu-2024/pss/late_logistics", "PKPU 25/2023 pasal 110(1), 111(1)", "must", None),
        ("pemilu-2024/dispute_decision/presidential", "UU 7/2017 pasal 475(3)", None, 14),
        (
            "pilkada-2024/psu/voted_twice",
            "PKPU 17/2024 pasal 50(3)d; UU 1/2015 jo. UU 10/2016 pasal 112(2)d",
            "may",
            None,
        ),
        ("pilkada-2024/dispute_filing", "UU 10/2016 pasal 157(5)", None, 3),
    ],
)  # fmt: skip
def test_each_election_cites_its_own_law(
    real: pd.DataFrame, law_id: str, expected: str, force: str | None, days: int | None
) -> None:
    row = real.loc[law_id]
    assert row["state"] == "cited" and row["citation"] == expected
    assert (None if pd.isna(row["force"]) else row["force"]) == force
    assert (None if pd.isna(row["deadline_days"]) else row["deadline_days"]) == days


def test_no_page_was_found_for_the_presidential_election_of_2014(real: pd.DataFrame) -> None:
    rows = real[real["election_id"] == "pilpres-2014"]
    assert len(rows) and (rows["state"] == "uncited").all() and rows["citation"].isna().all()


def test_votes_that_differ_from_voters_open_a_recount_only_under_one_law(real: pd.DataFrame) -> None:
    rows = real[(real["subject"] == "pssu") & (real["ground_code"] == "count_mismatch")]
    by_state = rows.groupby("state")["election_id"].agg(set).to_dict()
    assert by_state["cited"] == {"pemilu-2019", "pemilu-2024"}
    assert by_state["uncited"] == {"pilpres-2014"} and len(by_state["not_listed"]) == 7


def test_known_wrong_citations_are_gone(real: pd.DataFrame) -> None:
    cited = real[real["state"] == "cited"]
    early = cited[
        cited["election_id"].isin(["pemilu-2014", "pilkada-2015", "pilkada-2017", "pilkada-2017-r2"])
    ]
    assert not early["citation"].str.contains("7/2017|25/2023").any()
    kinds = cited[cited["subject"].isin(["psl", "pss"])]
    assert len(kinds) and not kinds["citation"].str.contains(r"pasal 372|pasal 112|pasal 80").any()
    court = cited[(cited["family"] == "regional") & (cited["subject"] == "psu_court")]
    assert len(court) and not court["citation"].str.contains("473|7/2017").any()


def test_every_provision_of_the_register_can_be_read_in_both_languages(real: pd.DataFrame) -> None:
    rows = real[real["state"] != "uncited"]
    assert rows["wording_id"].notna().all() and rows["wording_en"].notna().all()


def test_every_row_of_the_register_names_elections_of_its_regime() -> None:
    articles = pd.read_csv(REGISTER / "articles.csv", dtype=str)
    elections = pd.read_csv(REGISTER / "elections.csv", dtype=str).set_index("election_id")["regime_id"]
    for row in articles.itertuples():
        assert {elections[name] for name in str(row.elections).split(";")} == {row.regime_id}
