"""Slides of a meeting: real tables and titles, pictures that can be heard, nothing outside its box, the same bytes."""

from __future__ import annotations

import io

import duckdb
import pytest
from pptx import Presentation

from pipelines.reporting.errors import ReportError
from pipelines.reporting.model import Cell, Column
from pipelines.reporting.slides import Changed, deck, fit, presentation
from pipelines.reporting.slides.model import MOST, Deck, Grid, Slide
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection
DAY = D(2026, 11, 28)
CHANGED = Changed(
    "2026-01-01-aaaa",
    [{"id": "Dua TPS bertambah.", "en": "Two TPS more.", "area_code": "31"}],
    [
        {
            "table": "mart.counts",
            "groups": [
                {
                    "election_id": "pemilu-2024",
                    "province_code": "31",
                    "n_added": 2,
                    "n_removed": 0,
                    "n_changed": 1,
                },
                {
                    "election_id": "pemilu-2024",
                    "province_code": "73",
                    "n_added": 9,
                    "n_removed": 0,
                    "n_changed": 0,
                },
            ],
        }
    ],
)


@pytest.fixture
def con(warehouse: Con) -> Con:
    """The invented warehouse with an event that came back in Jakarta."""
    for election, day in (("pemilu-2019", D(2019, 4, 17)), ("pemilu-2024", D(2024, 2, 14))):
        for area, level in (("31", "province"), ("3171", "regency")):
            row = {"area_code": area, "level": level, "election_id": election, "outcome": "psu", "n": 3,
                   "is_at_least": True, "n_recommended": 3, "n_held": 3, "is_held_whole": False,
                   "voting_date": day}  # fmt: skip
            put(warehouse, "mart.area_events", row)
    place = {"parent_code": "31", "rank": 1, "position": 1, "area_code": "3171", "level": "regency",
             "area_name": "Kota Administrasi Jakarta Pusat", "n_repeated": 2, "repeated_outcome": "psu",
             "n_elections": 2, "n_tps": 6, "n_court_tps": 0, "n_late": 0, "n_disputes": 0, "is_at_least": True,
             "last_election_id": "pemilu-2024", "evidence": "no_statement"}  # fmt: skip
    put(warehouse, "mart.priority_places", place)
    return warehouse


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_presentation_opens_with_titles_tables_and_pictures_that_can_be_heard(con: Con, lang: str) -> None:
    found = Presentation(io.BytesIO(presentation(deck(con, "31", lang, CHANGED), DAY)))
    assert found.slide_width / found.slide_height == pytest.approx(16 / 9, abs=0.001)
    slides = list(found.slides)
    assert len(slides) <= MOST
    assert all(slide.shapes.title.text_frame.text for slide in slides)
    shapes = [shape for slide in slides for shape in slide.shapes]
    pictures = [shape for shape in shapes if shape.shape_type == 13]
    assert pictures
    assert all(shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures)
    tables = [shape for shape in shapes if shape.has_table]
    assert len(tables) >= 5
    for shape in shapes:
        assert shape.left >= 0 and shape.left + shape.width <= found.slide_width
        assert shape.top >= 0 and shape.top + shape.height <= found.slide_height


def test_every_slide_says_where_it_comes_from_of_which_day_and_how_sure(con: Con) -> None:
    for slide in deck(con, "31", "id", CHANGED).slides:
        for word in ("Sumber:", "Data per", "Kepastian:"):
            assert word in slide.foot, slide.title


@pytest.mark.usefixtures("drawn_anew")
def test_the_bytes_are_the_same_on_every_run(con: Con) -> None:
    assert presentation(deck(con, "31", "id"), DAY) == presentation(deck(con, "31", "id"), DAY)


def test_what_repeats_names_the_elections(con: Con) -> None:
    slide = deck(con, "31", "id").slides[3]
    assert slide.grid is not None
    assert [cell.text for cell in slide.grid.rows[0]] == [
        "Kota Jakarta Pusat", "PSU, 2 pemilihan", "Pemilu 2019, Pemilu 2024",
    ]  # fmt: skip


def test_changes_are_those_of_the_province(con: Con) -> None:
    slide = deck(con, "31", "id", CHANGED).slides[6]
    assert slide.grid is not None
    assert [[cell.text for cell in row[1:]] for row in slide.grid.rows] == [["Pemilu 2024", "2", "0", "1"]]
    assert slide.notes == ("Dua TPS bertambah.",)
    assert deck(con, "31", "id").slides[6].grid is None


def test_a_regency_is_sent_to_the_slides_of_its_province(con: Con) -> None:
    with pytest.raises(ReportError) as error:
        deck(con, "3171", "id")
    assert "titikrawan slides 31" in error.value.said("id")


def test_a_long_table_goes_on_and_what_finds_no_room_is_counted() -> None:
    def grid(n: int) -> Grid:
        rows = tuple((Cell(f"Kabupaten {k}"), Cell("5 pemilihan, ≥ 12 TPS")) for k in range(n))
        return Grid((Column("Wilayah"), Column("PSU")), rows, "")

    parts, n_left = fit.pages(grid(38), 12.3, 5.0, 3)
    assert n_left == 0
    assert sum(len(part.rows) for part in parts) == 38
    assert max(len(part.rows) for part in parts) - min(len(part.rows) for part in parts) <= 2
    parts, n_left = fit.pages(grid(200), 12.3, 5.0, 2)
    assert sum(len(part.rows) for part in parts) + n_left == 200
    made = presentation(Deck("t", "", "id", (Slide("t", "f", grid=grid(200), most_pages=2),)), DAY)
    last = Presentation(io.BytesIO(made)).slides[-1]
    texts = [shape.text_frame.text for shape in last.shapes if shape.has_text_frame]
    assert any("lagi pada laporan" in text for text in texts)


def test_letters_are_measured_wider_than_they_are_written() -> None:
    """Liberation Sans, which has the widths of Arial, writes this line 4.57 inches wide at 12 points."""
    assert fit.width("Kota Jakarta Pusat: PSU pada 5 pemilihan, 9 TPS seluruhnya", 12) > 4.57
    assert fit.n_lines("a " * 200, 2.0, 12) > 5
