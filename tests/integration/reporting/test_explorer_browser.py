"""The explorer in a real browser: what is chosen stands in the address, the map follows, figures can be taken away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipelines.reporting.site.index import render_index
from tests.functional.reporting.test_explorer import event
from tests.integration.reporting.test_seen import GOLDEN, difference
from tests.support.invented import put
from tests.support.invented_warehouse import copy_of, invented

# One after the other on one page: what one chose, the next begins with.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("explorer")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explorer")
    with copy_of(invented()) as con:
        for code, q in (("3171", 0), ("3175", 1), ("7371", 2)):
            tile = {"map_code": "00", "level": "regency", "area_code": code, "tile_q": q, "tile_r": 0}
            put(con, "ref.tiles", tile)
        event(con, "3171", "pemilu-2024", "psu", 1234)
        event(con, "3171", "pemilu-2019", "psu", 2)
        event(con, "7371", "pemilu-2024", "psu", 3, is_at_least=False)
        event(con, "7371", "pemilu-2024", "dispute", 1)
        render_index(con, ("id",), out)
    return out


@pytest.fixture(scope="module")
def opened(browser: Any, folder: Path) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    yield page
    assert page.faults == []
    page.close()


def rows(page: Any, table: str) -> list[list[str]]:
    return page.eval_on_selector_all(
        f"{table} tbody tr", "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def test_what_is_chosen_stands_in_the_address_and_comes_back_from_it(opened: Any, folder: Path) -> None:
    assert [row[0] for row in rows(opened, "#xt")] == ["Kota Administrasi Jakarta Pusat", "Kota Makassar"]
    opened.select_option("#xo", "psu")
    opened.select_option("#xe", "pemilu-2024")
    opened.select_option("#xp", "73")
    assert opened.url.endswith("#psu,pemilu-2024,73")
    assert rows(opened, "#xt") == [["Kota Makassar", "Sulawesi Selatan", "3", "1"]]
    assert opened.get_attribute('a[data-area="3171"]', "aria-label").endswith(": ≥ 1.234")
    assert "off" in opened.get_attribute('a[data-area="3171"]', "class")
    opened.evaluate("location.hash = '#dispute,,,,3171+7371'")
    opened.wait_for_function("document.getElementById('xo').value === 'dispute'")
    assert [row[0] for row in rows(opened, "#xt")] == ["Kota Makassar"]
    assert opened.text_content("#xv caption") == "Kota Administrasi Jakarta Pusat dan Kota Makassar"
    assert ["Pemilu 2024", "PSU", "≥ 1.234", "3"] in rows(opened, "#xv")
    assert opened.get_attribute("#xv thead a >> nth=0", "href") == "#a3171"


def test_map_and_table_can_be_taken_away_with_their_source(opened: Any) -> None:
    with opened.expect_download() as taken:
        opened.click("#xd")
    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert (
        '"7371","Kota Makassar","Sulawesi Selatan","1","1","1"' in text
        and "Sumber: register titik-rawan" in text
    )
    with opened.expect_download() as taken:
        opened.click("#xg")
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")
    assert taken.value.suggested_filename == "titik-rawan-dispute-3171-7371.png"


def test_the_explorer_is_accessible_and_fits_a_phone(opened: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(opened)
    assert found.response["violations"] == []
    assert opened.evaluate("document.documentElement.scrollWidth") == 360


def test_map_and_choices_look_as_approved(opened: Any, tmp_path: Path) -> None:
    """Renewed like the pages of `test_seen.py`: TITIKRAWAN_GOLDEN=renew, look, commit."""
    opened.evaluate("location.hash = '#psu,pemilu-2024'")
    opened.wait_for_function("document.getElementById('xe').value === 'pemilu-2024'")
    seen, path = tmp_path / "explorer.png", GOLDEN / "explorer-id.png"
    opened.evaluate("document.getElementById('search').hidden = true")  # it sticks to the top, over the map
    opened.locator("#map").screenshot(path=seen)
    page = np.asarray(Image.open(seen).convert("L"), dtype=float)
    if os.environ.get("TITIKRAWAN_GOLDEN") == "renew":
        Image.fromarray(page.astype("uint8")).quantize(16).save(path, optimize=True)
    mean, largest = difference(page, np.asarray(Image.open(path).convert("L"), dtype=float))
    assert mean < 1.5 and largest < 60, f"the explorer looks different: compare {seen} with {path}"
