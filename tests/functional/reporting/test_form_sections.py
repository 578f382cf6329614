"""Sections on result forms: what was evaluated, where it fails, worst forms, uploads, incidents, edits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.figures.heat import CLASSES, HeatCell, HeatRow, heat, tint, written
from pipelines.reporting.figures.shares import Share, shares
from pipelines.reporting.model import Figure, Report
from pipelines.reporting.site.render import content, render
from pipelines.warehouse import load
from tests.support.builds import built
from tests.support.invented_forms import GOOD, audit, fill_edits, fill_forms, fill_incidents, station
from tests.support.invented_warehouse import copy_of
from tests.support.reading import lines, report_of, section_of, tables, texts

Con = duckdb.DuckDBPyConnection
SECTIONS = ("form_audit", "form_worst", "form_uploads", "form_incidents", "form_edits")


@pytest.fixture(scope="module")
def file_with_forms(invented_file: Path) -> Path:
    """The invented warehouse with forms, incidents and edits."""

    def make(folder: Path) -> None:
        shutil.copyfile(invented_file, folder / "forms.duckdb")
        with load.writing(folder / "forms.duckdb") as con:
            fill_forms(con)
            fill_incidents(con)
            fill_edits(con)

    return built("with-forms", make) / "forms.duckdb"


@pytest.fixture
def forms(file_with_forms: Path) -> Iterator[Con]:
    with copy_of(file_with_forms) as con:
        yield con


def keys(con: Con, area: str) -> list[str]:
    return of_forms(content(con, area, "id"))


def of_forms(report: Report) -> list[str]:
    return [part.key for part in report.sections if part.key in SECTIONS]


def figure(part) -> Figure:
    return next(block for block in part.blocks if isinstance(block, Figure))


@pytest.mark.slow
def test_without_forms_nation_and_province_say_so_once_and_regencies_nothing(warehouse: Con) -> None:
    for area in ("00", "31"):
        assert of_forms(report_of(area, "id")) == ["form_audit"]
        said = texts(section_of(warehouse, area, "id", "form_audit"))
        assert "Hasil per TPS belum dimuat untuk wilayah ini" in said
    assert of_forms(report_of("3171", "id")) == []


@pytest.mark.slow
def test_pages_show_the_sections_their_level_can_use(forms: Con) -> None:
    assert keys(forms, "3171") == list(SECTIONS)
    assert keys(forms, "00") == list(SECTIONS)
    assert keys(forms, "3175") == []


def test_sentence_counts_loaded_evaluable_failed_and_what_is_missing(forms: Con) -> None:
    said = texts(section_of(forms, "31", "en", "form_audit"))
    assert (
        "9 forms are loaded. On 8 of them at least one rule of arithmetic could be evaluated; 2 of these"
        in said
    )
    assert "(250.0 per 1,000). 1 form was published without the figures" in said
    assert "The official number of stations is 30,766; the forms of 30,757 of them are not loaded." in said
    assert "is not fraud" in said


def test_rules_that_no_form_can_answer_are_named_and_get_no_rate(forms: Con) -> None:
    part = section_of(forms, "3171", "id", "form_audit")
    shown = [row["Aturan"].text for row in lines(tables(part)[0])]
    assert any(text.startswith("E8. ") for text in shown) and not any(
        text.startswith("E4. ") for text in shown
    )
    assert "Surat suara terbagi habis" in "\n".join(tables(part)[0].notes)


def test_rate_of_a_rule_has_its_interval_and_the_article_only_where_one_is_stated(forms: Con) -> None:
    part = section_of(forms, "3171", "id", "form_audit")
    rows = {row["Aturan"].text[:3]: row for row in lines(tables(part)[0])}
    assert rows["E8."]["Tindak lanjut"].text == "penghitungan ulang: UU 7/2017 pasal 374(2)h (dapat)"
    assert rows["E6."]["Tindak lanjut"].text == "pembetulan"
    assert rows["E8."]["Per 1.000 formulir (kisaran)"].text.startswith("125,0 (")


@pytest.mark.slow
def test_where_the_law_lists_no_such_ground_a_difference_leads_to_no_recount(warehouse: Con) -> None:
    warehouse.execute("update ref.law_in_force set state = 'not_listed', rule = 'UU 1/2015', citation = null"
                      " where law_id = 'pemilu-2024/pssu/count_mismatch'")  # fmt: skip
    fill_forms(warehouse)
    found = section_of(warehouse, "3171", "id", "form_audit")
    rows = {row["Aturan"].text[:3]: row for row in lines(tables(found)[0])}
    assert rows["E8."]["Tindak lanjut"].text == "pembetulan: bukan alasan menurut UU 1/2015"
    assert "penghitungan ulang:" not in texts(section_of(warehouse, "3171", "id", "form_worst"))


def test_area_without_figures_has_a_dash_and_no_zero(warehouse: Con) -> None:
    for number in (1, 2):
        station(warehouse, f"3171011001{number:03d}", None, GOOD)
    station(warehouse, "3171071001001", None, {})
    audit(warehouse)
    part = section_of(warehouse, "3171", "id", "form_audit")
    rows = {row["Kecamatan"].text: row for row in lines(tables(part)[1])}
    titles = ("Formulir dimuat", "Dapat diperiksa", "Ada selisih", "Per 1.000 formulir")
    assert [rows["Tanah Abang"][title].text for title in titles] == ["1", "0", "–", "–"]
    assert [rows["Gambir"][title].text for title in titles] == ["2", "2", "0", "0,0"]
    assert all("Tanah Abang" not in panel.alt and "pattern" in panel.svg for panel in figure(part).panels)


def test_worst_forms_show_both_sides_and_accuse_nobody(forms: Con) -> None:
    part = section_of(forms, "3171", "id", "form_worst")
    rows = list(lines(tables(part)[0]))
    assert [row["Nomor TPS"].text for row in rows] == ["001", "002"]
    assert "Suara = pengguna: 200 ≠ 1.201" in rows[0]["Angka yang tidak cocok"].text
    assert "penghitungan ulang: UU 7/2017 pasal 374(2)h (dapat)" in rows[0]["Tindak lanjut"].text
    assert rows[1]["Tindak lanjut"].text == "Cocokkan; betulkan yang salah tulis atau salah baca"
    said = texts(part).lower()
    assert "tidak menyatakan apa pun tentang niat" in said
    assert not any(word in said for word in ("kecurangan terjadi", "pelaku", "diduga", "manipulasi"))


def test_nation_shows_one_worst_form_of_a_province_and_says_where_each_lies(forms: Con) -> None:
    for table in ("mart.form_worst", "mart.form_worst_figure"):  # the same forms in Makassar, one rule worse
        forms.execute(f"insert into {table} select * replace ('7371' as area_code) from {table}")
    forms.execute("update mart.form_worst set n_errors = n_errors + 1 where area_code = '7371'")
    part = section_of(forms, "00", "id", "form_worst")
    rows = list(lines(tables(part)[0]))
    assert [(row["Nomor TPS"].text, row["Kelurahan/desa"].text) for row in rows] == [
        ("001", "Kebon <B>Kacang (Tanah Abang, Kota Makassar, Sulawesi Selatan)"),
        ("001", "Kebon <B>Kacang (Tanah Abang, Kota Jakarta Pusat, DKI Jakarta)"),
    ]
    assert "tidak lebih dari satu per provinsi" in texts(part)
    assert "Tindak lanjut" not in rows[0]  # the same for all, so it stands once below
    assert "Tindak lanjut untuk semua formulir di atas: Cocokkan dahulu; bila aslinya juga berbeda:" in texts(
        part
    )
    (row, _) = lines(tables(section_of(forms, "31", "id", "form_worst"))[0])
    assert row["Kelurahan/desa"].text == "Kebon <B>Kacang (Tanah Abang, Kota Jakarta Pusat)"


def test_uploads_tell_late_from_never(forms: Con) -> None:
    part = section_of(forms, "3171", "en", "form_uploads")
    rows = {row["Area"].text: row for row in lines(tables(part)[0])}
    own = next(row for name, row in rows.items() if "Jakarta Pusat" in name)
    assert own["After 24 hours"].text == "2 (25 %)" and own["Without upload"].text == "1 (11 %)"
    assert "no upload" in figure(part).panels[0].alt
    assert "neither the time counting ended nor the recapitulation" in texts(part)


def test_incidents_say_what_was_not_published_and_what_was_not_found(forms: Con) -> None:
    part = section_of(forms, "3171", "id", "form_incidents")
    rows = list(lines(tables(part)[0]))
    assert [(row["Nomor TPS"].text, row["Aturan gagal"].text) for row in rows] == [
        ("001", "Suara = pengguna"), ("003", "angka tidak diumumkan"),
    ]  # fmt: skip
    assert "dimuat: 3. Formulirnya ditemukan untuk 2 TPS; angkanya dapat dibaca pada 1 TPS." in texts(part)
    assert rows[0]["Partisipasi"].text == "80,0 %" and rows[1]["Partisipasi"].text == "–"


def test_signals_are_read_only_as_far_as_their_interval_allows(forms: Con) -> None:
    part = section_of(forms, "31", "en", "form_incidents")
    rows = {row["Signal"].text: row for row in lines(tables(part)[1])}
    read = {name: row["What it allows to say"].value for name, row in rows.items()}
    assert read == {
        "Turnout": "higher", "Errors": "apart", "DPK share": "lower", "Flags": "one_regency",
        "DPTb share": "few_regencies", "Invalid share": "too_few",
    }  # fmt: skip
    assert (
        rows["Errors"]["AUC (95 %)"].text == "0.50 (0.40–0.60)" and rows["Flags"]["AUC (95 %)"].text == "0.90"
    )


def test_edits_show_stations_out_of_loaded_forms(forms: Con) -> None:
    rows = list(lines(tables(section_of(forms, "31", "id", "form_edits"))[0]))
    assert [row["TPS berubah"].text for row in rows] == ["2 / 9", "2"]
    assert rows[0]["Perubahan terakhir terlihat"].text == "20 Feb 2024"


@pytest.mark.slow
@pytest.mark.parametrize("area", ["00", "31", "3171"])
@pytest.mark.parametrize("lang", ["id", "en"])
def test_pages_with_forms_render_in_every_format(forms: Con, area: str, lang: str, tmp_path: Path) -> None:
    paths = render(forms, area, lang, tmp_path)
    page = next(p for p in paths if p.suffix == ".html").read_text(encoding="utf-8")
    assert "<b>kacang" not in page and all(p.stat().st_size for p in paths)


@pytest.mark.usefixtures("drawn_anew")
def test_same_rows_give_the_same_drawing(forms: Con) -> None:
    first, second = (figure(section_of(forms, "3171", "id", "form_audit")) for _ in range(2))
    assert first == second and len(first.panels) == 3


def test_areas_of_a_station_without_regency_do_not_break_the_page(forms: Con) -> None:
    station(forms, "3171081001001", "2024-02-14 19:00:00", GOOD)
    assert "form_audit" in keys(forms, "3171")


def test_zero_is_written_and_tinted_while_unknown_is_hatched() -> None:
    rows = [HeatRow("A", (HeatCell(0.0), HeatCell(None), HeatCell(120.0, is_supported=True)), True),
            HeatRow("B", (HeatCell(3.2), HeatCell(None), HeatCell(0.04)))]  # fmt: skip
    panel = heat(rows, ["satu", "dua", "tiga"], "Judul", "bawah", "id")
    assert "dua: –" in panel.alt and "satu: B 3,2" in panel.alt
    assert "pattern" in panel.svg and tint(0.0) != "#ffffff" and tint(None) != tint(0.0)


def test_tints_grow_darker_so_that_grey_prints_keep_their_order() -> None:
    def lightness(colour: str) -> float:
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * r + 0.587 * g + 0.114 * b

    grey = [lightness(colour) for _, colour in CLASSES]
    assert all(a - b > 8 for a, b in pairwise(grey))


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.0, "0"), (0.01, "<0,1"), (0.9, "0,9"), (9.96, "10"), (104.3, "104"), (1000.0, "1.000")],
)
def test_rates_are_written_short(rate: float, text: str) -> None:
    assert written(rate, "id") == text


def test_bars_of_areas_without_stations_stay_empty() -> None:
    panel = shares([Share("A", (1, 1, 2)), Share("B", (0, 0, 0))], ["x", "y", "z"], "T", "u", "en")
    assert "A: x 25 %, y 25 %, z 50 %; B: x 0 %" in panel.alt
