"""An office's workbook goes in, what is not understood comes back marked, corrected it goes in."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from pipelines.catalog.messages import UserError
from pipelines.catalog.vocabulary import WORKBOOK_KINDS
from pipelines.catalog.workbooks import workbooks
from pipelines.cli.main import build
from pipelines.jobs.fingerprints import read_inputs
from pipelines.jobs.own import take, take_inbox
from pipelines.sources import discover, verify
from pipelines.sources.own import read as read_own
from pipelines.workbooks.register import read_register
from pipelines.workbooks.template import write_templates

ROOT = Path(__file__).resolve().parents[3]
HEAD = [
    "No",
    "Kab/Kota",
    "Kecamatan",
    "Kelurahan",
    "No. TPS",
    "Jenis",
    "Status",
    "Surat Suara",
    "Hari/Tanggal",
    "No. BA",
    "Ket.",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "raw" / "register", tmp_path / "data" / "raw" / "register")
    return tmp_path


@pytest.fixture
def two_provinces(root: Path) -> Path:
    """A register with fewer areas: lists of all that a person may choose from go into every template."""
    path = root / "data" / "raw" / "register" / "areas.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(head + "".join(one for one in lines if one[:2] in ("00", "31", "73")), encoding="utf-8")
    return root


def office_sheet(path: Path, rows: list[list[Any]]) -> Path:
    """As offices keep them: merged titles, numbered columns, a total, a note, signatures, a second sheet."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Data PSU"
    page.append(["DAFTAR PSU PEMILU 2024"])
    page.append(["KPU KOTA ADM. JAKARTA PUSAT"])
    page.merge_cells("A1:K1")
    page.append([])
    page.append(HEAD)
    page.append(list(range(1, len(HEAD) + 1)))
    for row in rows:
        page.append(row)
    page.append(["Jumlah", None, None, None, len(rows)])
    page.append(["Catatan: data sementara"])
    page.append([None, None, None, None, None, None, None, "Mengetahui, Ketua"])
    page.row_dimensions[6].hidden = True
    page["M2"] = "=1+1"
    book.create_sheet("Lain").append(["tidak ada tabel di sini"])
    book.save(path)
    return path


GOOD = [
    [
        1,
        "Jakarta Pusat",
        "Kec. Menteng",
        "Kel. Menteng",
        "TPS 043",
        "PSU",
        "Sudah dilaksanakan",
        "DPR RI, DPD & DPRD Provinsi",
        "Sabtu, 24 Februari 2024",
        "BA 1/2024",
        "",
    ],
    [
        2,
        None,
        "Kemayoran, Jakpus",
        "Serdang",
        "12 & 13",
        "Pemungutan Suara Ulang",
        "dilaksanakan",
        "semua",
        "24/2/24",
        "",
        "dua TPS",
    ],
    [3, "JAKARTA PUSAT", "SENEN", "", "3-4", "psl", "direkomendasikan", "", "", "https://example.org/a", ""],
]
BAD = [
    [
        4,
        "Jakarta Pusat",
        "Kemayorn",
        "Serdang",
        5,
        "PSU",
        "dilaksanakan",
        "DPR",
        dt.datetime(2024, 2, 24),
        "BA 2",
        "",
    ],
    [
        5,
        "Jakarta Pusat",
        "Menteng",
        "Menteng",
        6,
        "PSX",
        "dilaksanakan",
        "DPR",
        "Minggu, 24 Februari 2024",
        "BA 3",
        "",
    ],
]


def own_rows(root: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in sorted((root / "data" / "raw" / "own").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def test_an_office_sheet_goes_in_as_it_is(root: Path) -> None:
    taken = take(root, office_sheet(root / "psu.xlsx", GOOD), "kejadian", election="pemilu-2024")
    assert not taken.reading.problems and taken.marked is None
    rows = own_rows(root)
    assert [(r["area_code"], r["village"], r["tps"], r["kind"], r["status"]) for r in rows] == [
        ("3171061001", "Menteng", "043", "psu", "held"),
        ("3171031004", "Serdang", "012", "psu", "held"),
        ("3171031004", "Serdang", "013", "psu", "held"),
        ("317104", "", "003", "psl", "recommended"),
        ("317104", "", "004", "psl", "recommended"),
    ]
    assert rows[0]["ballots"] == "dpr;dpd;dprd_prov" and rows[1]["ballots"] == "all"
    assert {r["date_held"] for r in rows} == {"2024-02-24", ""}
    assert rows[0]["source_url"] == "dokumen:BA 1/2024" and rows[3]["source_url"] == "https://example.org/a"
    assert rows[1]["source_url"].startswith("dokumen:psu")
    passed = [p.what for p in taken.reading.passed]
    assert any(p.startswith("Jumlah") for p in passed) and any(p.startswith("Catatan") for p in passed)
    assert "Lain" in passed


SHORT = [
    "No.",
    "Pemilu",
    "Prov",
    "Kab/Kota",
    "Kec.",
    "Nama Kel/Desa",
    "No TPS",
    "Jml TPS",
    "Tgl PSU",
    "Alasan",
    "Dasar (BA/SK)",
]
SHORT_ROWS = [
    [1, "Pemilu Tahun 2024", "D.K.I. Jakarta", "Jakarta Pusat", "Kec. Menteng", "Pegangsaan", "TPS043", "1 (satu)",
     "Sabtu, 24 Februari 2024 pukul 08.00 WIB", "Pemilih tidak terdaftar memilih", "BA No 12/PL.01.8-BA/3171/2024"],
    [2, "Pemilihan Umum 2024", "", "Jakpus", "kemayoran", "kebon kosong", "3 s.d. 4", "dua", "24-Peb-24",
     "Mencoblos lebih dari 1x", "BA 14/PL.01.8/2024"],
    [3, "Pemilu 2024", "-", "Jakarta Pusat", "Senen", "Bungur", "9", "1", dt.datetime(2024, 2, 24), "-", "BA 15/2024"],
]  # fmt: skip


def short_sheet(path: Path, title: str, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Lembar"
    for row in ([title], ["KPU KOTA ADM. JAKARTA PUSAT"], [], SHORT, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_short_headers_words_for_numbers_and_a_title_that_says_the_kind(root: Path) -> None:
    path = short_sheet(root / "a.xlsx", "REKAPITULASI PEMUNGUTAN SUARA ULANG", SHORT_ROWS)
    outcome = take(root, path, "kejadian")
    rows = own_rows(root)
    assert [(r["tps"], r["kind"], r["status"], r["date_held"]) for r in rows] == [
        ("043", "psu", "held", "2024-02-24"), ("003", "psu", "held", "2024-02-24"),
        ("004", "psu", "held", "2024-02-24"), ("009", "psu", "held", "2024-02-24"),
    ]  # fmt: skip
    assert [r["ground_code"] for r in rows] == ["ineligible_voter", "voted_twice", "voted_twice", ""]
    assert {r["election_id"] for r in rows} == {"pemilu-2024"}
    assert rows[0]["source_url"] == "dokumen:BA No 12/PL.01.8-BA/3171/2024"  # "Dasar" is no actor here
    assert any("judul lembar" in passed.said["id"] for passed in outcome.reading.passed)


def test_an_election_named_by_the_person_goes_before_the_title(root: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["PSU PEMILU 2024"], [], SHORT[2:], SHORT_ROWS[0][2:]):  # no column names the election
        book.active.append(row)
    book.save(root / "a.xlsx")
    for election, meant in (("pilkada-2024", "pilkada-2024"), ("", "pemilu-2024")):
        take(root, root / "a.xlsx", "kejadian", election=election)
        assert {r["election_id"] for r in own_rows(root)} == {meant}


def test_a_title_that_says_two_kinds_says_none_and_a_line_is_told_once(root: Path) -> None:
    path = short_sheet(
        root / "a.xlsx", "PEMUNGUTAN SUARA ULANG DAN PEMUNGUTAN SUARA SUSULAN", SHORT_ROWS[1:2]
    )
    outcome = take(root, path, "kejadian")
    assert [p.field for p in outcome.reading.problems] == ["kind"]  # two stations, one line


def test_a_recapitulation_is_that_of_its_area_and_the_office_stands_in_the_title(root: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Rekap"
    for row in (
        ["JADWAL REKAPITULASI PEMILU 2024"], ["KPU Kota Administrasi Jakarta Pusat Tahun 2024"], [],
        ["No", "Kecamatan", "Tgl Selesai", "Batas Waktu"],
        [1, "Menteng", "20 Peb 2024", "2/3/2024"], [2, "Kec. Senen", "3 Maret 2024", "2 Maret 2024"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(root / "r.xlsx")
    take(root, root / "r.xlsx", "rekap")
    assert [(r["area_code"], r["milestone"], r["date_completed"]) for r in own_rows(root)] == [
        ("317106", "recap_district", "2024-02-20"), ("317104", "recap_district", "2024-03-03"),
    ]  # fmt: skip


def test_dasar_that_names_actors_is_the_actor(root: Path) -> None:
    rows = [
        [*row[:-1], basis]
        for row, basis in zip(SHORT_ROWS, ("Rekomendasi Bawaslu", "KPU", "Putusan MK"), strict=True)
    ]
    book = openpyxl.Workbook()
    for row in ([*SHORT[:-1], "Dasar"], *rows):
        book.active.append(row)
    book.active.title = "PSU"
    book.save(root / "a.xlsx")
    take(root, root / "a.xlsx", "kejadian")
    assert [r["basis"] for r in own_rows(root)] == ["bawaslu", "kpu", "kpu", "mk"]


def test_rows_of_an_office_are_marked_own_and_reach_the_tables_of_the_register(root: Path) -> None:
    take(root, office_sheet(root / "psu.xlsx", GOOD), "kejadian", election="pemilu-2024")
    (table,) = list(read_own(root / "data" / "raw" / "own"))
    assert table.table == "core.revote_claim" and len(table.frame) == 5
    assert set(table.frame["source_file"]) == {"own/kejadian--psu.csv"}
    assert "own" in discover(root / "data" / "raw") and not verify(root / "data" / "raw" / "own")


def test_a_file_written_before_a_column_was_declared_is_still_read(root: Path) -> None:
    taken = take(root, office_sheet(root / "psu.xlsx", GOOD), "kejadian", election="pemilu-2024")
    assert taken.file is not None
    lines = [line.rpartition(",")[0] for line in taken.file.read_text(encoding="utf-8").splitlines()]
    taken.file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (table,) = list(read_own(root / "data" / "raw" / "own"))
    assert set(table.frame["note"]) == {""} and len(table.frame) == 5


def test_what_is_not_understood_comes_back_and_goes_in_when_corrected(root: Path) -> None:
    path = office_sheet(root / "psu.xlsx", GOOD + BAD)
    taken = take(root, path, "kejadian", election="pemilu-2024")
    assert len(own_rows(root)) == 5 and taken.reading.n_refused == 2
    assert taken.marked == root / "psu.diperiksa.xlsx"
    book = openpyxl.load_workbook(taken.marked)
    assert book.sheetnames == ["Hasil pemeriksaan", "Data PSU", "Lain"]
    page = book["Data PSU"]
    district, kind, day = page["C9"], page["F10"], page["I10"]
    assert district.value == "Kemayorn" and "Kemayoran" in district.comment.text
    assert (
        district.fill.start_color.rgb == "FFFFC7CE"
        and "PSX" in kind.comment.text
        and "Sabtu" in day.comment.text
    )
    assert (
        page["C6"].comment is None
        and page["M2"].value == "=1+1"
        and "A1:K1" in map(str, page.merged_cells.ranges)
    )
    listed = [row for row in book["Hasil pemeriksaan"].iter_rows(values_only=True) if row[0] == "Data PSU"]
    assert {row[1] for row in listed[:3]} == {9, 10}
    district.value, kind.value, day.value = "Kemayoran", "PSU", "Sabtu, 24 Februari 2024"
    book.save(taken.marked)
    again = take(root, taken.marked, "kejadian", election="pemilu-2024")
    assert not again.reading.problems and again.n_replaced == 5
    assert len(own_rows(root)) == 7 and len(list((root / "data" / "raw" / "own").glob("*.csv"))) == 1


def test_a_workbook_in_the_inbox_is_taken_once_and_its_copy_lies_beside_it(root: Path) -> None:
    inbox = root / "data" / "raw" / "inbox"
    inbox.mkdir()
    rows = [[*row[:8], row[8], row[9], row[10]] for row in BAD]
    path = office_sheet(inbox / "psu.xlsx", rows)
    before = read_inputs(root / "data" / "raw").digest
    said: list[str] = []
    assert take_inbox(root, lambda m: said.append(m["id"])) == 1
    assert (inbox / "psu.diperiksa.xlsx").exists() and (inbox / "psu.xlsx.pemberitahuan.txt").exists()
    assert read_inputs(root / "data" / "raw").digest == before and not own_rows(root)
    assert take_inbox(root, lambda m: said.append(m["id"])) == 0
    path.write_bytes(b"broken")
    assert take_inbox(root, lambda m: said.append(m["id"])) == 1
    assert "psu.xlsx" in said[-1] and "inbox" not in discover(root / "data" / "raw")


@pytest.mark.slow
def test_templates_have_every_declared_column_and_their_example_is_not_read(
    two_provinces: Path, tmp_path: Path
) -> None:
    register = read_register(two_provinces / "data" / "raw" / "register")
    written = write_templates(tmp_path / "templat", register)
    assert [p.stem for p in written] == list(workbooks().kinds) == list(WORKBOOK_KINDS)
    for path in written:
        kind = workbooks().kinds[path.stem]
        book = openpyxl.load_workbook(path)
        page = book[kind.name]
        heads = [str(c.value).removesuffix(" *") for c in page[3]][1:]
        assert heads == [f.title["id"].split(" (")[0] for f in kind.asked]
        assert page["A4"].value == "CONTOH" and book["_wilayah"].sheet_state == "hidden"
        rules = {str(rule.sqref).split(":")[0]: rule for rule in page.data_validations.dataValidation}
        kinds_of_rule = {rule.type for rule in rules.values()}
        assert {"list", "date"} <= kinds_of_rule
        offset = [r.formula1 for r in rules.values() if r.formula1.startswith("OFFSET")]
        assert len(offset) == sum(f.name in ("regency", "district") for f in kind.asked)
        taken = take(two_provinces, path, kind.name)
        assert taken.reading.n_read == 0 and taken.file is None
        assert [p.said["en"] for p in taken.reading.passed] == ["The example row of the template."]


@pytest.mark.slow
def test_a_filled_template_goes_in(root: Path) -> None:
    write_templates(root / "t", read_register(root / "data" / "raw" / "register"))
    path = root / "t" / "temuan.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["temuan"]
    columns = {str(c.value).removesuffix(" *"): c.column for c in page[3]}
    filled = {
        "Pemilihan": "Pemilu Serentak 2024",
        "Provinsi": "DKI Jakarta",
        "Kabupaten/kota": "Kota Jakarta Pusat",
        "Bekal": 4,
        "Tahapan": "pemungutan suara",
        "Masalah": "Surat suara tertukar",
        "Rekomendasi": "Cek silang",
        "Tenggat": dt.date(2026, 6, 30),
        "Pelaksana": "Subbagian teknis",
        "Alamat sumber": "ND 5/2024",
    }
    for title, value in filled.items():
        page.cell(5, columns[title], value)
    book.save(path)
    found = CliRunner().invoke(build("id"), ["add", "temuan", str(path)], env={"TITIKRAWAN_ROOT": str(root)})
    assert found.exit_code == 0, found.output
    (row,) = own_rows(root)
    assert (row["area_code"], row["level"], row["provision_code"]) == ("3171", "regency", "sop")
    assert (row["finding_stage"], row["finding_status"], row["deadline"]) == ("voting", "open", "2026-06-30")


def test_csv_with_semicolons_and_bom(root: Path) -> None:
    path = root / "rekap.csv"
    path.write_bytes(
        "\ufeffPemilu;Kecamatan;Kab/Kota;Tahap;Tgl Selesai\nPemilu 2024;Menteng;Jakarta Pusat;PPK;1/3/2024\n".encode()
    )
    assert not take(root, path, "").reading.problems
    (row,) = own_rows(root)
    assert (row["milestone"], row["date_completed"], row["area_code"]) == (
        "recap_district",
        "2024-03-01",
        "317106",
    )


def refused(root: Path, path: Path) -> str:
    with pytest.raises(UserError) as error:
        take(root, path, "kejadian")
    return str(error.value)


@pytest.mark.slow
def test_what_must_not_be_opened_gets_a_clear_answer(root: Path) -> None:
    ole = root / "lama.xls"
    ole.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert "old format" in refused(root, ole)
    locked = root / "kunci.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in refused(root, locked)
    good = office_sheet(root / "psu.xlsx", GOOD)
    for name, content, said in (
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/x.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", "entities"),
        ("xl/big.bin", b"\0" * 30_000_000, "unpacks"),
    ):
        copy = Path(shutil.copy(good, root / "copy.xlsx"))
        with zipfile.ZipFile(copy, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        assert said in refused(root, copy)
    (root / "a.xlsm").write_bytes(good.read_bytes())
    assert "macros" in refused(root, root / "a.xlsm")
    (root / "a.doc").write_bytes(b"x")
    assert ".ods" in refused(root, root / "a.doc")
    assert "no file" in refused(root, root / "tidak-ada.xlsx")
    long = root / "panjang.csv"
    long.write_text("a;b;c\n" * 200_002, encoding="utf-8")
    assert "200000 rows" in refused(root, long)
    short = root / "asing.csv"
    short.write_text("x;y;z\n1;2;3\n", encoding="utf-8")
    assert "template" in refused(root, short)


def test_external_links_are_named_and_not_followed(root: Path) -> None:
    path = office_sheet(root / "psu.xlsx", GOOD + BAD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    taken = take(root, path, "kejadian", election="pemilu-2024")
    assert taken.marked is not None
    summary = openpyxl.load_workbook(taken.marked)["Hasil pemeriksaan"]
    assert any("Tautan tidak diikuti" in str(c) for row in summary.iter_rows(values_only=True) for c in row)


def test_a_cell_that_looks_like_a_formula_stays_text_in_the_summary(root: Path) -> None:
    rows = [[1, "Jakarta Pusat", "@cmd|calc", "", 5, "PSU", "dilaksanakan", "", "24/2/24", "BA", ""]]
    taken = take(root, office_sheet(root / "psu.xlsx", rows), "kejadian", election="pemilu-2024")
    assert taken.marked is not None
    summary = openpyxl.load_workbook(taken.marked)["Hasil pemeriksaan"]
    assert all(
        c.data_type != "f" and not str(c.value).startswith(("=", "@"))
        for row in summary.iter_rows()
        for c in row
    )


def test_broken_bytes_never_end_in_a_traceback(root: Path) -> None:
    """Forty workbooks with bytes changed at random (seed 7): read, or refused with an error that people see."""
    chance = random.Random(7)
    whole = office_sheet(root / "psu.xlsx", GOOD).read_bytes()
    for number in range(40):
        spoilt = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        path = root / f"f{number}.{chance.choice(['xlsx', 'ods', 'csv'])}"
        path.write_bytes(spoilt[: chance.randrange(len(spoilt))] if number % 4 == 0 else spoilt)
        try:
            take(root, path, "kejadian", election="pemilu-2024")
        except UserError as error:
            assert error.said("id")


def test_an_office_declares_its_area_by_code_or_name(root: Path) -> None:
    def office(*words: str) -> Any:
        return CliRunner().invoke(build("id"), ["office", *words], env={"TITIKRAWAN_ROOT": str(root)})

    taken = CliRunner().invoke(
        build("id"),
        ["add", "kejadian", str(office_sheet(root / "psu.xlsx", GOOD)), "--election", "pemilu-2024"],
        env={"TITIKRAWAN_ROOT": str(root)},
    )
    assert taken.exit_code == 0 and "titikrawan office" in taken.output
    assert office("3171", "--name", "KPU Kota Jakarta Pusat").exit_code == 0
    assert office("Kota Depok", "--workbook", "Rekap Depok").exit_code == 0
    assert office("3172").exit_code == 0  # replaces the first
    wrong = office("Jakarta Pusta")
    assert wrong.exit_code == 1 and "Kota Administrasi Jakarta Pusat" in wrong.output.replace("\n", " ")
    assert "3172" in office().output and "3171 " not in office().output
    tables = {t.table: t.frame for t in read_own(root / "data" / "raw" / "own")}
    rows = tables["ref.offices"]
    assert list(zip(rows["workbook"], rows["area_code"], strict=True)) == [
        ("", "3172"),
        ("rekap-depok", "3276"),
    ]
    assert set(rows["source_file"]) == {"own/kantor.csv"} and len(tables["core.revote_claim"]) == 5
