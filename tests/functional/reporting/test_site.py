"""The site: an entry page that lists and finds every area, pages that link to each other, nothing dead or stale."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.facts import queries
from pipelines.reporting.facts.neighbours import line_of, made_parts, neighbours, parts_of
from pipelines.reporting.facts.reads import Reads, read_back, written
from pipelines.reporting.site import pages
from pipelines.reporting.site.dictionary import render_dictionary
from pipelines.reporting.site.index import render_index
from pipelines.reporting.site.site import DICTIONARY, Site
from tests.functional.reporting.test_html import Page
from tests.support.hostile import EVERYTHING, poison
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection
BOTH = ("id", "en")


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and tables only: what is kept or made does not depend on the number of formats."""
    from pipelines.reporting.site import render as module

    def fast(*args: object, **more: object) -> list[Path]:
        return render(*args, **more | {"formats": ("html", "csv")})  # type: ignore[arg-type]

    render = module.render
    monkeypatch.setattr(module, "render", fast)


def make(
    con: Con, folder: Path, previous: Path | None, *areas: str, langs: tuple[str, ...] = ("id",)
) -> list[int]:
    """Make or keep pages of the areas; returns how many of each area were made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(con, folder, previous, langs, dict.fromkeys(areas, langs))
    answers = [site.make(area, langs) for area in areas]
    for answer in answers:
        pages.add(folder, answer.pages, answer.texts, set())
    for lang in langs:
        site.index(lang)
    return [answer.n_made for answer in answers]


def next_release(con: Con, release: str = "2026-12-01-ffffffffffff") -> None:
    con.execute(
        "update meta.release set release_id = ?, data_date = ?, fingerprint = 'f'", [release, D(2026, 12, 1)]
    )


def links(path: Path) -> set[str]:
    found = {str(a["href"]) for a in Page(path.read_text(encoding="utf-8")).all("a")}
    return {link for link in found if not re.match(r"#|https?:", link)}


@pytest.mark.slow
def test_index_lists_all_areas_with_values_evidence_and_links_that_exist(
    warehouse: Con, tmp_path: Path
) -> None:
    make(warehouse, tmp_path, None, "00", "31", "3171", langs=BOTH)
    render_dictionary(warehouse, BOTH, tmp_path)
    for name, other in (("index.html", "index.en.html"), ("index.en.html", "index.html")):
        found = links(tmp_path / name)
        assert other in found and {link for link in found if not (tmp_path / link).exists()} == set()
        text = (tmp_path / name).read_text(encoding="utf-8")
        rows = re.findall(r'<tr id="a([0-9-]+)"', text)
        listed = queries.fetch(
            warehouse, "select area_code from ref.areas where level in ('national', 'province', 'regency')"
        )
        assert sorted(rows) == sorted(row["area_code"] for row in listed)
    text = " ".join("".join(Page((tmp_path / "index.html").read_text(encoding="utf-8")).words).split())
    assert (
        "Kota Administrasi Jakarta Pusat 3171 0 TPS dari 3.014 TPS Pilkada 2024 ≥ 1 unit rekapitulasi" in text
    )
    assert "Kota Makassar 7371 ≥ 20 TPS dari 4.004 TPS Pemilu 2024" in text
    assert "Kota Makassar 7371" in text and "belum ada halaman; lihat Indonesia" in text
    assert "Kota Administrasi Jakarta Timur 3175 tidak ada data tidak ada data tidak ada data" in text
    assert "lihat Daerah Khusus Ibukota Jakarta" in text
    assert "249 TPS" in text  # the nation's own answer stands on the entry page


@pytest.mark.slow
def test_an_entry_page_stays_until_another_file_or_release_is_there(warehouse: Con, tmp_path: Path) -> None:
    made = {"3171": ("id",), "31": ("id",)}

    def site() -> Site:
        found = Site(warehouse, tmp_path, tmp_path, ("id",), made)
        return found

    first = site()
    for answer in (first.make("3171", ("id",)), first.index("id")):
        pages.add(tmp_path, answer.pages, answer.texts, set())
    before = (tmp_path / "index.html").read_bytes()
    assert site().keep_index("id").pages
    (tmp_path / "index.html").write_bytes(b"lost")
    assert not site().keep_index("id").pages
    (tmp_path / "index.html").write_bytes(before)
    assert site().keep_index("id").pages
    next_release(warehouse)
    assert not site().keep_index("id").pages
    again = site().index("id")
    pages.add(tmp_path, again.pages, again.texts, set())
    answer = site().make("31", ("id",))
    pages.add(tmp_path, answer.pages, answer.texts, set())
    assert not site().keep_index("id").pages


@pytest.mark.slow
def test_an_entry_page_composed_before_its_files_is_used_only_if_they_come(
    warehouse: Con, tmp_path: Path
) -> None:
    def site(name: str) -> Site:
        (tmp_path / name).mkdir(exist_ok=True)
        formats = {"3171": ("html", "csv"), "31": ("html", "csv")}
        return Site(warehouse, tmp_path / name, None, BOTH, {"3171": BOTH, "31": BOTH}, formats)

    usual, foreseen, wrong = site("usual"), site("foreseen"), site("wrong")
    foreseen.foresee([("3171", ("id",)), ("3171", ("en",))])
    wrong.foresee([("3171", ("id",)), ("31", ("en",))])
    unknown = site("usual")
    unknown.foresee([("methods", ("id",))])  # nothing can be said about its files
    assert not list((tmp_path / "foreseen").iterdir())
    for one in (usual, foreseen, wrong):
        one.make("3171", BOTH)
    found = [[one.index(lang).pages for lang in BOTH] for one in (usual, foreseen, wrong)]
    assert found[0] == found[1] == found[2]
    texts = [{(tmp_path / one / "index.html").read_bytes()} for one in ("usual", "foreseen", "wrong")]
    assert texts[0] == texts[1] == texts[2]


def test_index_shows_a_page_in_the_other_language_where_there_is_only_that(
    warehouse: Con, tmp_path: Path
) -> None:
    site = Site(warehouse, tmp_path, None, BOTH, {"3171": ("en",)})
    site.make("3171", ("en",))
    site.index("id")
    found = [
        a
        for a in Page((tmp_path / "index.html").read_text(encoding="utf-8")).all("a")
        if "3171" in str(a["href"])
    ]
    assert found[0]["href"] == "3171-kota-administrasi-jakarta-pusat.en.html" and found[0]["hreflang"] == "en"


def test_index_allows_its_own_style_and_script_only(warehouse: Con, tmp_path: Path) -> None:
    import base64
    import hashlib

    (path,) = render_index(warehouse, ["id"], tmp_path)
    text = path.read_text(encoding="utf-8")
    (policy,) = (m["content"] for m in Page(text).all("meta") if m.get("http-equiv"))
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'") and "unsafe" not in str(policy)
    assert not [name for _, attributes in Page(text).tags for name in attributes if name.startswith("on")]


def test_hostile_names_are_texts_on_the_index(warehouse: Con, tmp_path: Path) -> None:
    def tags(path: Path) -> set[str]:
        return {tag for tag, _ in Page(path.read_text(encoding="utf-8")).tags}

    (clean,) = render_index(warehouse, ["id"], tmp_path / "clean")
    poison(warehouse)
    (bad,) = render_index(warehouse, ["id"], tmp_path)
    assert tags(bad) == tags(clean)
    assert EVERYTHING[:8] in "".join(Page(bad.read_text(encoding="utf-8")).words)


@pytest.mark.slow
def test_a_page_links_to_the_index_its_parents_and_its_parts(warehouse: Con, tmp_path: Path) -> None:
    make(warehouse, tmp_path, None, "00", "31", "3171")
    nation, province, city = (next(tmp_path.glob(f"{code}-*.id.html")) for code in ("00", "31", "3171"))
    assert {nation.name, city.name, "index.html"} <= links(province)
    assert {nation.name, province.name, "index.html"} <= links(city)
    assert province.name in links(nation)
    for path in (nation, province, city):
        assert {
            link for link in links(path) if link.endswith("html") and not (tmp_path / link).exists()
        } == set()


def test_lines_and_parts_follow_the_tree_of_areas(read_only: Con) -> None:
    areas = queries.areas(read_only)
    assert line_of(areas, "317107") == ["3171", "31", "00"]
    assert line_of(areas, "00") == []
    assert parts_of(areas, "31") == ["3171", "3175"]
    around = neighbours(areas, "7371", "en", made := {"00": ("id",)}, made_parts(areas, made))
    assert [(one.text, bool(one.file), one.lang) for one in around.above] == [
        ("Indonesia", True, "id"),
        ("Sulawesi Selatan", False, ""),
    ]


@pytest.mark.slow
def test_the_same_release_again_makes_nothing_and_changes_no_byte(warehouse: Con, tmp_path: Path) -> None:
    assert make(warehouse, tmp_path, tmp_path, "00", "3171", DICTIONARY) == [1, 1, 1]
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.*ml")}
    assert make(warehouse, tmp_path, tmp_path, "00", "3171", DICTIONARY) == [0, 0, 0]
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.*ml")} == before


def test_the_entry_page_says_what_changed_since_the_release_before(warehouse: Con, tmp_path: Path) -> None:
    for path in render_index(warehouse, BOTH, tmp_path):
        assert 'id="changes"' not in path.read_text(encoding="utf-8")  # the first release
    warehouse.execute("update meta.release set compared_with = '2026-11-01-000000000000'")
    put(
        warehouse,
        "meta.change_notes",
        {
            "note_no": 1,
            "kind": "rose",
            "text_id": "Kota <b>X</b>: 1 → 2 TPS",
            "text_en": "X <b>City</b>: 1 → 2 TPS",
        },
    )
    for path, text in zip(render_index(warehouse, BOTH, tmp_path), ("Kota <b>X", "X <b>City"), strict=True):
        words = "".join(Page(path.read_text(encoding="utf-8")).words)
        assert text in words and "2026-11-01-000000000000" in words


@pytest.mark.slow
def test_a_new_release_makes_only_pages_whose_rows_changed(warehouse: Con, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    make(warehouse, old, None, "31", "3171", "7371")
    kept = next(old.glob("7371-*.html")).read_bytes()
    next_release(warehouse)
    warehouse.execute("update mart.incidents set village_name = 'Kampung Baru' where area_code = '3171'")
    assert make(warehouse, new, old, "31", "3171", "7371") == [1, 1, 0]
    page, changed = next(new.glob("7371-*.html")), next(new.glob("3171-*.html"))
    assert page.read_bytes() == kept
    assert "2026-11-25-0123456789ab" in page.read_text(encoding="utf-8")  # the release its content comes from
    assert "2026-12-01-ffffffffffff" in changed.read_text(encoding="utf-8")
    assert "Kampung Baru" not in next(old.glob("3171-*.html")).read_text(encoding="utf-8")
    index = (new / "index.html").read_text(encoding="utf-8")
    assert "2026-12-01-ffffffffffff" in index and "2026-11-25" not in index


@pytest.mark.slow
def test_pages_of_tables_that_stayed_are_kept_without_asking(
    warehouse: Con, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    make(warehouse, old, None, "31", "7371")
    pages.save(old, Site(warehouse, old, old, ("id",), {}).with_tables(pages.load(old)))
    next_release(warehouse)
    asked: list[str] = []
    answer = Reads._answer
    monkeypatch.setattr(
        Reads, "_answer", lambda self, key, sql, *values: asked.append(sql) or answer(self, key, sql, *values)
    )
    new.mkdir()
    site = Site(warehouse, new, old, ("id",), dict.fromkeys(("31", "7371"), ("id",)))
    assert [len(site.keep(code, ("id",)).pages) for code in ("31", "7371")] == [1, 1]
    assert not [sql for sql in asked if "mart." in sql]
    warehouse.execute("update mart.incidents set village_name = 'Kampung Baru' where area_code = '3171'")
    site = Site(warehouse, new, old, ("id",), dict.fromkeys(("31", "7371"), ("id",)))
    assert [len(site.keep(code, ("id",)).pages) for code in ("31", "7371")] == [0, 1]
    assert {name for sql in asked for name in re.findall(r"mart\.\w+", sql)} == {"mart.incidents"}


@pytest.mark.slow
def test_a_kept_page_can_be_made_anew_later_without_touching_the_older_release(
    warehouse: Con, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    make(warehouse, old, None, "7371")
    before = next(old.glob("7371-*.html")).read_bytes()
    next_release(warehouse)
    assert make(warehouse, new, old, "7371") == [0]
    warehouse.execute("update mart.three_zeros set value = 21 where area_code = '7371' and value = 20")
    next_release(warehouse, "2026-12-02-eeeeeeeeeeee")
    assert make(warehouse, new, new, "7371") == [1]
    assert next(old.glob("7371-*.html")).read_bytes() == before
    assert "≥ 21 TPS" in next(new.glob("7371-*.html")).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["edited", "lost", "code", "links", "line", "query"])
def test_a_page_that_is_not_what_the_list_says_is_made_anew(
    warehouse: Con, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(warehouse, tmp_path, None, "7371")
    path, listing = next(tmp_path.glob("7371-*.html")), tmp_path / pages.MANIFEST
    before, areas = path.read_bytes(), ["7371"]
    if damage == "edited":
        path.write_text("changed by hand")
    elif damage == "lost":
        path.unlink()
    elif damage == "code":
        monkeypatch.setattr(pages, "code_fingerprint", lambda: "other code")
    elif damage == "links":
        areas.append("00")
    elif damage == "line":
        listing.write_text(listing.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    else:  # a query that this release cannot answer
        next_release(warehouse)
        warehouse.execute("alter table mart.conflicts rename to gone")
    assert make(warehouse, tmp_path, tmp_path, *areas)[0] == 1
    if damage in ("edited", "lost", "line"):
        assert path.read_bytes() == before


@pytest.mark.slow
def test_list_of_pages_is_the_same_whatever_the_order(warehouse: Con, tmp_path: Path) -> None:
    for name, areas in (("a", ("31", "3171")), ("b", ("3171", "31"))):
        make(warehouse, tmp_path / name, None, *areas)
        pages.save(tmp_path / name, pages.load(tmp_path / name))
    assert (tmp_path / "a" / pages.MANIFEST).read_bytes() == (tmp_path / "b" / pages.MANIFEST).read_bytes()
    assert all(json.loads(line) for line in (tmp_path / "a" / pages.MANIFEST).read_text().splitlines())


def test_a_list_whose_last_line_was_cut_is_not_complete(tmp_path: Path) -> None:
    assert pages.is_complete(tmp_path)
    for text, is_complete in (("", True), ('{"sql":"a"}\n', True), ('{"sql":"a"}\n{"s', False)):
        (tmp_path / pages.MANIFEST).write_text(text, encoding="utf-8")
        assert pages.is_complete(tmp_path) == is_complete


def test_reads_note_every_question_and_see_every_change(warehouse: Con) -> None:
    reads = Reads(warehouse)
    sql = "select name from ref.areas where area_code = ? order by name"
    assert reads.execute(sql, ["31"]).fetchone() == ("Daerah Khusus Ibukota Jakarta",)
    noted = reads.noted()
    assert len(noted) == 1 and Reads(warehouse).gives_the_same(noted, reads.texts)
    warehouse.execute("update ref.areas set name = 'Lain' where area_code = '31'")
    assert not Reads(warehouse).gives_the_same(noted, reads.texts)
    reads.begin()
    assert reads.noted() == ()


def test_another_release_is_no_change_of_a_row(warehouse: Con) -> None:
    sql = "select * from mart.funnel order by all"
    reads = Reads(warehouse)
    assert reads.execute(sql).rows
    noted = reads.noted()
    next_release(warehouse)
    assert Reads(warehouse).gives_the_same(noted, reads.texts)
    warehouse.execute("update mart.funnel set shape_k = 0.123456")
    assert not Reads(warehouse).gives_the_same(noted, reads.texts)


def test_a_new_table_elsewhere_makes_no_page_anew(warehouse: Con, tmp_path: Path) -> None:
    make(warehouse, tmp_path / "old", None, "7371")
    next_release(warehouse)
    warehouse.execute("create table mart.something_new as select 1 as n")
    assert make(warehouse, tmp_path / "new", tmp_path / "old", "7371") == [0]


def test_parameters_are_noted_with_their_kind() -> None:
    values = ["31", 5, 0.25, None, True, D(2024, 2, 14), ["a", "b"]]
    assert read_back(written(values)) == values
    with pytest.raises(TypeError, match="bytes"):
        written([b"x"])


def test_no_section_reads_past_the_list(warehouse: Con) -> None:
    """All rows of a page come through `Reads`: it offers nothing but `execute`."""
    from pipelines.reporting.site.render import content

    reads = Reads(warehouse)
    content(reads, "3171", "id")
    assert {"mart.three_zeros", "mart.incidents"} <= {
        name for text in reads.texts.values() for name in re.findall(r"mart\.\w+", text)
    }
    assert not hasattr(reads, "sql") and not hasattr(reads, "cursor")


def test_a_page_of_an_unknown_place_links_to_the_index(warehouse: Con, tmp_path: Path) -> None:
    put(
        warehouse,
        "ref.areas",
        {"area_code": "3179", "level": "regency", "name": "Kota Sunyi", "parent_code": "31"},
    )
    make(warehouse, tmp_path, None, "3179")
    text = next(tmp_path.glob("3179-*.html")).read_text(encoding="utf-8")
    assert 'href="index.html"' in text and "Belum ada data, bukan berarti nol" in text
    assert len(text) < 120_000
