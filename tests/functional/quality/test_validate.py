"""Bad rows end in quarantine with file, line, column, value and what to do; counts always add up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.catalog import CatalogError, Rule, Table, table
from pipelines.catalog.records import check_frame, problem_frame
from pipelines.quality import Validated, validate
from pipelines.quality.checks import _threshold
from tests.support.small_register import Check, text_of

ALL = "core.revote_claim"


def only_problem(result: Validated) -> dict[str, object]:
    assert len(result.problems) == 1, result.problems["message_en"].to_list()
    return result.problems.to_dict("records")[0]


def status(result: Validated, check_id: str) -> str:
    found = result.checks[result.checks["check_id"] == check_id]
    assert len(found) == 1, result.checks["check_id"].to_list()
    return str(found["status"].iloc[0])


def test_good_rows_are_all_kept_typed_and_checked(check: Check) -> None:
    result = check("revotes")
    assert (len(result.typed), len(result.problems)) == (4, 0)
    assert list(result.typed) == table(ALL).field_names
    assert result.typed["n_tps"].to_list() == [1, 1, 4, 2]
    assert result.typed["tps"].to_list()[:2] == ["012", "003"]
    assert set(result.checks["status"]) == {"pass"}
    assert result.checks["check_id"].is_unique
    assert list(result.checks) == list(check_frame())
    assert list(result.problems) == list(problem_frame())


# (file, cells of the first or another row, rule, column, value, what the message must say)
BAD: Mapping[str, tuple[str, int, dict[str, str], str, str, str, tuple[str, ...]]] = {
    "impossible date": (
        "revotes", 0, {"date_held": "2024-02-30"}, "type", "date_held", "2024-02-30",
        ("no such day in the calendar", "Correct it from the source"),
    ),
    "unknown area": (
        "revotes", 0, {"area_code": "7372"}, "foreign_key", "area_code", "7372",
        ("not in ref.areas(area_code)", "Did you mean 7371?", "add the row there first"),
    ),
    "unknown election, closest one suggested": (
        "revotes", 0, {"election_id": "pemilu-2042"}, "foreign_key", "election_id", "pemilu-2042",
        ("Did you mean pemilu-2024?", "Known: pemilu-2019, pemilu-2024"),
    ),
    "unknown code value, valid ones listed": (
        "revotes", 0, {"status": "helt"}, "allowed_value", "status", "helt",
        ("not a valid code", "Did you mean held?", "Valid: reported (reported)", "held (held)", "refused"),
    ),
    "negative count": (
        "revotes", 2, {"n_tps": "-4"}, "range", "n_tps", "-4", ("outside the range >= 0", "Correct it"),
    ),
    "count with a thousands separator": (
        "revotes", 2, {"n_tps": "1.234"}, "type", "n_tps", "1.234", ("Write 1234 if that is meant",),
    ),
    "code eaten by a spreadsheet": (
        "revotes", 2, {"area_code": "3171.0"}, "foreign_key", "area_code", "3171.0",
        ("turned the code into a number", "Write 3171 and format the column as text"),
    ),
    "TPS number eaten by a spreadsheet": (
        "revotes", 0, {"tps": "12.0"}, "pattern", "tps", "12.0", ("Write 12 and format the column as text",),
    ),
    "lost leading zero": (
        "areas", 0, {"area_code": "0"}, "pattern", "area_code", "0",
        ("a digit is lost, often the leading zero", "Write 00"),
    ),
    "nine digits for ten": (
        "areas", 4, {"area_code": "317107101"}, "pattern", "area_code", "317107101",
        ("9 digits: area codes have 2, 4, 6 or 10",),
    ),
    "empty cell where one is needed": (
        "revotes", 0, {"source_title": ""}, "required", "source_title", "", ("the cell is empty", "Fill it in"),
    ),
    "blanks that look empty": (
        "revotes", 0, {"village": "  "}, "type", "village", "  ", ("only blanks", "Empty it"),
    ),
    "line break after a code": (
        "revotes", 0, {"kind": "psu\n"}, "allowed_value", "kind", "psu\n", ("Did you mean psu?",),
    ),
    "value outside a list of codes": (
        "revotes", 0, {"ballots": "ppwp,dpr"}, "pattern", "ballots", "ppwp,dpr", ("does not have the form",),
    ),
    "date outside the years that make sense": (
        "revotes", 0, {"date_held": "1924-02-24"}, "range", "date_held", "1924-02-24", (">= 2014-01-01",),
    ),
    "declared rule": (
        "revotes", 0, {"tps": ""}, "tps_row_names_its_tps", "level, tps, n_tps", "tps, , 1",
        ("A row at TPS level must name its TPS", "tps=''", "Correct level, tps, n_tps from the source"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_quarantined_and_says_what_to_do(check: Check, case: str) -> None:
    name, row, cells, rule, column, value, says = BAD[case]
    whole, result = text_of(name), check(name, {row: cells})
    problem = next(
        p for p in result.problems.to_dict("records") if p["source_row"] == whole["source_row"][row]
    )
    assert (problem["rule"], problem["column_name"], problem["value"]) == (rule, column, value)
    assert problem["disposition"] == "quarantined"
    place = f"register/{name}.csv, line {whole['source_row'][row]}, column {column}"
    assert str(problem["message_en"]).startswith(place)
    for part in says:
        assert part in str(problem["message_en"])
    assert f"baris {whole['source_row'][row]}" in str(problem["message_id"])
    assert problem["message_id"] != problem["message_en"]
    raw = json.loads(str(problem["raw_row"]))
    assert all(raw[c] == v for c, v in cells.items())
    gone = result.problems["source_row"].nunique()
    assert len(result.typed) + gone == len(whole)
    assert whole["source_row"][row] not in result.typed["source_row"].to_list()
    failed = result.checks[result.checks["status"] == "fail"]
    assert rule in failed["rule"].to_list()


def test_an_exactly_repeated_row_is_kept_once(references: Mapping[str, pd.DataFrame]) -> None:
    text = text_of("revotes")
    twice = pd.concat([text, text.iloc[[1]].assign(source_row=99)])
    result = validate(table(ALL), twice, references)
    problem = only_problem(result)
    assert (problem["rule"], problem["source_row"]) == ("duplicate_row", 99)
    assert "repeats register/revotes.csv, line 3, in every column" in str(problem["message_en"])
    assert "Delete this one" in str(problem["message_en"])
    assert len(result.typed) == 4


def test_the_same_id_with_different_values_quarantines_all_of_them(check: Check) -> None:
    first = text_of("revotes")["event_id"][0]
    result = check("revotes", {2: {"event_id": first}})
    assert result.problems["rule"].to_list() == ["conflicting_duplicate"] * 2
    assert result.problems["source_row"].to_list() == [2, 5]
    assert "(register/revotes.csv:5), so none of them is used" in result.problems["message_en"][0]
    assert "Keep the right row" in result.problems["message_en"][0]
    assert len(result.typed) == 2


def test_children_of_a_quarantined_area_follow_it(check: Check) -> None:
    # The regency is refused; its district and the village below would point at nothing.
    result = check("areas", {2: {"level": "kota"}})
    assert sorted(result.problems["source_row"]) == [4, 5, 6]
    orphans = result.problems[result.problems["rule"] == "foreign_key"]
    assert orphans["message_en"].str.contains("itself in quarantine. Mend that row first").all()
    assert result.typed["area_code"].to_list() == ["00", "31", "73", "7371"]


def test_a_warning_keeps_the_row(check: Check) -> None:
    result = check("revotes", {0: {"status": "decided"}})
    problem = only_problem(result)
    assert (problem["rule"], problem["disposition"]) == ("held_only_when_held", "kept_with_warning")
    assert "The row is kept" in str(problem["message_en"])
    assert len(result.typed) == 4
    assert status(result, f"{ALL}:held_only_when_held(status, date_held)") == "warn"


def test_a_warning_never_hides_a_refusal_about_the_same_columns(
    references: Mapping[str, pd.DataFrame],
) -> None:
    words = {"id": "x", "en": "x"}
    soft = Rule("soft", "warn", ("n_tps",), "n_tps < 2", words)
    hard = Rule("hard", "quarantine", ("n_tps",), "n_tps < 2", words)
    both = replace(table(ALL), rules=(soft, hard))
    result = validate(both, text_of("revotes"), references)
    assert result.typed["n_tps"].to_list() == [1, 1]
    assert sorted(result.problems["rule"]) == ["hard", "hard", "soft", "soft"]


def test_one_wrong_cell_is_said_once(check: Check) -> None:
    # The count is refused as no number; the rule about TPS rows must not complain about it again.
    assert only_problem(check("revotes", {0: {"n_tps": "satu"}}))["rule"] == "type"


def test_private_columns_are_checked_but_do_not_leave(references: Mapping[str, pd.DataFrame]) -> None:
    declared = table(ALL)
    secret = tuple(replace(f, is_private=f.name == "source_title") for f in declared.fields)
    text = text_of("revotes")
    text.loc[0, "n_tps"] = "-1"
    text.loc[1, "source_title"] = " "
    result = validate(replace(declared, fields=secret), text, references)
    assert "source_title" not in result.typed
    assert len(result.typed) == 2
    assert not result.problems["raw_row"].str.contains("PSU di Makassar").any()
    assert json.loads(result.problems["raw_row"][0])["source_title"] == "(private)"
    assert result.problems.set_index("column_name")["value"]["source_title"] == "(private)"


def test_too_many_quarantined_rows_stop_the_run(check: Check) -> None:
    result = check("revotes", {0: {"status": "x"}})
    row = result.checks[result.checks["rule"] == "max_quarantine_share"].iloc[0]
    assert (row["severity"], row["status"], row["n_checked"], row["n_failed"]) == ("stop", "fail", 4, 1)
    assert "1 of 4 rows are in quarantine (25.00%); the limit is 2.00%" in row["message_en"]
    assert "titikrawan quarantine" in row["message_en"]


@pytest.mark.parametrize(
    ("n_read", "n_gone", "expected", "says"),
    [
        (122, 12, "pass", "9.84%"),
        (122, 14, "warn", "the other rows are used"),
        (12, 9, "warn", "the other rows are used"),
        (122, 62, "fail", "is it the right file"),
        (9000, 1100, "fail", "is it the right file"),
    ],
)
def test_good_rows_of_what_somebody_added_are_used(
    n_read: int, n_gone: int, expected: str, says: str
) -> None:
    found = _threshold(replace(table(ALL), is_optional=True, max_quarantine_share=0.1), n_read, n_gone)
    assert (found["severity"], found["status"]) == ("stop", expected)
    assert says in found["message_en"]
    assert _threshold(replace(table(ALL), is_optional=False), n_read, n_gone)["status"] == "fail"


def test_unreadable_rows_count_for_the_threshold(references: Mapping[str, pd.DataFrame]) -> None:
    blank = dict.fromkeys(problem_frame(), "") | {"source_file": "register/revotes.csv", "source_row": 7}
    result = validate(table(ALL), text_of("revotes"), references, problem_frame([blank]))
    assert status(result, f"{ALL}:max_quarantine_share") == "fail"


def test_an_empty_table_stops_the_run(references: Mapping[str, pd.DataFrame]) -> None:
    result = validate(table(ALL), text_of("revotes").iloc[:0], references)
    assert (len(result.typed), len(result.problems)) == (0, 0)
    row = result.checks[result.checks["rule"] == "min_rows"].iloc[0]
    assert (row["severity"], row["status"]) == ("stop", "fail")
    assert result.typed.dtypes["n_tps"] == "Int64"


def test_a_rule_that_is_no_sql_names_table_and_rule(references: Mapping[str, pd.DataFrame]) -> None:
    broken = replace(table(ALL), rules=(Rule("bad", "warn", (), "n_tsp > 0", {"id": "", "en": ""}),))
    with pytest.raises(CatalogError, match=r"core\.revote_claim: rule bad: 'n_tsp > 0'"):
        validate(broken, text_of("revotes"), references)


def test_a_missing_reference_is_an_error_not_a_pass() -> None:
    with pytest.raises(KeyError, match=r"ref\.elections"):
        validate(table(ALL), text_of("revotes"), {})


CELL = st.sampled_from(
    ["", "x", "-1", "3171.0", "3171", "2024-02-30", "2024-02-14", "psu", "held", "tps", "1"]
)
COLUMNS = ["event_id", "election_id", "area_code", "kind", "status", "level", "tps", "n_tps", "date_held"]
SPOILT = st.dictionaries(
    st.integers(0, 3), st.dictionaries(st.sampled_from(COLUMNS), CELL, max_size=4), max_size=4
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt=SPOILT, repeated=st.lists(st.integers(0, 3), max_size=3))
def test_read_is_kept_plus_quarantined_whatever_comes(
    references: Mapping[str, pd.DataFrame], spoilt: dict[int, dict[str, str]], repeated: list[int]
) -> None:
    text = text_of("revotes")
    for row, values in spoilt.items():
        for column, value in values.items():
            text.loc[row, column] = value
    text = pd.concat([text, text.iloc[repeated]], ignore_index=True)
    text["source_row"] = range(2, len(text) + 2)
    declared: Table = table(ALL)
    result = validate(declared, text, references)
    gone = set(result.problems[result.problems["disposition"] == "quarantined"]["source_row"])
    kept = set(result.typed["source_row"])
    assert gone.isdisjoint(kept)
    assert gone | kept == set(text["source_row"])
    assert len(result.typed) == len(kept)
    required = [f.name for f in declared.fields if f.is_required]
    assert result.typed[required].notna().all(axis=None)
    assert result.typed["event_id"].is_unique
    # Every kept cell says exactly what its text says.
    source = text.set_index("source_row")
    for _, row in result.typed.iterrows():
        for column in COLUMNS:
            raw = source.loc[row["source_row"], column]
            assert (raw == "") == pd.isna(row[column])
