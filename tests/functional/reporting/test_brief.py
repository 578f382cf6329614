"""The brief: a headline that is never empty and never false, tiles judged on what was held, places with their reasons."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines.reporting.brief import build
from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.formats.html import page
from pipelines.reporting.site import checklist
from pipelines.reporting.site.render import content
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection
DAYS = {"pilpres-2014": D(2014, 7, 9), "pemilu-2019": D(2019, 4, 17), "pemilu-2024": D(2024, 2, 14)}
AREA = "7371"


def event(
    con: Con,
    election: str,
    n: int,
    outcome: str = "psu",
    area: str = AREA,
    held: int | None = None,
    **more: Any,
) -> None:
    row = {
        "area_code": area,
        "level": "regency" if len(area) == 4 else "district",
        "election_id": election,
        "outcome": outcome,
        "n": n,
        "is_at_least": True,
        "n_recommended": n,
        "n_held": n if held is None else held,
        "is_held_whole": False,
        "voting_date": DAYS[election],
    }
    put(con, "mart.area_events", row | more)


def place(con: Con, code: str, name: str, position: int, n_repeated: int = 1, **more: Any) -> None:
    put(con, "ref.areas", {"area_code": code, "level": "district", "name": name, "parent_code": AREA})
    row = {
        "parent_code": AREA,
        "rank": position,
        "position": position,
        "area_code": code,
        "level": "district",
        "area_name": name,
        "n_repeated": n_repeated,
        "repeated_outcome": "psu",
        "n_elections": n_repeated,
        "n_tps": 3,
        "n_court_tps": 0,
        "n_late": 0,
        "n_disputes": 0,
        "is_at_least": True,
        "last_election_id": "pemilu-2024",
        "evidence": "no_statement",
    }
    put(con, "mart.priority_places", row | more)


def only(con: Con) -> Con:
    """Nothing known of the area but what a test puts in."""
    con.execute("delete from mart.three_zeros where area_code = ?", [AREA])
    return con


def zero(
    con: Con, election: str, value: int | None, coverage: str, outcome: str = "psu", **more: Any
) -> None:
    row = {
        "election_id": election,
        "area_code": AREA,
        "level": "regency",
        "outcome": outcome,
        "target": 0,
        "value": value,
        "coverage": coverage,
        "rests_on": "claim",
        "area_name": "Kota Makassar",
        "voting_date": DAYS[election],
        "n_tps": 4_000,
    }
    put(con, "mart.three_zeros", row | more)


def brief(con: Con, lang: str = "id"):
    area, release = queries.area(con, AREA), queries.release(con)
    return build(Context(con, area, lang, queries.elections(con, lang), release))


def test_nothing_known_says_so_and_what_is_known_above(warehouse: Con) -> None:
    only(warehouse)
    event(warehouse, "pemilu-2024", 59, area="73", level="province")
    found = brief(warehouse)
    assert found.headline == (
        "Belum ada kejadian yang diketahui di Kota Makassar; itu tidak berarti nol. Di Sulawesi Selatan secara "
        "keseluruhan, PSU ditetapkan atau dilaksanakan di ≥ 59 TPS pada Pemilu 2024. Berita acara kantor "
        "setempat, termasuk keterangan nihil, dapat melengkapinya."
    )
    assert [tile.tone for tile in found.tiles] == ["open", "open", "open"]
    assert found.places == ()


def test_one_event_and_many(warehouse: Con) -> None:
    only(warehouse)
    event(warehouse, "pemilu-2019", 1)
    assert brief(warehouse).headline == "PSU tercatat pada satu pemilihan: ≥ 1 TPS pada Pemilu 2019."
    event(warehouse, "pemilu-2024", 3)
    assert brief(warehouse).headline.startswith(
        "PSU ditetapkan atau dilaksanakan pada 2 pemilihan yang tercatat, terakhir di ≥ 3 TPS pada Pemilu 2024."
    )
    assert "Re-votes were ordered or held at 2 elections" in brief(warehouse, "en").headline


def test_a_whole_zero_is_said_and_judged(warehouse: Con) -> None:
    zero(only(warehouse), "pemilu-2024", 0, "complete")
    found = brief(warehouse)
    assert found.headline == "Tidak ada PSU pada Pemilu 2024; hitungannya lengkap."
    assert (found.tiles[0].figure, found.tiles[0].tone) == ("0 TPS", "met")


def test_what_was_only_ordered_is_not_called_held(warehouse: Con) -> None:
    zero(only(warehouse), "pemilu-2019", None, "no_data", ordered_lower=91)
    event(warehouse, "pemilu-2019", 91, held=0)
    found = brief(warehouse)
    assert "belum ada sumber yang menyebut pelaksanaannya" in found.headline
    assert (found.tiles[0].figure, found.tiles[0].tone) == ("≥ 91 TPS", "open")
    assert [mark.state for mark in found.tiles[0].strip] == ["ordered"]


def test_what_was_only_recommended_is_not_called_ordered(warehouse: Con) -> None:
    event(only(warehouse), "pemilu-2024", 0, n_recommended=7)
    assert brief(warehouse).headline == (
        "Bawaslu merekomendasikan PSU di 7 TPS pada Pemilu 2024; belum diketahui ada yang ditetapkan."
    )


def test_court_orders_come_first_and_name_their_place(warehouse: Con) -> None:
    event(only(warehouse), "pemilu-2024", 260, "psu_court")
    place(warehouse, "737101", "Mariso", 1, n_court_tps=260)
    event(warehouse, "pemilu-2024", 260, "psu_court", area="737101")
    found = brief(warehouse)
    assert (
        found.headline == "Mahkamah Konstitusi memerintahkan 260 TPS di Mariso diulang setelah Pemilu 2024."
    )
    assert found.places[0].why.startswith("PSU perintah MK: ≥ 260 TPS (Pemilu 2024).")


def test_one_clustered_event_is_said_before_any_rate(warehouse: Con) -> None:
    put(warehouse, "ref.grounds", {"ground_code": "unrest", "label_id": "Kerusuhan", "label_en": "Unrest"})
    event(
        only(warehouse), "pemilu-2024", 34, ground_code="unrest", n_ground=34, n_ground_known=34, cluster_n=34,
        cluster_ground="unrest", cluster_date=D(2024, 2, 14),
    )  # fmt: skip
    assert (
        "Seluruh 34 TPS dengan PSU pada Pemilu 2024 berasal dari satu kejadian: kerusuhan."
        in brief(warehouse).headline
    )
    place(warehouse, "737101", "Mariso", 1)
    event(
        warehouse, "pemilu-2024", 34, area="737101", cluster_n=34, cluster_ground="unrest",
        cluster_date=D(2024, 2, 14),
    )  # fmt: skip
    assert "berasal dari satu kejadian di Mariso: kerusuhan." in brief(warehouse).headline


def test_headline_and_tile_name_what_was_ordered_and_what_was_held(warehouse: Con) -> None:
    zero(only(warehouse), "pemilu-2024", 6, "at_least", ordered_lower=16)
    event(warehouse, "pemilu-2024", 16, held=6)
    found = brief(warehouse)
    assert "ditetapkan di ≥ 16 TPS; yang diketahui dilaksanakan ≥ 6 TPS." in found.headline
    assert found.tiles[0].figure == "≥ 6 TPS"
    assert "Ditetapkan di ≥ 16 TPS; yang diketahui dilaksanakan ≥ 6." in found.tiles[0].lines
    event(warehouse, "pemilu-2019", 2)
    assert "pada 2 pemilihan yang tercatat, terakhir ditetapkan di ≥ 16 TPS" in brief(warehouse).headline


def test_places_that_repeat_are_named_and_equal_evidence_is_equal(warehouse: Con) -> None:
    event(only(warehouse), "pemilu-2024", 4)
    for position, (code, name) in enumerate((("737101", "Mariso"), ("737102", "Mamajang")), 1):
        place(warehouse, code, name, position, n_repeated=2, rank=1)
        for election in ("pemilu-2019", "pemilu-2024"):
            event(warehouse, election, 1, area=code)
    found = brief(warehouse)
    assert "PSU berulang pada 2 pemilihan di Mariso dan Mamajang." in found.headline
    assert [line.rank for line in found.places] == [1, 1]
    assert "Nomor yang sama berarti buktinya setara." in found.places_note
    assert found.places[0].why == "PSU pada 2 pemilihan: ≥ 1 TPS (Pemilu 2019), ≥ 1 (Pemilu 2024)."
    assert found.places[0].ladder == "Pemilu 2024: direkomendasikan ● diputuskan ● dilaksanakan ●"


def test_disputes_and_late_recapitulation_are_places_too(warehouse: Con) -> None:
    only(warehouse)
    place(warehouse, "737101", "Mariso", 1)
    event(warehouse, "pemilu-2024", 2, "late_recap", area="737101", days_late=3)
    event(warehouse, "pemilu-2024", 1, "dispute", area="737101", n_granted=1)
    assert brief(warehouse).places[0].why == (
        "Rekapitulasi terlambat: Pemilu 2024. Sengketa di Mahkamah Konstitusi: 1 perkara (Pemilu 2024); "
        "1 dikabulkan seluruhnya atau sebagian."
    )


@pytest.mark.parametrize("lang", ["id", "en"])
def test_steps_are_five_by_day_with_who_does_them(warehouse: Con, lang: str) -> None:
    steps = brief(warehouse, lang).steps
    assert 4 <= len(steps) <= 5
    letter = "H" if lang == "id" else "D"
    days = [int(step.day.removeprefix(letter).replace("−", "-") or 0) for step in steps]
    assert days == sorted(days)
    assert all(step.text and step.duty for step in steps)


def test_the_page_begins_with_the_brief_and_says_it_once(warehouse: Con) -> None:
    event(only(warehouse), "pemilu-2024", 3)
    report = content(warehouse, AREA, "id")
    assert report.brief is not None
    text = page(report, {"id": "x.html"})
    assert text.index('class="brief"') < text.index('class="contents"')
    keys = {section.key for section in report.sections}
    assert not keys & {"three_zeros", "first_places", "rankings", "checks", "conflicts"}
    assert "style=" not in text.split("</style>", 1)[1]


def test_the_checklist_lists_the_places_of_the_brief_and_nothing_else_of_it(warehouse: Con) -> None:
    event(only(warehouse), "pemilu-2024", 3)
    place(warehouse, "737101", "Mariso", 1)
    event(warehouse, "pemilu-2024", 3, area="737101")
    area, release = queries.area(warehouse, AREA), queries.release(warehouse)
    ctx = Context(warehouse, area, "id", queries.elections(warehouse, "id"), release)
    report = content(warehouse, AREA, "id")
    sheet = checklist.build(ctx, report)
    places = sheet.sections[0].blocks[0]
    assert [[cell.text for cell in row] for row in places.groups[0].rows] == [
        ["1", "Mariso", "PSU: ≥ 3 TPS (Pemilu 2024).", "tanpa pernyataan", ""]
    ]
    assert report.brief is not None and sheet.brief is None
