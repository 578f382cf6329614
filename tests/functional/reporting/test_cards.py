"""Case cards: one per ground, by frequency and cost, marked where they come from elsewhere, anonymous, the same bytes."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines.reporting.cards import document, hand
from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.model import Table, Text
from pipelines.reporting.site.districts import supervised
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection


def incident(con: Con, number: int, area: str, ground: str | None, n_tps: int, **more: Any) -> None:
    row = {
        "incident_id": f"case-{number}",
        "place_id": f"case-{number}",
        "election_id": "pemilu-2024",
        "outcome": "psu",
        "status": "held",
        "area_code": f"{area}01",
        "level": "district",
        "area_name": "Distrik",
        "province_code": area[:2],
        "regency_code": area,
        "regency_name": "Kota Makassar" if area == "7371" else "Kabupaten Maros",
        "district_code": f"{area}01",
        "district_name": "Biringkanaya",
        "n_tps": n_tps,
        "is_within": False,
        "is_number_stated": True,
        "held_date": D(2024, 2, 24),
        "is_court_ordered": False,
        "ground_code": ground,
        "confidence": "high",
        "claim_id": f"claim-{number}",
        "source_url": "https://www.example.org/berita/budi-menang",
        "source_title": "Budi Menang Lagi",
        "source_date": D(2024, 2, 25),
    }
    put(con, "mart.incidents", row | more)


@pytest.fixture
def con(warehouse: Con) -> Con:
    """Makassar with two grounds, its neighbour Maros with a third; Luwu without any."""
    warehouse.execute("delete from mart.incidents")
    warehouse.execute("delete from ref.grounds")
    for code, label in (
        ("disaster", "Bencana alam"), ("voted_twice", "Memilih dua kali"), ("box_opened", "Kotak dibuka")
    ):  # fmt: skip
        put(warehouse, "ref.grounds", {"ground_code": code, "label_id": label, "label_en": label})
    warehouse.execute("update ref.areas set latitude = -5.1, longitude = 119.4 where area_code = '7371'")
    for code, name, place in (("7308", "Kabupaten Maros", -5.0), ("7317", "Kabupaten Luwu", -3.4)):
        area = {"area_code": code, "level": "regency", "name": name, "parent_code": "73",
                "latitude": place, "longitude": 119.6}  # fmt: skip
        put(warehouse, "ref.areas", area)
    incident(warehouse, 1, "7371", "disaster", 30)
    incident(warehouse, 2, "7371", "voted_twice", 1)
    incident(warehouse, 3, "7371", "voted_twice", 2, election_id="pemilu-2019", held_date=D(2019, 4, 27))
    incident(warehouse, 4, "7308", "box_opened", 5)
    incident(warehouse, 5, "7308", "disaster", 50)
    incident(warehouse, 6, "7371", "unknown", 99)
    incident(warehouse, 7, "7371", None, 99)
    return warehouse


def test_a_ground_at_more_elections_comes_before_one_of_more_stations(con: Con) -> None:
    cards = hand(con, "7371", "id").cards
    assert [card.ground for card in cards] == ["Memilih dua kali", "Bencana alam", "Kotak dibuka"]
    assert "2 pemilihan, sekurang-kurangnya 3 TPS" in cards[0].how_often
    assert cards[0].happened == (
        "2 TPS di Biringkanaya, Kota Makassar, pada Pemilu 2019. PSU dilaksanakan 27 April 2019."
    )


def test_what_comes_from_elsewhere_is_marked(con: Con) -> None:
    marks = [card.mark for card in hand(con, "7371", "id").cards]
    assert marks == ["", "", "Kasus dari wilayah terdekat: Kab. Maros"]


def test_an_area_without_incidents_gets_the_cards_of_its_province_marked_as_such(con: Con) -> None:
    cards = hand(con, "7317", "id").cards
    assert len(cards) == 3
    assert all(card.mark.startswith("Kasus dari Sulawesi Selatan") for card in cards)
    con.execute("delete from mart.incidents")
    assert hand(con, "7317", "id").cards == ()


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.usefixtures("drawn_anew")
def test_cards_are_anonymous_and_the_same_on_every_run(con: Con, lang: str) -> None:
    made = hand(con, "7371", lang)
    assert "Budi" not in repr(made) and "budi" not in repr(made)
    assert "example.org" in made.cards[0].source and "claim-" in made.cards[0].source
    assert all(card.steps and card.question and card.law for card in made.cards)
    pdf = document(made, D(2026, 11, 28))
    assert pdf == document(made, D(2026, 11, 28))


def test_districts_are_named_with_their_reason_procedure_and_supervision(con: Con) -> None:
    def page() -> Context:
        return Context(
            con, queries.area(con, "7371"), "id", queries.elections(con, "id"), queries.release(con)
        )

    table = supervised(page())
    assert isinstance(table, Table)
    (row,) = table.groups[0].rows
    assert row[1].text == "Biringkanaya"
    assert "bencana alam" in row[2].text and "Pemilu 2019, Pemilu 2024" in row[2].text
    assert "PPS: Menyimpan logistik" in row[3].text
    assert row[4].text.startswith("H−1, PPK")
    con.execute("delete from mart.incidents")
    assert isinstance(supervised(page()), Text)
