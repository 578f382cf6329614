"""The audit of result forms: each rule on a form that breaks it, three-valued, and rules added by one entry."""

from __future__ import annotations

import duckdb
import pytest

from pipelines import catalog
from pipelines.catalog.declared import HERE
from pipelines.catalog.form_rules import form_rules, read_rules
from pipelines.forms.audit import audit_sql
from pipelines.forms.audit_area import area_sql, worst_figures_sql, worst_sql

GOOD = {
    "dpt_total": 250, "dpt_male": 120, "dpt_female": 130, "dpt_users_total": 190, "dpt_users_male": 90,
    "dpt_users_female": 100, "dptb_users_total": 6, "dptb_users_male": 3, "dptb_users_female": 3,
    "dpk_users_total": 4, "dpk_users_male": 2, "dpk_users_female": 2, "users_total": 200, "users_male": 95,
    "users_female": 105, "ballots_received": 255, "ballots_used": 200, "ballots_returned": 0, "ballots_unused": 55,
    "votes_valid": 195, "votes_invalid": 5, "votes_total": 200,
}  # fmt: skip
REST = "left: a, op: '=', right: b, explain_id: a, explain_en: b}"
VOTES = {"a": 80, "b": 90, "c": 25}
KEY = "election_id varchar, contest varchar, tps_id varchar, province_code varchar"


@pytest.fixture
def con():
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for schema in ("core", "ref", "mart"):
            connection.execute(f"create schema {schema}")
        for name in ("core.tps", "core.result", "core.upload", "core.vote", "core.area_result"):
            fields = ", ".join(f"{f.name} {f.sql_type}" for f in catalog.table(name).fields)
            connection.execute(f"create table {name} ({fields})")
        connection.execute(
            "create table core.exposure_resolution (election_id varchar, area_code varchar, n_tps bigint)"
        )
        connection.execute(
            "create table ref.elections as select 'e' as election_id, 'general' as kind, "
            "date '2024-02-14' as voting_date, 300 as tps_voter_cap union all "
            "select 'p', 'regional', date '2024-11-27', 600"
        )
        yield connection


def add(
    con, number: int = 1, votes=VOTES, contest: str = "ppwp", election: str = "e", upload=None, **changes
) -> None:
    tps = f"3171011001{number:03d}"
    row = {
        "election_id": election,
        "contest": contest,
        "tps_id": tps,
        "province_code": "31",
        **GOOD,
        **changes,
    }
    insert(con, "core.result", row)
    if not con.execute(
        "select 1 from core.tps where tps_id = ? and election_id = ?", [tps, election]
    ).fetchall():
        insert(con, "core.tps", {"election_id": election, "tps_id": tps, "tps": f"{number:03d}", "area_code": "317101",
                                 "province_code": "31", "regency_code": "3171", "district_code": "317101"})  # fmt: skip
    for option, n in (votes or {}).items():
        kind, _, party = option.partition("/")
        named = kind if kind in ("party_total", "party", "candidate") else "pair"
        insert(con, "core.vote", {"election_id": election, "contest": contest, "tps_id": tps, "province_code": "31",
                                  "kind": named, "option_id": option, "party_id": party or None, "votes": n})  # fmt: skip
    if upload:
        insert(
            con,
            "core.upload",
            {"election_id": election, "contest": contest, "tps_id": tps, "first_upload": upload},
        )


def insert(con, table: str, row: dict) -> None:
    marks = ", ".join("?" * len(row))
    con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


def verdicts(con, rules=None, number: int = 1, contest: str = "ppwp") -> dict[str, str]:
    rules = rules or form_rules()
    con.execute("create or replace table mart.form_audit as " + audit_sql(rules))
    return marks_of(con, rules, number, contest)


def marks_of(con, rules, number: int, contest: str = "ppwp") -> dict[str, str]:
    """What the audit says of a form: rule -> failed, passed or missing."""
    failed, passed, missing = con.execute(
        "select failed_mask, passed_mask, missing_mask from mart.form_audit where tps_id like ? and contest = ?",
        [f"%{number:03d}", contest],
    ).fetchone()
    found = {}
    for rule in rules:
        if rule.bit is not None:
            masks = (("failed", failed), ("passed", passed), ("missing", missing))
            marks = [name for name, mask in masks if mask >> rule.bit & 1]
            (found[rule.id],) = marks  # exactly one of the three
    return found


def test_right_form_fails_nothing(con) -> None:
    add(con)
    found = verdicts(con)
    assert "failed" not in found.values()
    missing = {r for r, v in found.items() if v == "missing"}
    assert missing == {"E9_party", "E11", "F_late_upload", "F_same_as_neighbour"}


BROKEN = [
    ("E1_dpt", {"dpt_male": 121}), ("E1_dpt_users", {"dpt_users_male": 91}),
    ("E1_dptb_users", {"dptb_users_male": 4}),
    ("E1_dpk_users", {"dpk_users_female": 1}), ("E1_users", {"users_male": 1}), ("E2", {"dpk_users_total": 5}),
    ("E4", {"ballots_unused": 54}), ("E5", {"ballots_used": 199}), ("E6", {"votes_invalid": 6}),
    ("E7", {"ballots_used": 201}), ("E8", {"users_total": 201}), ("E9", {"votes_valid": 196}),
    ("E10", {"ballots_received": 250}), ("I1", {"dpt_users_total": 251}), ("I4", {"ballots_received": 199}),
    ("I7_choice", {"votes_valid": 89}), ("I7_valid", {"votes_valid": 201}), ("I8", {"votes_total": 262}),
    ("I9", {"dpt_total": 301}), ("I10", {"users_total": 261}), ("I11_male", {"dpt_users_male": 121}),
    ("I11_female", {"dpt_users_female": 131}), ("F_users_equal_dpt", {"users_total": 250}),
]  # fmt: skip


def test_each_rule_fails_on_the_form_that_breaks_it(con) -> None:
    for number, (_, changes) in enumerate(BROKEN, 1):
        add(con, number, **changes)
    rules = form_rules()
    con.execute("create table mart.form_audit as " + audit_sql(rules))
    for number, (rule, changes) in enumerate(BROKEN, 1):
        assert marks_of(con, rules, number)[rule] == "failed", changes


@pytest.mark.parametrize(
    ("missing", "rules"),
    [("votes_total", {"E6", "E7", "E8", "I7_valid", "I8"}), ("dpt_total", {"E1_dpt", "I1", "I8", "I9", "I10", "E10"}),
     ("users_total", {"E1_users", "E2", "E5", "E8", "I10"})],
)  # fmt: skip
def test_missing_figure_is_neither_passed_nor_failed(con, missing: str, rules: set[str]) -> None:
    add(con, **{missing: None})
    found = verdicts(con)
    assert {r for r in rules if found[r] != "missing"} == set()
    assert found["E9"] == "passed"


def test_sum_with_an_unknown_part_is_no_sum(con) -> None:
    add(con, votes={"a": 80, "b": None, "c": 25})
    found = verdicts(con)
    assert found["E9"] == "missing" and found["I7_choice"] == "passed"


def test_party_totals_are_compared_with_their_parts(con) -> None:
    add(con, votes={"party_total/1": 30, "party/1": 10, "candidate/1": 20}, votes_valid=30, contest="dpr")
    add(con, 2, votes={"party_total/1": 31, "party/1": 10, "candidate/1": 20}, votes_valid=30, contest="dpr")
    first, second = verdicts(con, contest="dpr"), verdicts(con, number=2, contest="dpr")
    assert (first["E9_party"], first["E9"]) == ("passed", "passed")
    assert (second["E9_party"], second["E9"]) == ("failed", "passed")


def test_ballots_of_one_station_must_agree_on_home_voters(con) -> None:
    add(con)
    add(con, contest="dpr", dpt_users_total=189)
    assert verdicts(con)["E11"] == verdicts(con, contest="dpr")["E11"] == "failed"


def test_reserve_of_regional_elections_is_larger(con) -> None:
    add(con, election="p", contest="gubernur", ballots_received=257)
    assert verdicts(con, contest="gubernur")["E10"] == "passed"


def test_flags_see_late_uploads_equal_neighbours_and_single_winners(con) -> None:
    add(con, 1, upload="2024-02-15 09:00:00")
    add(con, 2, upload="2024-02-17 09:00:00")
    add(con, 9, votes={"a": 195, "b": 0, "c": 0})
    assert (
        verdicts(con, number=1)["F_late_upload"] == "passed"
        and verdicts(con, number=2)["F_late_upload"] == "failed"
    )
    assert (
        verdicts(con, number=1)["F_same_as_neighbour"]
        == verdicts(con, number=2)["F_same_as_neighbour"]
        == "failed"
    )
    assert verdicts(con, number=9)["F_same_as_neighbour"] == "passed"
    assert (
        verdicts(con, number=9)["F_one_takes_all"] == "failed"
        and verdicts(con)["F_one_takes_all"] == "passed"
    )


def test_share_far_beyond_its_funnel_is_flagged(con) -> None:
    for number in range(1, 60):
        add(con, number, votes_invalid=4 + number % 4, votes_total=200)
    add(con, 60, votes_invalid=90, votes_total=200)
    assert verdicts(con, number=60)["F_invalid_share"] == "failed"
    assert verdicts(con, number=5)["F_invalid_share"] == "passed"


def test_areas_count_evaluable_failed_and_missing(con) -> None:
    add(con, 1)
    add(con, 2, votes_invalid=6)
    add(con, 3, votes_total=None)
    con.execute("insert into core.exposure_resolution values ('e', '3171', 4), ('e', '31', 3)")
    con.execute("insert into core.area_result (election_id, contest, area_code, kind, option_id, votes) values "
                "('e', 'ppwp', '31', 'pair', 'a', 240), ('e', 'ppwp', '3171', 'pair', 'a', 239)")  # fmt: skip
    verdicts(con)
    rows = {
        (area, rule): counts
        for area, rule, *counts in con.execute(
            f"select area_code, rule_id, n_evaluable, n_failed, n_missing from ({area_sql(form_rules())})"
        ).fetchall()
    }
    for area in ("00", "31", "3171", "317101"):
        assert rows[area, "E6"] == [2, 1, 1]
    assert (
        rows["31", "E13"] == [1, 0, 0] and rows["3171", "E13"] == [1, 1, 0] and rows["00", "E13"] == [0, 0, 1]
    )
    # Of 3171 a station is missing, so that its sum can be compared with nothing.
    assert rows["31", "E12"] == [1, 0, 0] and rows["3171", "E12"] == [0, 0, 1]


def area_verdict(
    con, published: dict[str, int], area: str = "317101", progress: float | None = None
) -> list[int]:
    for option, votes in published.items():
        row = {"election_id": "e", "contest": "ppwp", "area_code": area, "kind": "pair", "option_id": option,
               "votes": votes, "progress_percent": progress}  # fmt: skip
        insert(con, "core.area_result", row)
    verdicts(con)
    counted = f"select n_evaluable, n_failed, n_missing from ({area_sql(form_rules())})"
    found = con.execute(f"{counted} where rule_id = 'E12' and area_code = ?", [area]).fetchone()
    return list(found or ())


@pytest.mark.parametrize(
    ("published", "progress", "verdict"),
    [
        ({"a": 160, "b": 180, "c": 50}, None, [1, 0, 0]),
        ({"a": 160, "b": 180, "c": 50}, 100.0, [1, 0, 0]),
        ({"a": 160, "b": 181, "c": 50}, None, [1, 1, 0]),
        ({"a": 160, "b": 180}, None, [1, 0, 0]),
        ({"a": 80, "b": 90, "c": 25}, 50.0, ()),  # published while one of two stations was in
        ({"d": 1}, None, ()),  # a choice no station has
    ],
)
def test_published_figure_of_an_area_is_compared_with_the_sum_of_its_stations(
    con, published, progress, verdict
) -> None:
    add(con, 1)
    add(con, 2)
    assert area_verdict(con, published, progress=progress) == list(verdict)


def test_station_without_votes_makes_the_sum_of_its_area_not_evaluable(con) -> None:
    add(con, 1)
    add(con, 2, votes=None)
    assert area_verdict(con, {"a": 80, "b": 90, "c": 25}, area="31") == [0, 0, 1]


def test_worst_forms_show_the_figures_that_disagree(con) -> None:
    add(con, 1, votes_invalid=6)
    add(con, 2, votes_total=150, users_total=150)
    verdicts(con)
    rows = con.execute(worst_sql(form_rules(), 10)).fetchall()
    assert [row[4][-3:] for row in rows] == ["002", "001"]
    assert "E6: votes_valid + votes_invalid = 201 ; votes_total = 200" in rows[1][-1]
    sides = con.execute(worst_figures_sql(form_rules(), 10)).fetchall()
    assert [side[3:] for side in sides if side[3] == 2] == [(2, "E6", 201, 200)]
    assert {side[4] for side in sides if side[3] == 1} == {"E6", "E7", "E1_users", "E2", "E5", "I7_valid"}


def test_adding_a_rule_is_one_entry(con, tmp_path) -> None:
    path = tmp_path / "rules.yaml"
    entry = '- {id: N1, severity: error, left: votes_invalid, op: "<=", right: "4", explain_id: a, explain_en: b}\n'
    path.write_text((HERE / "form_rules.yaml").read_text(encoding="utf-8") + entry, encoding="utf-8")
    rules = read_rules(path)
    add(con)
    assert verdicts(con, rules)["N1"] == "failed"
    counted = con.execute(
        f"select rule_id, n_failed from ({area_sql(rules)}) where area_code = '00'"
    ).fetchall()
    assert dict(counted)["N1"] == 1
    assert con.execute("select failed_rules from mart.form_audit").fetchone() == ("N1",)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("- {id: E6, severity: error}", "`left` is missing"),
        ("- {id: x, severity: bad, " + REST, "severity must be"),
        ("- &r {id: x, severity: flag, " + REST + "\n- *r", "declared twice"),
    ],
)
def test_wrong_rules_say_what_to_mend(tmp_path, entry: str, message: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(entry)
    with pytest.raises(catalog.CatalogError, match=message):
        read_rules(path)


def test_rules_name_the_question_of_law_and_never_an_article() -> None:
    asked = {r.id: r.law for r in form_rules() if r.law}
    assert asked == {"E8": ("pssu", "count_mismatch"), "E12": ("re_recapitulation", "")}
    assert "pasal" not in (HERE / "form_rules.yaml").read_text(encoding="utf-8")


def test_rules_on_other_lists_of_voters_are_not_evaluable_where_the_lists_meant_something_else(con) -> None:
    con.execute("insert into ref.elections select 'pilkada-2018', 'regional', date '2018-06-27', 800")
    add(con, election="pilkada-2018", contest="gubernur", dptb_users_total=999)
    add(con, dptb_users_total=999)
    rows = con.execute(f"select election_id, failed_rules from ({audit_sql(form_rules())})").fetchall()
    failed = {election: (rules or "").split(";") for election, rules in rows}
    assert "E2" in failed["e"] and "E1_dptb_users" in failed["e"]
    assert not {"E1_dptb_users", "E2", "E11", "I8", "I10"} & set(failed["pilkada-2018"])


def test_province_with_more_transfer_voters_than_voters_has_no_funnel_and_breaks_nothing(con) -> None:
    add(con, dptb_users_total=999)
    ((rules,),) = con.execute(f"select failed_rules from ({audit_sql(form_rules())})").fetchall()
    assert "F_dptb_share" not in rules


def test_only_votes_that_differ_from_voters_lead_to_a_recount_and_flags_lead_to_nothing() -> None:
    remedies = {r.id: r.remedy for r in form_rules()}
    assert [i for i, remedy in remedies.items() if remedy == "recount"] == ["E8"]
    assert {r.remedy for r in form_rules() if r.severity == "flag"} == {"none"}
