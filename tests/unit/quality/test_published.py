"""Tables we computed ourselves: every failure stops, and says which rows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from pipelines.catalog import Table, table
from pipelines.quality import validate_published

TABLE = "mart.counts"


def rows(**cells: object) -> pd.DataFrame:
    """Two good rows as a warehouse hands them over; `cells` spoil the first."""
    good: dict[str, object] = dict.fromkeys(table(TABLE).field_names)
    good |= {
        "election_id": "pemilu-2024", "area_code": "3171", "level": "regency", "kind": "psu", "measure": "held",
        "lower": 4, "upper": 6, "is_complete": False, "rests_on": "claim", "is_contradicted": False, "n_located": 1,
        "n_named": 1,
    }  # fmt: skip
    return pd.DataFrame([good | cells, good | {"area_code": "3172", "upper": 7, "lower": 1}])


def failures(checks: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    failed = checks[checks["status"] != "pass"]
    return {r["check_id"]: (r["severity"], r["status"], r["observed"]) for r in failed.to_dict("records")}


def test_good_rows_pass_every_check() -> None:
    checks = validate_published(table(TABLE), rows())
    assert failures(checks) == {}
    assert checks["check_id"].is_unique
    assert {"columns", "required", "allowed_value", "unique", "lower_within_upper"} <= set(checks["rule"])


@pytest.mark.parametrize(
    ("cells", "check_id"),
    [
        ({"level": "kota"}, "allowed_value(level)"),
        ({"measure": None}, "required(measure)"),
        ({"n_named": -1}, "range(n_named)"),
        ({"area_code": "3172"}, "unique(election_id, area_code, kind, measure)"),
        ({"upper": 3}, "lower_within_upper(lower, upper)"),
        ({"is_complete": True}, "complete_means_equal(lower, upper, is_complete)"),
    ],
)
def test_a_broken_row_stops_and_is_named(cells: dict[str, object], check_id: str) -> None:
    failed = failures(validate_published(table(TABLE), rows(**cells)))
    severity, status, observed = failed[f"{TABLE}:{check_id}"]
    assert (severity, status) == ("stop", "fail")
    assert "election_id=pemilu-2024" in observed
    assert f"area_code={cells.get('area_code', '3171')}" in observed


def test_columns_must_be_the_declared_ones() -> None:
    odd = rows().drop(columns="lower").assign(surplus=1)
    (check,) = validate_published(table(TABLE), odd).to_dict("records")
    assert (check["rule"], check["severity"], check["status"]) == ("columns", "stop", "fail")
    assert "['lower']" in check["message_en"]
    assert "['surplus']" in check["message_id"]


def test_values_must_fit_the_declared_type() -> None:
    failed = failures(validate_published(table(TABLE), rows(lower=1.5)))
    assert failed[f"{TABLE}:type(lower)"][:2] == ("stop", "fail")


def test_foreign_keys_are_checked_against_what_is_given() -> None:
    areas = pd.DataFrame({"area_code": ["3171"]})
    failed = failures(validate_published(table(TABLE), rows(), {"ref.areas": areas}))
    assert list(failed) == [f"{TABLE}:foreign_key(area_code)"]
    assert "area_code=3172" in failed[f"{TABLE}:foreign_key(area_code)"][2]


def test_too_few_rows_stop() -> None:
    declared: Table = replace(table(TABLE), min_rows=3)
    assert failures(validate_published(declared, rows())) == {f"{TABLE}:min_rows": ("stop", "fail", "2")}


def test_an_empty_table_is_fine_where_none_is_required() -> None:
    assert failures(validate_published(table(TABLE), rows().iloc[:0])) == {}


def test_rule_that_the_database_held_is_reported_and_not_run_again() -> None:
    wrong = rows(lower=-1)
    run = validate_published(table(TABLE), wrong)
    held = validate_published(table(TABLE), wrong, held=("range",))
    name = f"{TABLE}:range(lower)"
    assert name in failures(run) and name not in failures(held)
    assert run["check_id"].sort_values().tolist() == held["check_id"].sort_values().tolist()
    reported = held[held["rule"].str.startswith("range")]
    assert set(reported["observed"]) == {"held by the database"}
