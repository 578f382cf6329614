"""The search of the entry page in a real browser: at once, by keyboard, heard, silent on the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.reporting import render_index
from pipelines.reporting.site import Site

from .invented import put

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PLACES = [("32", "province", "Jawa Barat", None), ("3204", "regency", "Kabupaten Bandung", "32"),
          ("3217", "regency", "Kabupaten Bandung Barat", "32"), ("65", "province", "Kalimantan Utara", None),
          ("7309", "regency", "Kabupaten Pangkajéne dan Kepulauan", "73")]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from .invented import fill

    out = tmp_path_factory.mktemp("site")
    with duckdb.connect() as con:
        fill(con)
        for code, level, name, parent in PLACES:
            put(con, "ref.areas", {"area_code": code, "level": level, "name": name, "parent_code": parent})
        Site(con, out, None, ("id", "en"), {"3171": ("id",)}).make("3171", ("id",))
        render_index(con, ("id", "en"), out)
    return out


@pytest.fixture
def page(browser: Any, folder: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The entry page in a window of `request.param` pixels; fails on any console message or request."""
    heard: list[str] = []
    opened = browser.new_page(viewport={"width": getattr(request, "param", 1200), "height": 800})
    opened.on("console", lambda message: heard.append(message.text))
    opened.on("pageerror", lambda error: heard.append(str(error)))
    opened.on("request", lambda asked: heard.extend([asked.url] * (not asked.url.startswith("file:"))))
    opened.goto((folder / "index.html").as_uri())
    yield opened
    opened.close()
    assert heard == []


def found(page: Any, words: str) -> list[str]:
    """Codes of the areas that are shown for these words."""
    page.fill("#q", words)
    rows = page.eval_on_selector_all(
        "tbody tr[id]", "all => all.filter(r => r.checkVisibility()).map(r => r.id)"
    )
    return [str(one)[1:] for one in rows]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("jakpus", ["3171"]),
        ("pusat jakarta", ["3171"]),
        ("3171", ["3171"]),
        ("dki", ["31"]),
        ("pangkajene", ["7309"]),
        ("PANGKAJÉNE", ["7309"]),
        ("barat bandung", ["3217"]),
        ("bandung jawa barat", ["3204", "3217"]),
        ("sulsel", ["73"]),
        ("kaltara", ["65"]),
        ("makasar", ["7371"]),
        ("xyzzy", []),
        ("<script>", []),
    ],
)
def test_places_are_found_as_people_name_them(page: Any, words: str, codes: list[str]) -> None:
    assert found(page, words) == codes
    told = page.inner_text("#told")
    assert (str(len(codes)) in told) if codes else ("Tidak ada wilayah" in told)
    assert page.get_attribute("#told", "role") == "status"


@pytest.mark.parametrize("page", [360, 1200], indirect=True)
def test_keyboard_alone_finds_opens_and_clears(page: Any) -> None:
    found(page, "jakarta")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.tagName") == "A"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    assert page.input_value("#q") == "" and page.inner_text("#told") == ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found(page, "jakpus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/3171-*.id.html")
    assert "Jakarta Pusat" in page.inner_text("h1")


@pytest.mark.parametrize("page", [360], indirect=True)
def test_on_a_phone_every_value_has_its_heading_beside_it(page: Any) -> None:
    found(page, "jakpus")
    beside = page.eval_on_selector_all(
        "#a3171 td", "all => all.map(td => getComputedStyle(td, '::before').content)"
    )
    assert beside == [
        '"PSU"',
        '"Rekapitulasi terlambat"',
        '"Sengketa hasil (PHPU)"',
        '"Tingkat bukti"',
        '"Berkas"',
    ]
    name, value = (page.locator(f"#a3171 {part}").bounding_box() for part in ("th a", "td span >> nth=0"))
    assert name["x"] < 40 and value["x"] > 100


def test_search_takes_no_noticeable_time(page: Any) -> None:
    spent = page.evaluate(
        "() => { const q = document.getElementById('q'), began = performance.now();"
        " for (const word of ['k', 'ka', 'kab', 'kaba', 'kabup']) {"
        " q.value = word; q.dispatchEvent(new Event('input')) } return performance.now() - began }"
    )
    assert spent < 500


def test_without_script_every_area_is_still_listed(folder: Path, page: Any) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((folder / "index.html").as_uri())
    assert not plain.is_visible("#search")
    plain.click("#g32 summary")
    assert plain.is_visible("#a3217") and "Bandung Barat" in plain.inner_text("#a3217")
