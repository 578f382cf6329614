"""Sections on hotspots: how sure, three rankings, clusters, grounds, back-test, and what cannot be seen."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines import catalog
from pipelines.reporting.model import Figure
from pipelines.reporting.site.render import content, render
from tests.support.reading import lines, section, section_of, tables, texts

Con = duckdb.DuckDBPyConnection
MARTS = ("hotspots", "propensity", "persistence", "clusters", "ground_profile", "backtest", "dispersion", "resolution",
         "funnel", "first_places")  # fmt: skip
SECTIONS = ("how_sure", "rankings", "clusters", "ground_profile", "backtest", "resolution")


def panels(part) -> list[str]:
    return [panel.alt for block in part.blocks if isinstance(block, Figure) for panel in block.panels]


def test_page_one_says_evidence_standard_and_basis(read_only: Con) -> None:
    part = section_of(read_only, "3171", "id", "first_places")
    rows = list(lines(tables(part)[0]))
    assert [row["Tingkat bukti"].text for row in rows] == ["daftar pantau", "tanpa pernyataan"]
    said = texts(part)
    assert "sama dengan laju PSU Daerah Khusus Ibukota Jakarta" in said
    assert "kecenderungan pada 2 pemilihan" in said
    meaning = catalog.code_lists()["evidence"]["watch_list"]["explain_id"]
    assert f"Daftar pantau: {meaning}" in said


def test_one_election_makes_no_claim_of_propensity(warehouse: Con) -> None:
    warehouse.execute("update mart.first_places set basis = 'one_election'")
    said = texts(section_of(warehouse, "3171", "en", "first_places"))
    assert "one election only (General election 2024)" in said and "no propensity claim" in said


def test_areas_without_data_are_named_and_never_ranked(warehouse: Con) -> None:
    warehouse.execute("delete from mart.first_places where area_code = '317101'")
    part = section_of(warehouse, "3171", "id", "first_places")
    assert [row["Wilayah"].text for row in lines(tables(part)[0])] == ["Tanah Abang"]
    assert "Tanpa data, jadi tidak diurutkan: 1 dari 2 kecamatan: Gambir." in texts(part)


def test_equals_are_said_to_be_equal(warehouse: Con) -> None:
    warehouse.execute("update mart.first_places set relative_rate = 2.4")
    said = texts(section_of(warehouse, "3171", "id", "first_places"))
    assert "Data belum membedakan wilayah-wilayah ini (kecamatan)" in said


@pytest.mark.parametrize("lang", ["id", "en"])
def test_classes_of_evidence_use_the_sentences_of_the_catalog(read_only: Con, lang: str) -> None:
    part = section_of(read_only, "31", lang, "how_sure")
    said = texts(part)
    for code in catalog.code_lists()["evidence"].values():
        assert code[f"explain_{lang}"] in said
    found = [row[1].text for row in tables(part)[0].groups[0].rows]
    assert len(found) == len(catalog.code_lists()["evidence"]) and all(found)


def test_observed_stands_beside_expected(read_only: Con) -> None:
    said = texts(section_of(read_only, "3171", "id", "how_sure"))
    assert "Kota Jakarta Pusat: 8 kejadian PSU dalam 6 pemilihan, sedangkan 2,5 kejadian diharapkan" in said
    assert "tanpa jaminan kesalahan" in said


@pytest.mark.parametrize("code", ["00", "31", "7371"])
def test_size_is_not_told_without_the_incidents_behind_it(read_only: Con, code: str) -> None:
    """The invented register lists no PSL; the nation is never located in full; Makassar had none."""
    assert "19 TPS" not in texts(section_of(read_only, code, "id", "how_sure"))


def test_nineteen_tps_of_one_flood_are_told_as_four_incidents(warehouse: Con) -> None:
    warehouse.execute(
        "update mart.incidents set outcome = 'psl', status = 'held', ground_id = 'Bencana alam'"
    )
    said = texts(section_of(warehouse, "3171", "id", "how_sure"))
    assert "PSL, Pemilu Serentak 2024: 19 TPS, tetapi hanya 4 kejadian" in said
    assert "di 1 kelurahan" in said and "TPS di antaranya: bencana alam." in said
    assert "24 Februari 2024" in said
    assert "19 TPS" not in texts(section_of(warehouse, "00", "id", "how_sure"))


def test_each_outcome_is_ranked_on_its_own_with_its_interval(read_only: Con) -> None:
    part = section_of(read_only, "31", "id", "rankings")
    prone, by_election = tables(part)
    first = next(lines(prone))
    assert (first["Wilayah"].text, first["Jumlah"].text, first["Harapan"].text) == (
        "Kota Jakarta Pusat",
        "8",
        "2,5",
    )
    assert "6 pemilihan" in first["group"].text
    groups = [group.title.split(",")[0] for group in by_election.groups]
    assert groups == ["PSU", "PSU", "PSL", "Rekapitulasi terlambat"]
    late = [r for r in lines(by_election) if r["group"].text.startswith("Rekapitulasi")]
    assert {r["p / q"].text for r in late} == {"tidak dapat dibandingkan"}
    assert {r["P(> 2×)"].text for r in late} == {"–"}
    flood = next(r for r in lines(by_election) if r["group"].text.startswith("PSL"))
    assert (flood["p / q"].text, flood["p / q"].tone) == ("< 0,001 / 0,020", "strong")


def test_nation_ranks_provinces_and_regencies_and_claims_no_propensity(read_only: Con) -> None:
    part = section_of(read_only, "00", "id", "rankings")
    assert "Belum ada pernyataan tentang kecenderungan" in texts(part)
    (table,) = tables(part)
    assert [g.title.split(": ")[1].split(" ")[0] for g in table.groups[:2]] == ["provinsi", "kabupaten/kota"]
    assert next(lines(table))["Jumlah"].text == "≥ 20"
    assert any(
        "Corong PSU: kabupaten/kota: 3 wilayah berdata, 1 di atas batas" in alt for alt in panels(part)
    )


def test_a_regency_outside_a_known_province_stands_among_its_peers(read_only: Con) -> None:
    part = section_of(read_only, "7371", "id", "rankings")
    (row,) = lines(tables(part)[0])
    assert (row["Wilayah"].text, row["Wilayah"].tone) == ("Kota Makassar", "strong")
    assert "dibandingkan dengan Indonesia" in row["group"].text


def test_dots_describe_their_values(read_only: Con) -> None:
    alts = panels(section_of(read_only, "31", "id", "rankings"))
    assert any("Kota Jakarta Pusat: 2,4× (0,7–3,5)" in alt for alt in alts)


def test_clusters_show_both_p_and_only_claim_on_whole_data(read_only: Con) -> None:
    part = section_of(read_only, "31", "id", "clusters")
    (row,) = lines(tables(part)[0])
    assert (row["p (tersebar-lebih)"].text, row["p (Poisson)"].text, row["Didukung"].text) == (
        "0,231",
        "0,002",
        "tidak",
    )
    assert "Tidak ada gugus yang didukung" in texts(part)
    nation = texts(section_of(read_only, "00", "id", "clusters"))
    assert "gugus pemberitaan" in nation and "lingkaran, 32 km" in nation
    assert "0,231" in texts(section_of(read_only, "3171", "id", "clusters"))


def test_supported_cluster_is_counted(warehouse: Con) -> None:
    warehouse.execute("update mart.clusters set is_supported = true, p_value = 0.01 where scope_code = '31'")
    assert "1 cluster is supported" in texts(section_of(warehouse, "31", "en", "clusters"))


def test_grounds_keep_the_unknown_and_name_what_stands_out(warehouse: Con) -> None:
    part = section_of(warehouse, "31", "id", "ground_profile")
    said = texts(part)
    assert "10 kejadian PSU diketahui letaknya" in said and "3 di antaranya tanpa alasan" in said
    assert "Menonjol: Kota Jakarta Pusat, Alasan ineligible_voter: 7 kejadian" in said
    assert [row["Bagian (selang 95\u00a0%)"].text for row in lines(tables(part)[0])] == ["70 % (40–90 %)"] * 2
    warehouse.execute(
        "update mart.ground_profile set is_flagged = false, share_low = 0.699, share_high = 0.701"
    )
    part = section_of(warehouse, "31", "id", "ground_profile")
    assert "Tidak ada alasan yang benar-benar menonjol" in texts(part)
    assert {row["Bagian (selang 95\u00a0%)"].text for row in lines(tables(part)[0])} == {"70 %"}


def test_a_baseline_that_wins_is_named(read_only: Con) -> None:
    part = section_of(read_only, "31", "id", "backtest")
    said = texts(part)
    assert "menemukan 26 % pada 20 % TPS; pembanding terbaik (kejadian pada dua pemilihan terakhir" in said
    assert "Cara pembanding itu lebih baik daripada cara kami." in said and "−25 sampai +62 poin" in said
    assert "kalah pada 2" in said and "hampir tidak berarti" in said
    (table,) = tables(part)
    titles = [column.title for column in table.columns]
    assert titles[1:] == [
        "Pemilu 2019 (10 kejadian)",
        "Pemilu 2024 (1 kejadian)",
        "Pilkada 2024 (0 kejadian)",
    ]
    ours, baseline, _ = lines(table)
    assert ours["Cara peringkat"].text == "Kecenderungan (kredibilitas bertingkat) (cara kami)"
    assert (ours[titles[1]].text, ours[titles[1]].tone) == ("13 % / 26 %", "")
    assert (baseline[titles[1]].tone, ours[titles[3]].text) == ("strong", "tidak ada kejadian")
    assert len(panels(part)) == 2


@pytest.mark.parametrize(("difference", "words"), [(0.1, "Cara kami lebih baik."), (0.0, "Keduanya sama.")])
def test_a_rule_that_wins_or_ties_is_told_so(warehouse: Con, difference: float, words: str) -> None:
    warehouse.execute("update mart.backtest set difference = ? where method = 'cascade'", [difference])
    assert words in texts(section_of(warehouse, "31", "id", "backtest"))


def test_limit_of_what_can_be_seen_is_printed(read_only: Con) -> None:
    part = section_of(read_only, "31", "id", "resolution")
    found = [row["Rasio terkecil yang dikenali"].text for row in lines(tables(part)[0])]
    assert found == ["5,4×", "tidak dapat dikenali"]
    assert "harus 5,4 kali laju pembanding" in texts(part)
    assert "8,3×" in texts(section_of(read_only, "7371", "id", "resolution"))


@pytest.mark.slow
@pytest.mark.parametrize("code", ["00", "31", "3171", "73", "7371", "64", "317107"])
@pytest.mark.parametrize("how", ["delete from", "drop table"])
def test_empty_and_absent_marts_do_not_break_a_report(
    warehouse: Con, tmp_path: Path, code: str, how: str
) -> None:
    for mart in MARTS:
        warehouse.execute(f"{how} mart.{mart}")
    report = content(warehouse, code, "id")
    for key in {part.key for part in report.sections} & set(SECTIONS):
        assert len(texts(section(report, key))) > 40
    assert all(path.stat().st_size > 1000 for path in render(warehouse, code, "id", tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("code", ["00", "31", "3171"])
@pytest.mark.usefixtures("drawn_anew")
def test_sections_are_the_same_on_every_run(read_only: Con, tmp_path: Path, code: str) -> None:
    one = [path.read_bytes() for path in render(read_only, code, "en", tmp_path / "a")]
    two = [path.read_bytes() for path in render(read_only, code, "en", tmp_path / "b")]
    assert one == two


def test_no_funnel_of_two_areas(warehouse: Con) -> None:
    warehouse.execute("delete from mart.hotspots where scope_code = '00' and area_code = '3175'")
    assert not [alt for alt in panels(section_of(warehouse, "00", "id", "rankings")) if "Corong" in alt]
