"""The sheet to tick off: steps from the evidence of the place, by day, with room to write, one or two pages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.facts import actions, queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.formats.html import page
from pipelines.reporting.formats.pdf import document
from pipelines.reporting.site.checklist import build, due
from pipelines.reporting.site.render import content, render
from tests.integration.reporting.test_pdf import text_of
from tests.support.hostile import poison
from tests.support.reading import lines, section, tables, texts

Con = duckdb.DuckDBPyConnection
DAY = dt.date(2026, 11, 25)


def context(con: Con, code: str, lang: str = "id") -> Context:
    return Context(con, queries.area(con, code), lang, queries.elections(con, lang), queries.release(con))


def sheet(con: Con, code: str, lang: str = "id"):
    return build(context(con, code, lang), content(con, code, lang))


def test_steps_follow_the_grounds_of_the_place_and_stand_by_day(warehouse: Con) -> None:
    (table,) = tables(section(sheet(warehouse, "3171"), "steps"))
    rows = list(lines(table))
    days = [row["Tenggat"].value for row in rows]
    assert days == sorted(days) and days[0] < 0
    mine = [row for row in rows if "Pemilih tidak terdaftar" in row["Mengapa di sini"].text]
    assert len(mine) == len(actions.for_code("ineligible_voter", "grounds"))
    assert all("UU 7/2017 pasal 372(2)d (wajib)" in row["Mengapa di sini"].text for row in mine)
    basics = [row for row in rows if row["Mengapa di sini"].text == "pencegahan dasar"]
    assert len(basics) == len(actions.basics())


def test_step_that_several_grounds_ask_for_stands_once(warehouse: Con) -> None:
    warehouse.execute(
        "insert into mart.incidents by name select * replace ("
        " 'wrong_ballots' as ground_code, 'Surat suara tertukar' as ground_id, 'other' as incident_id)"
        " from mart.incidents"
        " where incident_id = 'leaf-071' limit 1"
    )
    warehouse.execute(
        "insert into mart.incidents by name select * replace ("
        " 'ballot_shortage' as ground_code, 'Surat suara kurang' as ground_id, 'third' as incident_id)"
        " from mart.incidents"
        " where incident_id = 'leaf-071' limit 1"
    )
    found = due(context(warehouse, "3171"))
    assert all(found.count(one) == 1 for one in found)
    shared = [
        one
        for one in found
        if {r.label for r in one.reasons} >= {"Surat suara tertukar", "Surat suara kurang"}
    ]
    assert len(shared) == len(actions.for_code("wrong_ballots", "grounds"))


@pytest.mark.parametrize("code", ["64", "317101"])
def test_place_without_evidence_gets_the_basics_only(read_only: Con, code: str) -> None:
    found = sheet(read_only, code)
    assert "hanya pencegahan dasar" in texts(section(found, "steps"))
    rows = list(lines(tables(section(found, "steps"))[0]))
    assert len(rows) == len(actions.basics())
    assert "belum dapat mengurutkan" in texts(section(found, "places"))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_name_date_and_signature_are_left_blank(read_only: Con, lang: str) -> None:
    found = sheet(read_only, "3171", lang)
    (table,) = tables(section(found, "steps"))
    assert all(cell.text == "" for row in lines(table) for cell in list(row.values())[5:8])
    assert all(value == "" for _, value in section(found, "signature").blocks[0].pairs)


@pytest.mark.parametrize("code", ["3171", "31", "64", "7371"])
@pytest.mark.parametrize("lang", ["id", "en"])
def test_paper_has_one_or_two_pages_and_says_what_the_page_says(
    read_only: Con, tmp_path: Path, code: str, lang: str
) -> None:
    found = sheet(read_only, code, lang)
    data = document(found, DAY, "checklist")
    assert data == document(found, DAY, "checklist")
    pages = text_of(data, tmp_path).split("\f")[:-1]
    assert len(pages) <= 2
    flat = re.sub(r"\s", "", "".join(pages))
    for row in lines(tables(section(found, "steps"))[0]):
        assert re.sub(r"\s", "", list(row.values())[2].text) in flat
    assert re.sub(r"\s", "", found.banner) in flat


def test_hostile_names_come_out_as_texts(warehouse: Con, tmp_path: Path) -> None:
    poison(warehouse)
    found = sheet(warehouse, "3171")
    flat = re.sub("[\\s\u200b\u00ad-]", "", text_of(document(found, DAY, "checklist"), tmp_path))
    assert "<script>alert(1)</script>" in flat and "root:" not in flat
    html = page(found, {"id": "a"})
    assert "<script>alert" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_page_links_its_checklist_and_the_nation_has_none(read_only: Con, tmp_path: Path) -> None:
    written = {path.name for path in render(read_only, "3171", "id", tmp_path, langs=("id",))}
    assert {name for name in written if "checklist" in name} == {
        "3171-kota-administrasi-jakarta-pusat.id.checklist.html",
        "3171-kota-administrasi-jakarta-pusat.id.checklist.pdf",
    }
    for name in written:
        if name.endswith(".html"):
            links = re.findall(r'href="([^"#]+\.[a-z]+)"', (tmp_path / name).read_text(encoding="utf-8"))
            assert {link for link in links if "checklist" in link} == {
                other for other in written if "checklist" in other and other != name
            }
    assert not [path for path in render(read_only, "00", "id", tmp_path) if "checklist" in path.name]
