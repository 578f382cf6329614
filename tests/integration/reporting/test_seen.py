"""Paper looked at: nothing in the margins, no blank page, embedded letters, and three pages as they were approved.

Golden pictures show invented data. A wanted change of layout or words makes them fail: look at the new page, renew
them with `TITIKRAWAN_GOLDEN=renew python -m pytest -k approved tests/integration/reporting/test_seen.py` and commit
the pictures.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image

from pipelines.reporting.formats.pdf import document
from pipelines.reporting.site.render import content
from tests.fixtures import FIXTURES
from tests.integration.reporting.test_checklist import sheet
from tests.support.hostile import poison
from tests.support.picturing import Grey, coarse, pictures, program
from tests.support.reading import DAY, paper_of

pytestmark = pytest.mark.xdist_group("paper")
Con = duckdb.DuckDBPyConnection
GOLDEN = FIXTURES / "golden"
DPI = 50
INK = 200  # darker than this is ink


def millimetres(size: float) -> int:
    return int(size / 25.4 * DPI)


def assert_margins_are_free(page: Grey, name: str) -> None:
    """13 of the 14 mm at the sides, 10 of 12 above, 5 below the footer."""
    side, top, bottom = millimetres(13), millimetres(10), millimetres(5)
    for strip, where in (
        (page[:, :side], "left"), (page[:, -side:], "right"), (page[:top], "top"), (page[-bottom:], "bottom"),
    ):  # fmt: skip
        assert strip.min() > INK, f"{name}: ink in the {where} margin"


@pytest.mark.parametrize("code", ["00", "31", "3171"])
@pytest.mark.parametrize("is_hostile", [False, True])
def test_nothing_stands_in_the_margins_and_no_page_is_blank(
    warehouse: Con, tmp_path: Path, code: str, is_hostile: bool
) -> None:
    if is_hostile:
        poison(warehouse)
    papers = {"report": document(content(warehouse, code, "id"), DAY) if is_hostile else paper_of(code, "id")}
    if code != "00":
        papers["checklist"] = document(sheet(warehouse, code), DAY, "checklist")
    for name, data in papers.items():
        seen = pictures(data, tmp_path, DPI)
        for number, page in enumerate(seen, 1):
            assert_margins_are_free(page, f"{name} {code}, page {number}")
            body = page[: -millimetres(15)]
            share = float((body < INK).mean())
            assert share > (0.001 if number == len(seen) else 0.01), (
                f"{name} {code}: page {number} is nearly blank"
            )
            # A page in the middle is used to at least half its height.
            lowest = np.nonzero((body < INK).any(axis=1))[0].max() / len(body)
            assert number == len(seen) or lowest > 0.5, f"{name} {code}: page {number} ends early"


def test_margins_would_be_seen_to_be_used() -> None:
    page = np.full((millimetres(297), millimetres(210)), 255.0)
    assert_margins_are_free(page, "empty")
    page[200, -3] = 0
    with pytest.raises(AssertionError, match="right margin"):
        assert_margins_are_free(page, "one dot")


def test_all_letters_are_embedded_and_of_the_house_face(read_only: Con, tmp_path: Path) -> None:
    path = tmp_path / "fonts.pdf"
    for data in (
        paper_of("3171", "id"),
        document(sheet(read_only, "3171"), DAY, "checklist"),
    ):
        path.write_bytes(data)
        told = subprocess.run([program("pdffonts"), path], check=True, capture_output=True, text=True).stdout
        fonts = [line.split() for line in told.splitlines()[2:]]
        # Text in the serif face, labels of drawings in the face they were measured in.
        faces = {re.sub(r"^[A-Z]+\+|-.*", "", font[0]) for font in fonts}
        assert "LibertinusSerif" in faces and faces <= {"LibertinusSerif", "DejaVuSans"}
        assert all(font[-5:-2] == ["yes", "yes", "yes"] for font in fonts)  # embedded, subset, searchable


APPROVED = {
    "report-3171-id": lambda _: paper_of("3171", "id"),
    "report-00-en": lambda _: paper_of("00", "en"),
    "checklist-3171-id": lambda con: document(sheet(con, "3171"), DAY, "checklist"),
}


def difference(one: Grey, other: Grey) -> tuple[float, float]:
    """Mean and largest difference of blurred pages, in steps of grey; infinite where sizes differ."""
    if one.shape != other.shape:
        return float("inf"), float("inf")
    gap = np.abs(coarse(one) - coarse(other))
    return float(gap.mean()), float(gap.max())


@pytest.mark.parametrize("name", APPROVED)
def test_page_looks_as_approved(read_only: Con, tmp_path: Path, name: str) -> None:
    path = GOLDEN / f"{name}.png"
    (page,) = pictures(APPROVED[name](read_only), tmp_path, DPI, last=1)
    if os.environ.get("TITIKRAWAN_GOLDEN") == "renew":
        Image.fromarray(page.astype("uint8")).quantize(16).save(path, optimize=True)
    approved = np.asarray(Image.open(path).convert("L"), dtype=float)
    mean, largest = difference(page, approved)
    seen = tmp_path / f"{name}.png"
    Image.fromarray(page.astype("uint8")).save(seen)
    assert mean < 1.5 and largest < 60, (
        f"{name} looks different (mean {mean:.1f}, at most {largest:.0f} steps of grey): compare {seen} with {path};"
        " if the change is wanted, run this test with TITIKRAWAN_GOLDEN=renew and commit the pictures"
    )


def test_a_moved_line_is_noticed_and_softer_letters_are_not(read_only: Con, tmp_path: Path) -> None:
    (page,) = pictures(APPROVED["checklist-3171-id"](read_only), tmp_path, DPI, last=1)
    softer = (page + np.roll(page, 1, axis=1)) / 2
    assert difference(page, softer)[0] < 1.5 and difference(page, softer)[1] < 60
    moved = page.copy()
    moved[200:] = np.roll(page[200:], 6, axis=0)
    mean, largest = difference(page, moved)
    assert mean >= 1.5 or largest >= 60
