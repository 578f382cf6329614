"""Dates before 2000 or after tomorrow are quarantined in every column that states one."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from pipelines.catalog import load, table
from pipelines.quality import validate
from pipelines.quality.conditions import conditions

DATED = [
    (t.full_name, f.name)
    for t in load()
    if "source_row" in t.field_names
    for f in t.fields
    if f.type in ("date", "datetime")
]


@pytest.mark.parametrize(("name", "column"), DATED)
def test_every_stated_date_has_limits(name: str, column: str) -> None:
    rules = {c.rule for c in conditions(table(name)) if column in c.columns}
    assert rules & {"plausible_date", "range"}


@pytest.mark.parametrize(
    ("day", "is_kept"),
    [("0001-01-01", False), ("1999-12-31", False), ("2000-01-01", True), ("2924-03-01", False), ("", True),
     ((date.today() + timedelta(days=1)).isoformat(), True), ((date.today() + timedelta(days=2)).isoformat(), False)],
)  # fmt: skip
def test_range_of_days(day: str, is_kept: bool) -> None:
    declared = table("core.area_result")
    row = dict.fromkeys(declared.field_names, "") | {
        "election_id": "pemilu-2024", "contest": "ppwp", "area_code": "31", "level": "province",
        "kind": "pair", "option_id": "1",
        "published_at": f"{day} 10:00" if day else "", "source_file": "x.csv",
    }  # fmt: skip
    text = pd.DataFrame([row]).assign(source_row=pd.Series([2], dtype="int64"))
    references = {"ref.elections": pd.DataFrame({"election_id": ["pemilu-2024"]})}
    found = validate(declared, text, references)
    assert len(found.typed) == is_kept
    assert is_kept or "before 2000" in found.problems["message_en"].iloc[0]
