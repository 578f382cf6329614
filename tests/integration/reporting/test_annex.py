"""The annex on paper: how long it may be, how small its letters, and that it says everything once."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import catalog
from pipelines.reporting.formats.html import page
from pipelines.reporting.formats.pdf import document
from pipelines.reporting.model import Report
from pipelines.reporting.site.render import content
from pipelines.warehouse.read import open_readonly
from tests.support import builds
from tests.support.picturing import program

DAY = dt.date(2026, 11, 25)
MOST_PAGES = {"00": 9, "73": 7, "3171": 5, "5206": 3}
ZOOM = 3  # pdftohtml says sizes in whole steps of a third of a point


@pytest.fixture(scope="module")
def papers(register_run: builds.Release) -> dict[str, tuple[Report, bytes]]:
    """Content and paper of the four areas."""
    with open_readonly(register_run.database) as con:
        reports = {code: content(con, code, "id") for code in MOST_PAGES}
    return {code: (report, document(report, DAY)) for code, report in reports.items()}


def letters(data: bytes, folder: Path) -> list[list[tuple[float, str]]]:
    """Size in points and text of everything written, page by page."""
    path = folder / "paper.pdf"
    path.write_bytes(data)
    asked = [program("pdftohtml"), "-xml", "-stdout", "-i", "-zoom", str(ZOOM), path]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    sizes: dict[str, float] = {}
    pages = []
    for part in told.split("<page ")[1:]:
        sizes |= {a: int(b) / ZOOM for a, b in re.findall(r'<fontspec id="(\d+)" size="(\d+)"', part)}
        found = re.findall(r'<text [^>]*font="(\d+)">(.*?)</text>', part)
        pages.append([(sizes[font], re.sub("<.*?>", "", text).strip()) for font, text in found])
    return pages


def written(pages: list[list[tuple[float, str]]]) -> Iterator[tuple[int, float, str]]:
    """(page, size, text) without the footer, which is small on every page."""
    for number, page_ in enumerate(pages, 1):
        for size, text in page_:
            if text and not re.match(r"Evaluasi tiga nol: .*(rilis|release)|Halaman \d+ / \d+$", text):
                yield number, size, text


@pytest.mark.parametrize("code", MOST_PAGES)
def test_paper_is_as_short_as_promised_and_can_be_read(
    papers: dict[str, tuple[Report, bytes]], tmp_path: Path, code: str
) -> None:
    report, data = papers[code]
    pages = letters(data, tmp_path)
    assert len(pages) <= MOST_PAGES[code]
    assert not [(n, text) for n, size, text in written(pages) if size < 8]
    assert report.brief is not None
    last = next(n for n, _, text in written(pages) if text.startswith(report.brief.sure_title[:8]))
    small = [(n, size, text) for n, size, text in written(pages) if size < 9 and n < last]
    assert not small, small[:5]


def test_a_warning_stands_once_on_a_page(papers: dict[str, tuple[Report, bytes]]) -> None:
    for code, (report, _) in papers.items():
        text = page(report, {"id": "x.html"})
        for key, words in catalog.caveats().items():
            assert text.count(words["id"]) <= 1, f"{code}: {key}"


def test_the_parts_point_to_the_book_and_terms_are_explained(
    papers: dict[str, tuple[Report, bytes]],
) -> None:
    for report, _ in papers.values():
        text = page(report, {"id": "x.html"})
        for part in ("all_elections", "incidents", "recap", "disputes"):
            section = re.search(rf'<section aria-labelledby="{part}">.*?</section>', text, re.DOTALL)
            assert section and 'href="methods.id.html#' in section.group(0), part
        assert "<dt>PSU</dt><dd>pemungutan suara ulang. " in text
        assert len(text.encode()) <= 300 * 1024
