"""Steps follow from what was found; a place without evidence gets the basics and nothing invented."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from pipelines import catalog
from pipelines.reporting.facts import actions
from pipelines.reporting.site.render import content
from tests.support.invented import put
from tests.support.reading import lines, section, tables, texts

Con = duckdb.DuckDBPyConnection
REGISTER = Path(__file__).resolve().parents[3] / "data" / "raw" / "register"


def codes(name: str) -> set[str]:
    with (REGISTER / f"{name}s.csv").open(encoding="utf-8") as file:
        return {row[f"{name}_code"] for row in csv.DictReader(file)}


def test_declared_steps_name_known_grounds_provisions_and_outcomes() -> None:
    assert set(actions.codes("grounds")) <= codes("ground")
    assert set(actions.codes("outcomes")) <= set(catalog.code_lists()["outcome"])
    assert codes("ground") - set(actions.codes("grounds")) == set()
    every = [
        *actions.basics(),
        *(
            s
            for kind in ("grounds", "outcomes")
            for c in actions.codes(kind)
            for s in actions.for_code(c, kind)
        ),
    ]
    assert {step.provision for step in every} <= codes("provision")
    for step in every:
        assert actions.duty(step.duty, "id") and actions.duty(step.duty, "en")
        assert all(step.text[lang].endswith(".") for lang in ("id", "en"))
        assert -90 <= step.day <= 10


def test_ground_leads_to_its_steps(warehouse: Con) -> None:
    put(warehouse, "ref.grounds", {"ground_code": "ineligible_voter"})
    part = section(content(warehouse, "3171", "id"), "actions")
    rows = list(lines(tables(part)[0]))
    mine = [row for row in rows if row["group"].text == "Pemilih tidak terdaftar: 4 TPS"]
    assert len(mine) == len(actions.for_code("ineligible_voter", "grounds")) > 1
    assert {"H−30", "H−14", "H"} == {row["Tenggat"].text for row in mine}
    assert "Apa yang dilakukan lebih dahulu" in texts(
        section(content(warehouse, "3171", "id"), "first_places")
    )


@pytest.mark.parametrize("code", ["64", "317101"])
def test_place_without_evidence_gets_only_the_basics(read_only: Con, code: str) -> None:
    part = section(content(read_only, code, "id"), "actions")
    assert "tidak ada temuan yang dikarang" in texts(part)
    groups = [group.title for group in tables(part)[0].groups]
    assert groups == ["Pencegahan dasar, untuk semua wilayah"]


def test_late_recapitulation_and_disputes_have_steps_of_their_own(read_only: Con) -> None:
    groups = [group.title for group in tables(section(content(read_only, "00", "en"), "actions"))[0].groups]
    assert any(title.startswith("Late recapitulation: ≥ 1, General election 2019") for title in groups)
    assert any(title.startswith("Dispute over results: 12,345") for title in groups)
