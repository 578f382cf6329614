"""The PDF: the same content, the same bytes again, and data that never become Typst source."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.formats.pdf import breakable, document
from pipelines.reporting.model import Section, Text
from pipelines.reporting.site.render import content, render
from pipelines.warehouse.read import open_readonly
from tests.support import builds
from tests.support.hostile import poison
from tests.support.reading import DAY, paper_of, report_of

pytestmark = pytest.mark.xdist_group("paper")
Con = duckdb.DuckDBPyConnection


def text_of(data: bytes, tmp_path: Path) -> str:
    """Text of a PDF by poppler's pdftotext; skips where it is not installed."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = tmp_path / "read.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True, text=True).stdout


def test_same_content_gives_the_same_bytes() -> None:
    assert document(report_of("3171", "id"), DAY) == paper_of("3171", "id")
    assert paper_of("3171", "id").startswith(b"%PDF-")
    assert paper_of("3171", "id") != paper_of("3171", "en")


def test_creation_date_is_the_date_of_the_data(warehouse: Con, tmp_path: Path) -> None:
    warehouse.execute("update meta.release set data_date = '2023-03-01'")
    (path,) = render(warehouse, "31", "id", tmp_path, ("pdf",))
    assert b"20230301" in path.read_bytes()


def test_paper_can_be_heard() -> None:
    assert b"<pdfuaid:part>1</pdfuaid:part>" in paper_of("3171", "id")


def test_paper_says_what_the_screen_says(tmp_path: Path) -> None:
    text = text_of(paper_of("3171", "id"), tmp_path)
    flat = " ".join(text.split())
    for words in (
        "Evaluasi tiga nol: Kota Administrasi Jakarta Pusat", "Data simulasi", "0 TPS dari 3.014 TPS", "tidak ada data",
        "Daftar pantauan, bukan penetapan pelanggaran", "Halaman 1 / ", "Rilis 2026-11-25-0123456789ab", "example.org",
    ):  # fmt: skip
        assert words in flat, words


@pytest.mark.parametrize(("code", "lang"), [("00", "id"), ("31", "en"), ("3171", "id"), ("7371", "en")])
def test_the_brief_stands_on_the_first_two_pages(
    register_run: builds.Release, tmp_path: Path, code: str, lang: str
) -> None:
    """Its parts in their order, headline first; what proves it follows after them."""
    with open_readonly(register_run.database) as con:
        report = content(con, code, lang)
    brief = report.brief
    assert brief is not None
    parts = [brief.headline[:40], brief.places_title, brief.steps_title, brief.sure_title]
    text = text_of(document(report, DAY), tmp_path)
    seen = [" ".join(page.split()) for page in text.split("\f")]
    pages = [next(n for n, page in enumerate(seen) if " ".join(part.split()) in page) for part in parts]
    assert pages[:2] == [0, 0], f"{dict(zip(parts, pages, strict=True))}"
    assert pages == sorted(pages) and pages[-1] <= 1
    first = report.sections[0].title
    assert text.index(brief.sure_title) < text.index(first, text.index(brief.sure_title))


def test_every_page_is_numbered_and_none_is_blank(tmp_path: Path) -> None:
    pages = text_of(paper_of("31", "id"), tmp_path).split("\f")[:-1]
    for number, text in enumerate(pages, 1):
        assert f"Halaman {number} / {len(pages)}" in text
        # The last page may hold only the last lines.
        assert len(text.split()) > (25 if number == len(pages) else 60), f"page {number} is nearly blank"


@pytest.mark.parametrize("code", ["3171", "31", "00"])
def test_hostile_texts_come_out_as_texts(warehouse: Con, tmp_path: Path, code: str) -> None:
    poison(warehouse)
    data = document(content(warehouse, code, "id"), DAY)
    assert b"/JavaScript" not in data and b"(javascript:" not in data
    flat = re.sub("[\\s\u200b\u00ad-]", "", text_of(data, tmp_path))
    assert '#panic("x")$x^2$*bold*_it_`raw`@ref<lbl>' in flat
    assert "root:" not in flat


def test_no_line_ends_within_an_interval_and_its_text_is_plain(tmp_path: Path) -> None:
    report = report_of("3171", "id")
    steps = tuple("kata " * 16 + "i " * n + "(1.000,25–2.000,75 %) lalu" for n in range(40))
    section = Section("part", "Bagian", (Text(steps),))
    lines = text_of(document(replace(report, sections=(section,)), DAY), tmp_path).splitlines()
    assert sum("(1.000,25–2.000,75 %)" in line for line in lines) == len(steps)
    assert sum(line.startswith("(1.000,25–") for line in lines) > 3  # some would have been parted


def test_only_long_unbroken_words_get_places_to_break() -> None:
    assert breakable("Kabupaten/kota sekurang-kurangnya") == "Kabupaten/kota sekurang-kurangnya"
    broken = breakable("x" * 50)
    assert broken.replace("\u200b", "") == "x" * 50
    assert max(map(len, broken.split("\u200b"))) <= 8
