"""Pages opened in a real browser: silent, self-sufficient, within a phone, sortable, printable, whole without script."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.reporting.formats.html import page as html
from pipelines.reporting.model import Cell, Column, Group, Section, Table
from pipelines.reporting.site.index import render_index
from pipelines.reporting.site.render import content, render
from tests.support.hostile import SCRIPT, poison

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
CENTRE = "3171-kota-administrasi-jakarta-pusat.id.html"
A4 = 688  # CSS pixels between the margins of a printed page


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a file in a fresh window; what the console and dialogs say and every request stand in `window.heard`."""
    contexts = []

    def open_file(path: Path, width: int = 1200, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        window = context.new_page()
        window.heard = []
        window.on("console", lambda message: window.heard.append(message.text))
        window.on("pageerror", lambda error: window.heard.append(str(error)))
        window.on("dialog", lambda dialog: (window.heard.append(dialog.message), dialog.dismiss()))
        window.on("request", lambda request: window.heard.append(request.url))
        window.goto(path.as_uri())
        return window

    yield open_file
    for context in contexts:
        context.close()


def pages(site: Path) -> list[Path]:
    found = sorted(site.glob("*.html"))
    assert len(found) >= 14
    return found


TOO_WIDE = (
    "[...document.querySelectorAll('table, svg')].filter(e => e.getBoundingClientRect().right >"
    f" {A4} + 1).map(e => e.textContent.slice(0, 80))"
)
KEPT_WHOLE = (
    "[...document.querySelectorAll('tr, figure, h2')].map(e => getComputedStyle(e)).every(s =>"
    " s.breakInside === 'avoid' || s.breakAfter === 'avoid')"
)
PARTED = (
    "[...document.querySelectorAll('main .n')].filter(e => e.getClientRects().length > 1)"
    ".map(e => e.textContent)"
)


def resize(window: Any, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 800})


def fits_paper(window: Any, name: str) -> None:
    """Printed, no table or drawing is cut at the side, and no row, drawing or heading is parted from what it is of."""
    window.emulate_media(media="print")
    resize(window, A4)
    assert window.evaluate(TOO_WIDE) == [], name
    assert window.evaluate(KEPT_WHOLE), name
    window.emulate_media(media="screen")


def test_pages_are_silent_fit_every_window_and_paper_and_part_no_number_from_its_unit_or_interval(
    site: Path, opened: Callable[..., Any]
) -> None:
    window = opened(pages(site)[0])
    n_whole = 0
    for path in pages(site):  # loading the largest page takes longer than laying it out four times
        window.heard.clear()
        window.goto(path.as_uri())
        assert window.locator("h1").count() == 1
        assert window.heard == [path.as_uri()]
        for width in (1200, 768, 360):
            resize(window, width)
            assert window.evaluate("document.documentElement.scrollWidth") <= width, (path.name, width)
            assert window.evaluate(PARTED) == [], (path.name, width)
        n_whole += window.locator("main .n").count()
        fits_paper(window, path.name)
    assert n_whole > 0


@pytest.mark.parametrize("name", ["index.html", CENTRE])
def test_the_policy_is_in_force(site: Path, opened: Callable[..., Any], tmp_path: Path, name: str) -> None:
    attacked = tmp_path / "attacked.html"
    attack = "<script>document.title = 'taken'</script><img src='https://example.org/x.png'></body>"
    attacked.write_text(
        (site / name).read_text(encoding="utf-8").replace("</body>", attack), encoding="utf-8"
    )
    window = opened(attacked)
    assert window.title() != "taken"
    assert sum("Content Security Policy" in text for text in window.heard) == 2


def test_intervals_are_copied_searched_and_heard_as_plain_text(
    long_table: Path, opened: Callable[..., Any]
) -> None:
    window = opened(long_table, 360)
    cell = window.locator("td", has_text="0,5 (0,1–1,2)")
    assert cell.locator(".n").inner_text() == "(0,1–1,2)"
    assert cell.evaluate(
        "c => { getSelection().selectAllChildren(c); return getSelection().toString() }"
    ) == ("0,5 (0,1–1,2)")
    assert window.evaluate("getSelection().removeAllRanges() ?? find('0,5 (0,1–1,2)')")
    assert '- cell "0,5 (0,1–1,2)"' in window.locator("main").aria_snapshot()


@pytest.fixture
def long_table(read_only: duckdb.DuckDBPyConnection, tmp_path: Path) -> Path:
    """A page with one long table: areas, counts with and without qualification, days; the page's own order last."""
    odd = (
        ("≥ 4", 4),
        ("12.345", 12345),
        ("tidak ada data", None),
        ("37", 37),
        ("–", None),
        ("0,5 (0,1–1,2)", 0.5),
    )
    counts = [Cell(text, value, tone="" if value else "no_data") for text, value in odd]
    counts += [Cell(str(n), n) for n in range(50, 58)]
    days = [
        dt.date(2024, 2, 14),
        dt.date(2019, 4, 17),
        None,
        dt.date(2024, 11, 27),
        *[dt.date(2014, 7, 9)] * 10,
    ]
    rows = tuple(
        (Cell(f"Wilayah {n}"), count, Cell(f"{day.day} Feb {day.year}", day) if day else Cell("–"))
        for n, (count, day) in enumerate(zip(counts, days, strict=True), 1)
    )
    columns = (Column("Wilayah"), Column("Jumlah", "end"), Column("Tanggal"))
    report = content(read_only, "3171", "id")
    section = Section("part", "Bagian", (Table("", columns, (Group("Kelompok", rows),)),))
    path = tmp_path / "long.html"
    path.write_text(html(replace(report, sections=(section,)), {"id": "long.html"}), encoding="utf-8")
    return path


def column(window: Any, at: int) -> list[str]:
    return window.eval_on_selector_all(
        "tbody tr:not(.group)", f"rows => rows.map(row => row.cells[{at}].textContent)"
    )


def test_click_on_a_heading_sorts_numbers_as_numbers_and_no_data_last(
    long_table: Path, opened: Callable[..., Any]
) -> None:
    window = opened(long_table)
    before = column(window, 1)
    head = window.locator("thead th").nth(1)
    assert head.get_attribute("aria-sort") is None
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    falling = column(window, 1)
    assert falling[0] == "12.345" and falling[-4:] == ["≥ 4", "0,5 (0,1–1,2)", "tidak ada data", "–"]
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = column(window, 1)
    assert rising[:3] == ["0,5 (0,1–1,2)", "≥ 4", "37"] and rising[-2:] == ["tidak ada data", "–"]
    assert rising[-3] == "12.345"
    head.get_by_role("button").click()
    assert column(window, 1) == before and head.get_attribute("aria-sort") is None
    assert window.locator("tbody tr").first.get_attribute("class") == "group"


def test_keyboard_sorts_too_days_as_days_and_names_by_their_numbers(
    long_table: Path, opened: Callable[..., Any]
) -> None:
    window = opened(long_table)
    heads = window.locator("thead th")
    heads.nth(2).get_by_role("button").focus()
    window.keyboard.press("Enter")
    assert heads.nth(2).get_attribute("aria-sort") == "ascending"
    assert column(window, 2)[9:] == ["9 Feb 2014", "17 Feb 2019", "14 Feb 2024", "27 Feb 2024", "–"]
    heads.nth(0).get_by_role("button").focus()
    window.keyboard.press("Space")
    assert [head.get_attribute("aria-sort") for head in heads.all()] == ["ascending", None, None]
    assert column(window, 0)[8:11] == ["Wilayah 9", "Wilayah 10", "Wilayah 11"]


def test_page_is_whole_without_script(site: Path, opened: Callable[..., Any], long_table: Path) -> None:
    for path in (site / CENTRE, long_table):
        with_script, without = opened(path), opened(path, java_script_enabled=False)
        assert without.locator("th button").count() == 0
        # What chooses rows works by script alone, and is shown with it only.
        assert without.locator(".facets:visible").count() == 0
        with_script.evaluate("document.querySelectorAll('.facets').forEach(one => one.remove())")
        texts = [window.locator("main").inner_text() for window in (with_script, without)]
        assert re.sub(r"[\s↕]", "", texts[0]) == re.sub(r"\s", "", texts[1])


def test_long_table_scrolls_in_its_box_on_a_phone_and_the_box_can_be_focused(
    long_table: Path, opened: Callable[..., Any]
) -> None:
    narrow, broad = opened(long_table, 360).locator(".scroll"), opened(long_table, 1200).locator(".scroll")
    assert narrow.evaluate("box => box.scrollWidth > box.clientWidth")
    assert narrow.get_attribute("tabindex") == "0" and narrow.get_attribute("aria-label") == "Bagian"
    assert broad.get_attribute("tabindex") is None
    narrow.focus()
    narrow.page.keyboard.press("ArrowRight")
    for _ in range(40):  # scrolling is animated
        if narrow.evaluate("box => box.scrollLeft"):
            break
        narrow.page.wait_for_timeout(50)
    assert narrow.evaluate("box => box.scrollLeft") > 0


def test_group_headings_of_a_long_table_stay_whole_on_a_phone(
    long_table: Path, opened: Callable[..., Any]
) -> None:
    window = opened(long_table, 360)
    window.locator(".scroll").evaluate("box => box.scrollTo({left: 200, behavior: 'instant'})")
    heading = window.locator("tr.group span").bounding_box()
    assert 0 <= heading["x"] < 30 and heading["x"] + heading["width"] <= 360


def test_language_switch_leads_to_the_same_area(site: Path, opened: Callable[..., Any]) -> None:
    window = opened(site / CENTRE)
    window.get_by_role("link", name="English").click()
    assert window.url.endswith(CENTRE.replace(".id.", ".en."))
    assert window.locator("html").get_attribute("lang") == "en"
    assert "Kota Administrasi Jakarta Pusat" in window.locator("h1").inner_text()


def test_print_cuts_no_table_and_repeats_headings(
    read_only: duckdb.DuckDBPyConnection, opened: Callable[..., Any], tmp_path: Path, long_table: Path
) -> None:
    words = (
        "Mahkamah",
        "direkomendasikan",
        "didiskualifikasi",
        "Kabupaten Barito Utara",
        "rekapitulasi nasional",
    )
    rows = tuple(tuple(Cell(word) for word in words * 2) for _ in range(14))
    table = Table("", tuple(Column(word) for word in words * 2), (Group("", rows),))
    report = replace(content(read_only, "3171", "id"), sections=(Section("part", "Bagian", (table,)),))
    broad = tmp_path / "broad.html"
    broad.write_text(html(report, {"id": "broad.html"}), encoding="utf-8")
    window = opened(broad)
    for path in (long_table, broad):
        window.goto(path.as_uri())
        fits_paper(window, path.name)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    printed = tmp_path / "printed.pdf"
    printed.write_bytes(opened(long_table).pdf(format="A4", prefer_css_page_size=True))
    text = subprocess.run(
        ["pdftotext", "-layout", printed, "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "Tanggal" in text and "27 Feb 2024" in text and "↕" not in text


def test_print_has_the_parts_of_the_pdf_in_its_order(
    read_only: duckdb.DuckDBPyConnection, opened: Callable[..., Any], tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    on_screen, on_paper = render(read_only, "73", "id", tmp_path, ("html", "pdf"))
    printed = tmp_path / "printed.pdf"
    printed.write_bytes(opened(on_screen).pdf(format="A4", prefer_css_page_size=True))
    titles = [section.title for section in content(read_only, "73", "id").sections]
    assert len(titles) > 3
    for path in (printed, on_paper):
        command = ["pdftotext", "-raw", path, "-"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        lines = [re.sub(r"[\u00ad\s]+", " ", line).strip() for line in text.splitlines()]
        found = [line for line in lines if line in titles]
        # A title that says what a line of a table says, too, may stand twice.
        assert [title for title in dict.fromkeys(found) if found.count(title) == 1] == [
            title for title in titles if found.count(title) == 1
        ], path.name
        assert set(found) == set(titles), path.name


def test_dark_scheme_is_dark_and_drawings_follow(site: Path, opened: Callable[..., Any]) -> None:
    dark = opened(site / CENTRE, color_scheme="dark")
    ground = dark.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
    ink = dark.evaluate("getComputedStyle(document.querySelector('svg [fill=\"#1d2730\"]')).fill")
    assert min(map(int, re.findall(r"\d+", ink)[:3])) > 180


@pytest.mark.parametrize("lang", ["id", "en"])
def test_hostile_names_do_nothing_and_fit_a_phone(
    warehouse: duckdb.DuckDBPyConnection, opened: Callable[..., Any], tmp_path: Path, lang: str
) -> None:
    poison(warehouse)
    written = render(warehouse, "3171", lang, tmp_path, ("html", "checklist.html"), (lang,))
    written += [
        *render_index(warehouse, (lang,), tmp_path),
        *render(warehouse, "00", lang, tmp_path, ("html",)),
    ]
    for path in written:
        window = opened(path)
        assert window.heard == [path.as_uri()]
        for width in (1200, 360):
            resize(window, width)
            assert window.evaluate("document.documentElement.scrollWidth") <= width, path.name
        assert window.locator("img, iframe, object").count() == 0
        assert window.locator("script").count() == 1
    assert SCRIPT in opened(written[0]).locator("h1").inner_text()
