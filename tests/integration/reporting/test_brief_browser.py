"""A page with a map as wide as the nation: it fits a phone, and its charts and tables can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reporting.site.render import render
from tests.support.invented import D, put
from tests.support.invented_warehouse import copy_of, invented

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
# What scrolls in a box of its own, and what is only there for screen readers, is not on the screen.
WIDER = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .contents, .skip, thead')
    && getComputedStyle(e).position !== 'absolute' && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nation's page, whose map is forty tiles wide and three high."""
    with copy_of(invented()) as con:
        event = {
            "area_code": "7371",
            "level": "regency",
            "outcome": "psu",
            "n": 3,
            "n_held": 3,
            "n_recommended": 0,
        }
        event |= {"election_id": "pemilu-2024", "voting_date": D(2024, 2, 14), "is_at_least": True}
        put(con, "mart.area_events", event)
        known = con.execute("select area_code from ref.areas where level = 'regency'").fetchall()
        for place in range(120):
            code = known[place][0] if place < len(known) else f"31{place + 100}"
            if place >= len(known):
                area = {
                    "area_code": code,
                    "level": "regency",
                    "name": f"Kab. Jauh {place}",
                    "parent_code": "31",
                }
                put(con, "ref.areas", area)
            tile = {"map_code": "00", "level": "regency", "area_code": code}
            put(con, "ref.tiles", tile | {"tile_q": place % 40, "tile_r": place // 40})
        folder = tmp_path_factory.mktemp("wide")
        return next(path for path in render(con, "00", "id", folder, formats=("html",)))


@pytest.fixture
def phone(browser: Any, nation: Path) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    window = context.new_page()
    window.heard = []
    window.on("console", lambda message: window.heard.append(message.text))
    window.on("pageerror", lambda error: window.heard.append(str(error)))
    window.goto(nation.as_uri())
    yield window
    context.close()


def test_a_wide_map_fits_a_phone_and_goes_out_as_picture_and_data(phone: Any) -> None:
    assert phone.locator(".where.broad svg").count() == 1
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.evaluate(WIDER) == []
    with phone.expect_download() as taken:
        phone.click(".tiles .take button >> nth=0")
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")
    assert taken.value.suggested_filename == "titik-rawan-00-di-mana-dan-seberapa-sering.png"
    with phone.expect_download() as taken:
        phone.click(".tiles .take button >> nth=1")
    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert '"Kab. Jauh 119","belum diketahui"' in text and "Sumber: register titik-rawan" in text
    with phone.expect_download() as taken:
        phone.click(".scroll + .take button >> nth=0")
    assert taken.value.suggested_filename.endswith(".csv") and phone.heard == []
