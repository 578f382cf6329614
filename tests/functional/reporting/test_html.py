"""The HTML page: self-contained, strict, accessible, small, and harmless whatever the data say."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.errors import ReportError
from pipelines.reporting.formats.html import page
from pipelines.reporting.formats.markup import softened, sort_key
from pipelines.reporting.model import Cell
from pipelines.reporting.site.render import content, render
from tests.support.hostile import poison
from tests.support.reading import report_of

Con = duckdb.DuckDBPyConnection


class Page(HTMLParser):
    """Collects the tags of a page with their attributes; places where a word may break say nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text.replace("<wbr>", ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def centre() -> str:
    beside = {"pdf": "a.id.pdf", "xlsx": "a.id.xlsx"}
    return page(report_of("3171", "id"), {"id": "a.id.html", "en": "a.en.html"}, beside, "index.html")


def test_policy_allows_exactly_the_inline_style_and_the_one_script(centre: str) -> None:
    found = {}
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", centre, re.DOTALL)
        found[tag] = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    (policy,) = (m for m in Page(centre).all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == (
        f"default-src 'none'; style-src 'sha256-{found['style']}'; script-src 'sha256-{found['script']}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not [tag for tag, attributes in Page(centre).tags if "style" in attributes]


def test_page_needs_nothing_from_elsewhere(centre: str) -> None:
    names = {tag for tag, _ in Page(centre).tags}
    assert not names & {"link", "iframe", "object", "embed", "img", "base", "form"}
    assert "src" not in {name for _, attributes in Page(centre).tags for name in attributes}
    assert "url(http" not in centre and "@import" not in centre


def test_short_tables_name_their_columns_in_every_cell_and_long_ones_can_be_sorted(centre: str) -> None:
    tables = re.findall(r"<table.*?</table>", centre, re.DOTALL)
    assert len(tables) > 5
    for text in tables:
        cells = [a for tag, a in Page(text).tags if tag in ("td", "th") and a.get("scope") in (None, "row")]
        if 'class="wide"' in text:
            assert not [a for a in cells if "data-label" in a or "role" in a]
        else:
            assert all(a["data-label"] and a["role"] for a in cells)


def test_cells_carry_the_number_or_day_that_sorts_them() -> None:
    assert sort_key(Cell("≥ 1.234", 1234)) == "1234"
    assert sort_key(Cell("0,57 (0,50–0,65)", 0.5719)) == "0.5719"
    assert sort_key(Cell("14 Feb 2024", dt.date(2024, 2, 14))) == "2024-02-14"
    assert sort_key(Cell("12", 12)) == sort_key(Cell("ya", True)) == sort_key(Cell("–")) == ""


def test_only_long_words_get_places_to_break_and_all_is_escaped() -> None:
    assert softened("Kabupaten/kota sekurang-kurangnya") == "Kabupaten/kota sekurang-kurangnya"
    assert softened("<b>" + "x" * 30) == "&lt;b&gt;xxxxx<wbr>xxxxxxxx<wbr>xxxxxxxx<wbr>xxxxxxxx<wbr>x"


def test_links_out_are_web_pages_without_opener(centre: str) -> None:
    out = [a for a in Page(centre).all("a") if ":" in str(a["href"])]
    assert out
    for link in out:
        assert re.match(r"https?://", str(link["href"]))
        assert "noopener" in str(link["rel"])


def test_every_inner_link_has_its_target_and_ids_are_unique(centre: str) -> None:
    ids = [attributes["id"] for _, attributes in Page(centre).tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"])[1:] for a in Page(centre).all("a") if str(a["href"]).startswith("#")}
    uses = {str(a["href"])[1:] for a in Page(centre).all("use")}
    assert targets | uses <= set(ids)


def test_tables_and_figures_can_be_heard(centre: str) -> None:
    parsed = Page(centre)
    assert all(th["scope"] in ("col", "row", "rowgroup") for th in parsed.all("th"))
    drawings = parsed.all("svg")
    assert len(drawings) >= 4
    assert all(svg["role"] == "img" and len(str(svg["aria-label"])) > 20 for svg in drawings)
    assert "Pemilu 2019: 2" in str(drawings[0]["aria-label"])
    assert parsed.all("html")[0]["lang"] == "id"
    assert len(parsed.all("h1")) == 1


def test_language_switch_pdf_and_index_are_linked(centre: str) -> None:
    links = {a["href"] for a in Page(centre).all("a")}
    assert {"a.en.html", "a.id.pdf", "a.id.xlsx", "index.html"} <= links


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_text_reaches_contrast_aa_in_light_and_dark(centre: str) -> None:
    schemes = re.findall(r":root \{(.*?)\}", centre, re.DOTALL)[:2]
    for scheme in schemes:
        colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", scheme))
        for text in ("ink", "muted", "link", "alert"):
            for ground in ("paper", "wash", "empty"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for mark in ("whole", "mark"):
            assert contrast(colours[mark], colours["paper"]) >= 3, mark


def test_figure_colours_follow_the_scheme(centre: str) -> None:
    from pipelines.reporting.figures import house_style as style

    for colour in (style.INK, style.MUTED, style.RULE, style.PAPER, style.WHOLE, style.PARTLY, style.ALERT,
                   style.WINDOW, style.EMPTY):  # fmt: skip
        assert f'svg [fill="{colour}"]' in centre and f'svg [stroke="{colour}"]' in centre


@pytest.mark.slow
@pytest.mark.parametrize("code", ["3171", "31", "00"])
def test_hostile_texts_come_out_as_texts(warehouse: Con, code: str) -> None:
    clean, poisoned = page(content(warehouse, code, "id"), {"id": "a"}), ""
    poison(warehouse)
    poisoned = page(content(warehouse, code, "id"), {"id": "a"})
    parsed = Page(poisoned)
    assert {tag for tag, _ in parsed.tags} == {tag for tag, _ in Page(clean).tags}
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert "javascript:" not in "".join(str(a.get("href")) for a in parsed.all("a"))
    words = " ".join(parsed.words)
    assert "<script>alert(1)</script>" in words
    assert "{{ 7*7 }}" in words
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", poisoned)


def test_names_of_persons_and_notes_are_not_printed(warehouse: Con) -> None:
    rows = "core.dispute_case", "core.revote_claim", "core.recap_milestone"
    for table in rows:
        warehouse.execute(
            f"insert into {table} by name select 'catatan rahasia' as note, '3171' as area_code"
        )
    warehouse.execute("update core.dispute_case set petitioner = 'Nama Orang'")
    text = page(content(warehouse, "3171", "id"), {"id": "a"})
    assert "catatan rahasia" not in text and "Nama Orang" not in text


@pytest.mark.slow
@pytest.mark.usefixtures("drawn_anew")
def test_files_have_plain_names_and_same_bytes_again(warehouse: Con, tmp_path: Path) -> None:
    first = render(warehouse, "3171", "id", tmp_path / "a", ("html",), langs=("id", "en"))
    second = render(warehouse, "3171", "id", tmp_path / "b", ("html",), langs=("id", "en"))
    assert [path.name for path in first] == ["3171-kota-administrasi-jakarta-pusat.id.html"]
    assert first[0].read_bytes() == second[0].read_bytes()
    poison(warehouse)
    (path,) = render(warehouse, "3171", "id", tmp_path, ("html",))
    assert re.fullmatch(r"3171-[a-z0-9-]{1,60}\.id\.html", path.name)


@pytest.mark.slow
def test_a_page_stays_below_300_kilobytes(warehouse: Con, tmp_path: Path) -> None:
    names = "incident_id, election_id, outcome, status, tps, ballots, n_tps, is_within, area_code, level, area_name"
    warehouse.execute(
        f"insert into mart.incidents by name select {names}, province_code, regency_code, regency_name,"
        " district_name, village_name, ground_id, ground_en, article, date_held, source_title,"
        " 'https://example.org/' || i as source_url from (select *, i from mart.incidents, range(500) t(i))"
        .replace("incident_id,", "incident_id || i as incident_id,")
    )  # fmt: skip
    (path,) = render(warehouse, "31", "id", tmp_path, ("html",))
    assert 100_000 < path.stat().st_size < 300_000
    assert "250 dari" in path.read_text(encoding="utf-8")


def test_unknown_format_and_language_are_refused(read_only: Con, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="docx"):
        render(read_only, "3171", "id", tmp_path, ("docx",))
    with pytest.raises(ReportError, match="jv"):
        render(read_only, "3171", "jv", tmp_path)
    assert list(tmp_path.iterdir()) == []
