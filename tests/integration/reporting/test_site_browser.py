"""The search of the entry page in a real browser: at once, by keyboard, heard, silent on the network."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reporting.language.short_names import SHORT_NAMES
from pipelines.reporting.site.index import render_index
from pipelines.reporting.site.site import Site
from tests.support.invented import put
from tests.support.invented_warehouse import copy_of, invented

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("site_browser")]
PLACES = [("32", "province", "Jawa Barat", None), ("3204", "regency", "Kabupaten Bandung", "32"),
          ("3217", "regency", "Kabupaten Bandung Barat", "32"), ("65", "province", "Kalimantan Utara", None),
          ("7309", "regency", "Kabupaten Pangkajéne dan Kepulauan", "73")]  # fmt: skip
AREAS = Path(__file__).resolve().parents[3] / "data" / "raw" / "register" / "areas.csv"
# What people mean, by the official name.
MEANT = {
    "nad": "Aceh", "sumut": "Sumatera Utara", "sumbar": "Sumatera Barat", "sumsel": "Sumatera Selatan",
    "babel": "Kepulauan Bangka Belitung", "kepri": "Kepulauan Riau", "dki": "Daerah Khusus Ibukota Jakarta",
    "dkj": "Daerah Khusus Ibukota Jakarta", "jabar": "Jawa Barat", "jateng": "Jawa Tengah",
    "diy": "Daerah Istimewa Yogyakarta", "jatim": "Jawa Timur", "ntb": "Nusa Tenggara Barat",
    "ntt": "Nusa Tenggara Timur", "kalbar": "Kalimantan Barat", "kalteng": "Kalimantan Tengah",
    "kalsel": "Kalimantan Selatan", "kaltim": "Kalimantan Timur", "kaltara": "Kalimantan Utara",
    "sulut": "Sulawesi Utara", "sulteng": "Sulawesi Tengah", "sulsel": "Sulawesi Selatan",
    "sultra": "Sulawesi Tenggara", "sulbar": "Sulawesi Barat", "malut": "Maluku Utara", "pabar": "Papua Barat",
    "papsel": "Papua Selatan", "papteng": "Papua Tengah", "papeg": "Papua Pegunungan", "pbd": "Papua Barat Daya",
    "muratara": "Kabupaten Musi Rawas Utara", "jakpus": "Kota Administrasi Jakarta Pusat",
    "jakut": "Kota Administrasi Jakarta Utara", "jakbar": "Kota Administrasi Jakarta Barat",
    "jaksel": "Kota Administrasi Jakarta Selatan", "jaktim": "Kota Administrasi Jakarta Timur",
    "tangsel": "Kota Tangerang Selatan", "mitra": "Kabupaten Minahasa Tenggara",
    "sitaro": "Kabupaten Kep. Siau Tagulandang Biaro", "pangkep": "Kabupaten Pangkajene dan Kepulauan",
}  # fmt: skip
ALSO_MEANT = {
    "solo": ["Kabupaten Solok", "Kota Solok", "Kabupaten Solok Selatan", "Kota Surakarta"],
    **{
        words: ["Daerah Istimewa Yogyakarta", "Kota Yogyakarta"] for words in ("jogja", "jogjakarta", "yogya")
    },
}
GUESSED = {
    "kukar": "Kabupaten Kutai Kartanegara", "kobar": "Kabupaten Kotawaringin Barat", "bolmong utara":
    "Kabupaten Bolaang Mongondow Utara", "sidrap": "Kabupaten Sidenreng Rappang", "kendari sultra": "Kota Kendari",
    "pacitan jatim": "Kabupaten Pacitan",
}  # fmt: skip


@pytest.fixture(scope="module")
def all_areas(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The entry page with every area of the register, in a window."""
    out = tmp_path_factory.mktemp("all")
    with AREAS.open(encoding="utf-8", newline="") as stream:
        areas = [row for row in csv.DictReader(stream) if row["level"] in ("province", "regency")]
    names = ("area_code", "level", "name", "parent_code")
    with copy_of(invented()) as con:
        con.execute("delete from ref.areas where area_code <> '00'")
        put(con, "ref.areas", *({name: row[name] or None for name in names} for row in areas))
        render_index(con, ("id",), out)
    opened = browser.new_page(viewport={"width": 1200, "height": 800})
    opened.goto((out / "index.html").as_uri())
    yield opened
    opened.close()


def named(page: Any, words: str) -> list[str]:
    """Names of the areas that are shown for these words; the one that Enter would open comes first."""
    page.fill("#q", words)
    rows = page.eval_on_selector_all(
        "tbody tr[id]",
        "all => all.filter(r => r.checkVisibility()).sort((a, b) => b.matches('.best') - a.matches('.best'))"
        ".map(r => r.cells[0].firstChild.textContent.trim())",
    )
    return [str(one) for one in rows]


def test_every_declared_short_name_finds_the_area_it_stands_for(all_areas: Any) -> None:
    declared = {name for names in SHORT_NAMES.values() for name in names}
    assert declared == {*MEANT, *ALSO_MEANT}
    assert {words: named(all_areas, words) for words in MEANT} == {words: [n] for words, n in MEANT.items()}
    for words, names in ALSO_MEANT.items():
        assert sorted(named(all_areas, words)) == sorted(names), words
    assert named(all_areas, "solo")[0] == "Kota Surakarta"
    assert {words: named(all_areas, words) for words in GUESSED} == {w: [n] for w, n in GUESSED.items()}


def test_every_area_with_a_short_name_is_in_the_register() -> None:
    with AREAS.open(encoding="utf-8", newline="") as stream:
        assert {row["area_code"] for row in csv.DictReader(stream)} >= SHORT_NAMES.keys()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    with copy_of(invented()) as con:
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


FOUND = {
    "jakpus": ["3171"],
    "pusat jakarta": ["3171"],
    "3171": ["3171"],
    "dki": ["31"],
    "pangkajene": ["7309"],
    "PANGKAJÉNE": ["7309"],
    "barat bandung": ["3217"],
    "bandung jawa barat": ["3204", "3217"],
    "sulsel": ["73"],
    "kaltara": ["65"],
    "makasar": ["7371"],
    "xyzzy": [],
    "<script>": [],
}


def test_places_are_found_as_people_name_them(page: Any) -> None:
    for words, codes in FOUND.items():
        assert found(page, words) == codes
        told = page.inner_text("#told")
        assert (str(len(codes)) in told) if codes else ("Tidak ada wilayah" in told), words
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


@pytest.mark.parametrize("page", [360, 1200], indirect=True)
def test_an_area_that_is_found_offers_its_checklist_to_print(page: Any) -> None:
    found(page, "jakpus")
    files = page.locator("#a3171 td").last
    names = [link.get_attribute("aria-label") for link in files.locator("a").all()]
    kinds = ("PDF", "XLSX", "Daftar periksa (PDF)")
    assert names == [f"{kind}: Kota Administrasi Jakarta Pusat" for kind in kinds]
    boxes = [link.bounding_box() for link in files.locator("a").all()]
    assert boxes[-1]["y"] > boxes[0]["y"] + 10  # on a line of its own
    address = files.locator("a").last.evaluate("link => link.href")
    assert Path(address.removeprefix("file://")).read_bytes().startswith(b"%PDF-")


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
