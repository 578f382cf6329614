"""Steps follow from what was found; a place without evidence gets the basics and nothing invented."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest

from pipelines import catalog
from pipelines.reporting.facts import actions
from pipelines.reporting.site.render import content
from tests.support.invented import put
from tests.support.reading import lines, section, section_of, tables, texts

Con = duckdb.DuckDBPyConnection
REGISTER = Path(__file__).resolve().parents[3] / "data" / "raw" / "register"


def codes(name: str) -> set[str]:
    with (REGISTER / f"{name}s.csv").open(encoding="utf-8") as file:
        return {row[f"{name}_code"] for row in csv.DictReader(file)}


def every_step() -> list[actions.Step]:
    kinds = [(kind, code) for kind in ("grounds", "outcomes") for code in sorted(actions.codes(kind))]
    found = [step for kind, code in kinds for step in actions.for_code(code, kind)]
    return [*actions.basics(), *actions.unstated(), *found]


def hit(con: Con, leaf: str, ground: str, **more: object) -> None:
    """One more place held in Jakarta Pusat, with a ground of its own."""
    row = {
        "incident_id": leaf,
        "election_id": "pemilu-2024",
        "outcome": "psu",
        "status": "held",
    }
    row |= {
        "area_code": "3171",
        "level": "regency",
        "area_name": "Kota Administrasi Jakarta Pusat",
        "n_tps": 1,
    }
    row |= {"ground_code": ground, "ground_id": f"alasan {ground}", "ground_en": f"ground {ground}"}
    put(con, "mart.incidents", row | more)


def test_declared_steps_name_known_grounds_provisions_and_outcomes() -> None:
    assert set(actions.codes("grounds")) == codes("ground") - {"unknown"}
    assert set(actions.codes("outcomes")) <= set(catalog.code_lists()["outcome"])
    subjects = set(catalog.code_lists()["law_subject"])
    assert {step.provision for step in every_step()} <= codes("provision")
    for step in every_step():
        assert actions.duty(step.duty, "id") and actions.duty(step.duty, "en")
        assert all(step.text[lang].endswith(".") for lang in ("id", "en"))
        assert -90 <= step.day <= 10 and set(step.laws) <= subjects


def test_every_step_begins_with_what_is_done_and_says_how_one_sees_it() -> None:
    for step in every_step():
        assert re.match(r"(Me|Mem|Men|Meng|Menye|Meny)[a-z]+ ", step.text["id"]), step.text["id"]
        assert not re.match(r"(The|A|An|Every|All)\b", step.text["en"]), step.text["en"]
        assert step.measure["id"] and step.measure["en"]
        assert not any(step.measure[lang].endswith(".") for lang in ("id", "en"))


def test_riot_never_gets_the_advice_of_a_flood_nor_a_flood_that_of_a_riot() -> None:
    flood, riot = (actions.for_code(code, "grounds") for code in ("disaster", "unrest"))
    assert flood and riot and not [step for step in flood if step in riot]
    assert not re.search(r"banjir|bencana|BPBD|tinggi", " ".join(step.text["id"] for step in riot))
    assert not re.search(r"kerusuhan|gangguan|Polri", " ".join(step.text["id"] for step in flood))
    undecided = actions.for_code("disaster_unrest", "grounds")
    assert undecided and not [step for step in undecided if step in (*flood, *riot)]


def test_page_of_a_riot_shows_the_steps_of_a_riot(warehouse: Con) -> None:
    hit(warehouse, "burnt", "unrest", n_tps=34)
    part = section_of(warehouse, "3171", "id", "actions")
    rows = [row for row in lines(tables(part)[0]) if row["group"].text.startswith("alasan unrest: 34 TPS")]
    assert len(rows) == len(actions.for_code("unrest", "grounds"))
    assert {row["Hukum pemilihan berikutnya"].text for row in rows} == {"UU 7/2017 pasal 372(1) (dapat)"}
    assert "banjir" not in texts(part).replace("pencegahan", "")


def test_ground_leads_to_its_steps_with_the_article_of_the_coming_election(warehouse: Con) -> None:
    warehouse.execute("update mart.incidents set election_id = 'pemilu-2019'")
    warehouse.execute(
        "update ref.law_in_force set citation = 'UU LAMA pasal 1' where election_id = 'pemilu-2019'"
    )
    part = section_of(warehouse, "3171", "id", "actions")
    rows = list(lines(tables(part)[0]))
    mine = [row for row in rows if row["group"].text == "Pemilih tidak terdaftar: 4 TPS"]
    assert len(mine) == len(actions.for_code("ineligible_voter", "grounds")) > 1
    assert {row["Hukum pemilihan berikutnya"].text for row in mine} == {"UU 7/2017 pasal 372(2)d (wajib)"}
    assert {"H−30", "H−14", "H"} == {row["Tenggat"].text for row in mine}
    assert "untuk Pemilu Serentak 2024" in texts(part)
    assert "Apa yang dilakukan lebih dahulu" in texts(section_of(warehouse, "3171", "id", "first_places"))


def test_regional_incidents_cite_the_law_of_regional_elections(warehouse: Con) -> None:
    hit(warehouse, "regional", "ineligible_voter", election_id="pilkada-2017-r2")
    part = section_of(warehouse, "3171", "id", "actions")
    (text,) = {
        row["Hukum pemilihan berikutnya"].text
        for row in lines(tables(part)[0])
        if row["group"].text.startswith("Pemilih tidak terdaftar")
    }
    assert text == "UU 7/2017 pasal 372(2)d (wajib); PKPU 17/2024 pasal 50(3)e (dapat)"


def test_ground_without_a_known_article_says_so(warehouse: Con) -> None:
    hit(warehouse, "other", "procedure_other")
    rows = list(lines(tables(section_of(warehouse, "3171", "id", "actions"))[0]))
    texts_ = {
        row["Hukum pemilihan berikutnya"].text for row in rows if "procedure_other" in row["group"].text
    }
    assert texts_ == {"dasar hukum belum dirujuk"}


def test_unstated_ground_is_a_share_and_never_leads(warehouse: Con) -> None:
    hit(warehouse, "silent", "unknown", n_tps=12)
    hit(warehouse, "empty", None, n_tps=4)  # type: ignore[arg-type]
    found = content(warehouse, "3171", "id")
    groups = [group.title for group in tables(section(found, "actions"))[0].groups]
    assert groups[0] == "Pemilih tidak terdaftar: 4 TPS"
    assert groups[-2:] == [
        "Alasan tidak disebutkan sumber: 16 dari 20 TPS (80 %)",
        "Pencegahan dasar, untuk semua wilayah",
    ]
    assert "berita acara" not in texts(section(found, "first_places"))


@pytest.mark.parametrize("code", ["64", "317101"])
def test_place_without_evidence_gets_only_the_basics(read_only: Con, code: str) -> None:
    part = section_of(read_only, code, "id", "actions")
    assert "Register tidak mencatat alasan atau kejadian di wilayah ini" in texts(part)
    groups = [group.title for group in tables(part)[0].groups]
    assert groups == ["Pencegahan dasar, untuk semua wilayah"]


def test_late_recapitulation_and_disputes_have_steps_of_their_own(read_only: Con) -> None:
    groups = [group.title for group in tables(section_of(read_only, "00", "en", "actions"))[0].groups]
    assert any(title.startswith("Late recapitulation: ≥ 1, General election 2019") for title in groups)
    assert any(title.startswith("Dispute over results: 12,345") for title in groups)
