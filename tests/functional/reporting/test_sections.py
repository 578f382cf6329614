"""What a report says: no data is never zero, part knowledge says so, every value names its source."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting import sections
from pipelines.reporting.errors import ReportError
from pipelines.reporting.site.render import content
from tests.support.invented import D, put
from tests.support.reading import lines, report_of, section, section_of, tables, texts

Con = duckdb.DuckDBPyConnection


def test_page_one_has_the_shape_of_a_performance_report(read_only: Con) -> None:
    (table,) = tables(section_of(read_only, "3171", "id", "three_zeros"))
    titles = [column.title for column in table.columns]
    assert titles[:4] == ["Sasaran", "Indikator", "Target", "Realisasi"]
    assert {"Kelengkapan", "Capaian", "Sumber"} <= set(titles)
    assert [group.title for group in table.groups] == [
        "Pilkada Serentak 2024, 27 November 2024",
        "Pemilu Serentak 2024, 14 Februari 2024",
    ]
    assert all(row["Target"].text == "0" for row in lines(table))


def test_no_data_is_words_and_undecided_while_a_whole_zero_is_met(read_only: Con) -> None:
    (table,) = tables(section_of(read_only, "3171", "id", "three_zeros"))
    rows = list(lines(table))
    met = next(r for r in rows if "Pilkada" in r["group"].text and r["Indikator"].value == "psu")
    assert (met["Realisasi"].text, met["Kelengkapan"].text, met["Capaian"].text) == (
        "0 TPS dari 3.014 TPS",
        "lengkap",
        "tercapai",
    )
    unknown = next(r for r in rows if r["Indikator"].value == "dispute")
    assert (unknown["Realisasi"].text, unknown["Realisasi"].value) == ("tidak ada data", None)
    assert unknown["Capaian"].text == "belum dapat dinilai"
    missed = next(r for r in rows if "Pemilu" in r["group"].text and r["Indikator"].value == "psu")
    assert missed["Capaian"].text == "tidak tercapai"


def test_part_knowledge_says_at_least(warehouse: Con) -> None:
    report = content(warehouse, "7371", "id")
    (row,) = (
        r for r in lines(tables(section(report, "all_elections"))[0]) if r["Pemilihan"].value == "pemilu-2024"
    )
    assert row["PSU"].text == "≥ 20"
    warehouse.execute("update mart.three_zeros set value = 0 where area_code = '7371' and outcome = 'psu'"
                      " and coverage = 'at_least'")  # fmt: skip
    report = content(warehouse, "7371", "id")
    (row,) = (
        r for r in lines(tables(section(report, "all_elections"))[0]) if r["Pemilihan"].value == "pemilu-2024"
    )
    assert row["PSU"].text == "0 yang diketahui"
    (table,) = tables(section(report, "three_zeros"))
    capaian = next(r for r in lines(table) if "Pemilu" in r["group"].text and r["Indikator"].value == "psu")[
        "Capaian"
    ]
    assert capaian.text == "belum dapat dinilai"


def test_trend_table_has_every_election_newest_first(read_only: Con) -> None:
    (table,) = tables(section_of(read_only, "31", "id", "all_elections"))
    found = [(row["Pemilihan"].text, row["PSU"].text) for row in lines(table)]
    assert found == [
        ("Pilkada 2024", "0"), ("Pemilu 2024", "1"), ("Pemilu 2019", "11"), ("Pilkada 2017 (2)", "2"),
        ("Pilpres 2014", "13"),
    ]  # fmt: skip


def test_watch_list_says_it_is_not_a_verdict(read_only: Con) -> None:
    part = section_of(read_only, "3171", "id", "first_places")
    assert "Daftar pantauan, bukan penetapan pelanggaran" in texts(part)
    first = next(lines(tables(part)[0]))
    assert [cell.text for cell in first.values()][1:5] == ["Tanah Abang", "3", "3.310", "2,3× (0,6–5,4)"]


def test_rates_without_spread_are_said_to_be_chance(warehouse: Con) -> None:
    warehouse.execute("update mart.first_places set relative_rate = 1, relative_low = 1, relative_high = 1")
    part = section_of(warehouse, "3171", "id", "first_places")
    assert next(lines(tables(part)[0]))["Urutan"].text == "1"
    assert "(1,0–1,0)" not in texts(part)
    assert "kebetulan, sehingga semua laju disusutkan" in texts(part)


def test_regency_lists_every_incident_once_with_its_steps_and_ballots(warehouse: Con) -> None:
    part = section_of(warehouse, "3171", "id", "incidents")
    rows = list(lines(tables(part)[0]))
    ladder = [(r["TPS"].text, r["Diputuskan"].text, r["Dilaksanakan"].text) for r in rows]
    assert ladder == [("028", "ditolak 24 Feb", "○"), ("071", "○", "● 24 Feb"), ("3 TPS", "○", "● 24 Feb")]
    assert [r["Jenis surat suara"].text for r in rows] == ["–", "DPR; PPWP", "–"]
    assert "Direkomendasikan" not in rows[0]  # no source states that step, so it has no column
    title = "Pemilu 2024 · PSU · Pemilih tidak terdaftar: 5 TPS · UU 7/2017 pasal 372(2)d (wajib)"
    assert rows[0]["group"].text == title
    assert all(r["Sumber"].sources for r in rows)


def test_a_step_of_another_year_is_told_with_its_year(warehouse: Con) -> None:
    warehouse.execute(
        "update mart.incidents set decided_date = '2025-03-01', decided_basis = 'mk', recommended_basis = 'bawaslu'"
        " where tps = '071'"
    )
    (table,) = tables(section_of(warehouse, "3171", "id", "incidents"))
    row = next(row for row in lines(table) if row["TPS"].text == "071")
    assert [row[name].text for name in ("Direkomendasikan", "Diputuskan", "Dilaksanakan")] == [
        "●",
        "● 1 Mar 2025",
        "● 24 Feb",
    ]


def test_figures_about_stations_that_are_listed_are_counted_not_listed(warehouse: Con) -> None:
    warehouse.execute("update mart.incidents set is_within = true where tps is null or tps = '028'")
    part = section_of(warehouse, "3171", "id", "incidents")
    found = list(lines(tables(part)[0]))
    assert [row["TPS"].text for row in found] == ["071", "3 TPS"]
    assert "Tidak diulang di sini: 1 angka wilayah" in texts(part)
    # What is news about them, that they were held, is told below them.
    assert found[1]["group"].text == "Pemilu 2024 · PSU · di antara TPS yang tercantum: 3 TPS"


def test_rows_can_be_chosen_by_what_they_have_in_common(warehouse: Con) -> None:
    (table,) = tables(section_of(warehouse, "3171", "id", "incidents"))
    assert [(facet.title, facet.options) for facet in table.facets] == [
        ("Langkah terakhir", ("ditolak", "dilaksanakan")),
    ]
    assert table.facets[0].of_rows == (0, 1, 1)


def test_nation_adds_incidents_up_by_province(warehouse: Con) -> None:
    event = {"area_code": "73", "level": "province", "election_id": "pemilu-2024", "outcome": "psu", "n": 20}
    put(warehouse, "mart.area_events", event | {"is_at_least": True, "voting_date": D(2024, 2, 14)})
    court = event | {"outcome": "psu_court", "n": 7, "is_at_least": False}
    put(warehouse, "mart.area_events", court | {"voting_date": D(2024, 2, 14)})
    part = section_of(warehouse, "00", "id", "incidents")
    assert "memuat 3 kejadian" in texts(part)
    (row,) = lines(tables(part)[0])
    assert (row["Provinsi"].text, row["Pemilu 2024"].text) == ("Sulawesi Selatan", "≥ 20 + 7 MK")
    assert "DKI Jakarta" in texts(part)  # among those of which nothing is known


def test_undecided_recapitulation_stays_undecided(read_only: Con) -> None:
    part = section_of(read_only, "31", "id", "recap")
    found = {r["Wilayah"].text: r for r in lines(tables(part)[0])}
    assert set(found) == {"Kota Jakarta Timur", "Kota Jakarta Utara"}
    east = found["Kota Jakarta Timur"]
    assert (east["Hari terlambat"].text, east["Hari terlambat (perpanjangan)"].text) == ("≥ +6", "≥ +3")
    assert east["group"].text == (
        "Pemilu 2019 · rekapitulasi kabupaten/kota: 22 Apr–7 Mei 2019, diperpanjang sampai 10 Mei 2019"
    )
    assert found["Kota Jakarta Utara"]["TPS per kecamatan"].text == "376,8"
    assert "belum dapat dinilai 1" in texts(part)
    said = "tanggal selesainya belum diketahui: Pemilu 2019: Kota Jakarta Pusat, Kota Jakarta Barat"
    assert said in texts(part)
    (own,) = lines(tables(section_of(read_only, "3171", "id", "recap"))[0])
    assert (own["Penilaian"].text, own["Hari terlambat"].text) == ("belum dapat dinilai", "–")
    assert own["Tanggal selesai"].text == "paling lambat 9 Mei 2019"


def test_a_part_of_a_higher_recapitulation_is_said_to_be_a_part(warehouse: Con) -> None:
    warehouse.execute("update mart.recap_timeliness set is_unit = false, milestone = 'recap_province'")
    part = section_of(warehouse, "3171", "id", "recap")
    assert "rekapitulasi provinsi, bagian wilayah ini" in texts(part)


def test_disputes_show_kind_of_petitioner_order_and_counts(read_only: Con) -> None:
    part = section_of(read_only, "3171", "id", "disputes")
    (row,) = lines(tables(part)[0])
    assert row["Jenis pemohon"].text == "partai politik"
    assert row["Perintah"].text == "PSU; penghitungan ulang: 3 TPS"
    (nation,) = lines(tables(section_of(read_only, "00", "id", "disputes"))[0])
    assert (nation["Diregistrasi"].text, nation["Dikabulkan (seluruhnya atau sebagian)"].text) == (
        "297",
        "44",
    )


def test_coverage_conflicts_checks_and_quarantine_are_told() -> None:
    report = report_of("3171", "id")
    coverage = texts(section(report, "coverage"))
    assert "wilayah induknya, DKI Jakarta" in coverage
    assert "1 baris tanpa data dan tanpa hitungan resmi tidak ditampilkan" in coverage
    assert "digantikan pernyataan yang lebih baru" in texts(section(report, "conflicts"))
    assert "Dua baris kurang." in texts(section(report, "checks"))
    assert "2.420" in texts(section(report, "checks"))
    quarantine = texts(section(report, "quarantine"))
    assert "Wilayah tidak dikenal." in quarantine
    assert "rahasia mentah" not in quarantine


@pytest.mark.slow
def test_texts_of_the_warehouse_speak_the_language_of_the_page(warehouse: Con) -> None:
    warehouse.execute("update meta.checks set observed = 'no data' where status = 'warn'")
    for lang, words in (("id", "tidak ada data"), ("en", "no data")):
        report = content(warehouse, "3171", lang)
        remark = next(lines(tables(section(report, "checks"))[1]))
        assert words in [cell.text for cell in remark.values()]


@pytest.mark.slow
def test_a_conflict_names_both_sides_in_words_and_the_page_of_the_other() -> None:
    for lang, words in (("id", ("dilaksanakan", "KPU", "Bawaslu")), ("en", ("held", "KPU", "Bawaslu"))):
        report = report_of("3171", lang)
        (conflict,) = lines(tables(section(report, "conflicts"))[0])
        assert set(words) <= {cell.text for cell in conflict.values()}
        (listed,) = (block for block in section(report, "sources").blocks if block.kind == "sources")
        assert "https://example.org/lima" in {s.url for s in listed.items}


def test_sources_are_numbered_once_in_order_of_use(warehouse: Con) -> None:
    warehouse.execute(
        "update mart.disputes set source_url = 'https://example.org/other', source_title = 'Putusan'"
    )
    report = content(warehouse, "3171", "id")
    (listed,) = (block for block in section(report, "sources").blocks if block.kind == "sources")
    assert [(s.number, s.title, s.url) for s in listed.items] == [
        (1, "KPU gelar PSU (contoh)", "https://example.org/psu-2024"),
        (2, "Putusan", "https://example.org/other"),
        (3, "Lima TPS", "https://example.org/lima"),
    ]
    assert listed.items[0].date == "24 Februari 2024"


@pytest.mark.slow
def test_simulated_data_is_announced() -> None:
    assert report_of("3171", "id").banner.startswith("Data simulasi")
    assert report_of("3171", "en").banner.startswith("Simulated data")


@pytest.mark.parametrize("code", ["73", "7371"])
def test_areas_with_hardly_any_data_still_make_a_report(code: str) -> None:
    report = report_of(code, "id")
    assert "Tidak ada tanggal bukan berarti tepat waktu" in texts(section(report, "recap"))
    assert {"method", "warnings", "version", "sources"} <= {part.key for part in report.sections}


@pytest.mark.parametrize("code", ["64", "64-2015", "317107"])
def test_areas_without_data_get_a_short_report_that_says_so(code: str) -> None:
    report = report_of(code, "id")
    assert [part.key for part in report.sections] == ["unknown", "actions", "sources", "method", "version"]
    assert "bukan berarti nol" in texts(section(report, "unknown"))
    assert not [table for part in report.sections for table in tables(part) if not table.n_rows]


def test_a_report_without_data_shows_the_area_above_and_its_pages(warehouse: Con) -> None:
    place = {"area_code": "3179", "level": "regency", "name": "Kota Sunyi", "parent_code": "31"}
    put(warehouse, "ref.areas", place)
    (table,) = tables(section_of(warehouse, "3179", "id", "unknown"))
    assert "Daerah Khusus Ibukota Jakarta" in table.title
    (psu, late) = lines(table)
    assert psu["Realisasi"].text == "0 TPS dari 30.766 TPS" and psu["Sumber"].sources
    assert late["Realisasi"].text == "≥ 1 unit rekapitulasi"
    assert "unknown" not in {part.key for part in content(warehouse, "3171", "id").sections}


def test_a_former_province_is_not_part_of_the_one_that_kept_its_code(warehouse: Con) -> None:
    row = {
        "incident_id": "x",
        "election_id": "pilpres-2014",
        "outcome": "psu",
        "status": "held",
    }
    row |= {"area_code": "64-2015", "area_name": "Kalimantan Timur", "level": "former_province", "n_tps": 7}
    put(warehouse, "mart.incidents", row | {"date_held": D(2014, 7, 19)})
    assert "incidents" not in {part.key for part in content(warehouse, "64", "id").sections}
    assert "7 TPS" in texts(section_of(warehouse, "64-2015", "id", "incidents"))


def test_unknown_area_names_the_nearest(read_only: Con) -> None:
    with pytest.raises(ReportError, match="3171 Kota Administrasi Jakarta Pusat"):
        content(read_only, "3172", "id")


def test_order_names_every_section_once() -> None:
    found = [item.name for item in pkgutil.iter_modules(sections.__path__)]
    assert sorted(sections.IN_ORDER) == sorted(found)


def test_a_new_section_is_one_module_and_its_place(
    read_only: Con, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dropped_in.py").write_text(
        "from pipelines.reporting.model import Section, Text\n"
        "def build(ctx):\n    return Section('dropped_in', 'Bagian baru', (Text((ctx.area.name,)),))\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(sections, "__path__", [*sections.__path__, str(tmp_path)])
    at = sections.IN_ORDER.index("three_zeros") + 1
    order = (*sections.IN_ORDER[:at], "dropped_in", *sections.IN_ORDER[at:])
    monkeypatch.setattr(sections, "IN_ORDER", order)
    sections.modules.cache_clear()
    try:
        keys = [part.key for part in content(read_only, "3171", "id").sections]
    finally:
        monkeypatch.undo()
        sections.modules.cache_clear()
    assert keys.index("dropped_in") == keys.index("three_zeros") + 1
