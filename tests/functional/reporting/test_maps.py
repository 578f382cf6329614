"""Maps: true to scale, areas proportional, and no data, zero and lower bounds each look different."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest

from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.figures import house_style as style
from pipelines.reporting.figures.maps import marks
from pipelines.reporting.figures.maps.choropleth import choropleth
from pipelines.reporting.figures.maps.frame import fit
from pipelines.reporting.figures.maps.labels import Label, place_labels
from pipelines.reporting.figures.maps.rates import Rate, class_of, class_words, limits
from pipelines.reporting.figures.maps.shapes import Outline, thinned
from pipelines.reporting.formats.html import page
from pipelines.reporting.model import Figure, Panel
from pipelines.reporting.sections import maps
from pipelines.reporting.site.render import content
from pipelines.sources import input_files
from pipelines.sources.add import add
from tests.support.invented import DAYS, put, zero
from tests.support.reading import texts

Con = duckdb.DuckDBPyConnection
INDONESIA = ([95.3, 140.8], [-10.9, 5.9])
JAKARTA = ([106.69, 106.97], [-6.37, -6.1])
# Code, name, longitude, latitude, and what is known of PSU in 2024: value and coverage.
REGENCIES = (
    ("7301", "Kabupaten Satu", 119.0, -4.0, 16, "at_least"),
    ("7302", "Kabupaten Dua", 120.0, -4.5, 4, "complete"),
    ("7303", "Kabupaten Tiga", 120.5, -5.5, 0, "complete"),
    ("7304", "Kabupaten Empat", 119.6, -5.4, None, "no_data"),
    ("7305", "Kabupaten Lima", 119.9, -3.2, 0, "at_least"),
)


def haversine(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Great-circle distance in km between (longitude, latitude) pairs."""
    (a, b), (c, d) = (tuple(map(math.radians, spot)) for spot in (one, two))
    h = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


@pytest.fixture
def country(warehouse: Con) -> Con:
    """The invented warehouse with a province of five regencies that have centres."""
    warehouse.execute("delete from mart.three_zeros where area_code = '7371'")
    warehouse.execute("delete from ref.areas where area_code = '7371'")
    warehouse.execute("delete from mart.rates where area_code = '7371'")
    for code, name, longitude, latitude, value, coverage in REGENCIES:
        area = {"area_code": code, "level": "regency", "name": name, "parent_code": "73"}
        put(warehouse, "ref.areas", area | {"longitude": longitude, "latitude": latitude})
        put(warehouse, "mart.three_zeros", known(code, name, value, coverage))
    put(warehouse, "mart.three_zeros", known("73", "Sulawesi Selatan", 25, "at_least"))
    return warehouse


def known(code: str, name: str, value: int | None, coverage: str) -> dict[str, object]:
    return zero("pemilu-2024", DAYS["pemilu-2024"], code, name, "psu", value, coverage, n_tps=1000)


def context(con: Con, code: str = "73", lang: str = "id") -> Context:
    return Context(con, queries.area(con, code), lang, queries.elections(con, lang), queries.release(con))


def panels(con: Con, code: str = "73", lang: str = "id") -> tuple[Panel, ...]:
    section = maps.build(context(con, code, lang))
    assert section is not None
    return next(block for block in section.blocks if isinstance(block, Figure)).panels


def with_boundaries(con: Con) -> None:
    """A square around every centre, from a file of known licence; a rate for each regency but the fourth."""
    for n, (code, name, longitude, latitude, value, coverage) in enumerate(REGENCIES):
        west, south = longitude - 0.2, latitude - 0.2
        ring = [
            [west, south],
            [west + 0.4, south],
            [west + 0.4, south + 0.4],
            [west, south + 0.4],
            [west, south],
        ]
        row = {"area_code": code, "level": "regency", "n_points": 5, "source_file": "boundaries/x.geojson"}
        row |= {"west": west, "south": south, "east": west + 0.4, "north": south + 0.4, "source_row": n}
        shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
        put(con, "ref.boundary", row | {"geometry": json.dumps(shape), "name": name})
        if value is not None:
            rate = {"election_id": "pemilu-2024", "area_code": code, "level": "regency", "area_name": name}
            rate |= {"outcome": "psu", "count": value + (coverage == "complete"), "exposure": 1000}
            put(con, "mart.rates", rate | {"rate": value + 0.5, "coverage": coverage})
    con.execute("update mart.rates set count = 0, rate = 0 where area_code = '7303'")
    put(con, "meta.inputs", {
        "source_file": "boundaries/x.geojson", "title": "Batas contoh", "licence": "MIT", "sha256": "0", "n_bytes": 1,
        "accessed_date": dt.date(2026, 11, 25), "table_name": "ref.boundary",
    })  # fmt: skip


@pytest.mark.parametrize("spots", [INDONESIA, JAKARTA], ids=["nation", "city"])
def test_scale_bar_has_the_length_it_says(spots: tuple[list[float], list[float]]) -> None:
    frame = fit(*spots, 240, 215, 14)
    (x,), (y,) = frame.xy([frame.longitude], [frame.latitude])
    assert (x, y) == pytest.approx((120, frame.height / 2))
    per_degree = frame.xy(frame.longitude + 1, frame.latitude)[0] - x
    end = (frame.longitude + frame.scale_points / per_degree, frame.latitude)
    assert haversine((frame.longitude, frame.latitude), end) == pytest.approx(frame.scale_km, rel=0.001)
    up = frame.xy(frame.longitude, frame.latitude + 1)[1] - y
    north = (frame.longitude, frame.latitude + frame.scale_points / up)
    assert haversine((frame.longitude, frame.latitude), north) == pytest.approx(frame.scale_km, rel=0.001)
    assert frame.scale_points <= 60


def test_drawn_bar_is_as_long_as_the_frame_says(country: Con) -> None:
    frame = fit([119.0, 120.5], [-5.5, -3.2], 241.2, 215, 14)
    bars = re.findall(r'<path d="m[\d.]+ [\d.]+v3h([\d.]+)v-3"', panels(country)[0].svg)
    assert [float(bar) for bar in bars] == [pytest.approx(frame.scale_points, abs=0.15)]


def test_every_place_lies_inside_its_frame() -> None:
    for spots in (INDONESIA, JAKARTA, ([1.0, 1.0], [2.0, 2.0])):
        frame = fit(*spots, 240, 215, 14)
        x, y = frame.xy(*spots)
        assert x.min() >= 13.99 and x.max() <= 226.01 and y.min() >= 13.99 and y.max() <= frame.height - 13.99
        assert frame.height <= 215.01


@pytest.mark.parametrize("value", [1, 2, 4, 50, 94])
def test_area_of_a_symbol_is_proportional_to_its_count(value: int) -> None:
    ratio = (marks.radius(value, 94) / marks.radius(94, 94)) ** 2
    assert ratio == pytest.approx(value / 94)
    assert marks.radius(94, 94) == marks.LARGEST


def test_drawn_circles_have_areas_like_their_counts(country: Con) -> None:
    radii = {float(r) for r in re.findall(r' d="M0 ([\d.]+)C', panels(country)[0].svg)}
    large = marks.radius(16, 16)
    assert any(r == pytest.approx(large, abs=0.01) for r in radii)
    assert any(r == pytest.approx(large / 2, abs=0.01) for r in radii)  # 4 of 16: half the radius


def test_no_data_zero_and_counts_look_different(country: Con) -> None:
    svg, ring = panels(country)[0].svg, f'fill="{style.PAPER}" stroke="{style.WHOLE}" stroke-width="0.9"'
    assert svg.count(ring) == 2  # one zero on the map and one in the legend
    crosses = next(path for path in re.findall(r'<path d="([^"]*)"', svg) if path.count("l2-2") == 2)
    assert crosses.count("m") == 4  # no data, and "none known" where counting is not complete
    lines = set(re.findall(rf'fill="{style.EMPTY}" stroke="{style.MUTED}" stroke-width="([\d.]+)"', svg))
    assert lines == {str(marks.WHOLE_LINE), str(marks.PART_LINE)}


def test_description_names_the_top_place_and_how_many_have_no_data(country: Con) -> None:
    alt = panels(country)[0].alt
    assert "Tertinggi: Kab. Satu ≥ 16; Kab. Dua 4." in alt
    assert "Nol: 1; tidak ada data: 2 dari 5 wilayah." in alt
    assert "Highest: Kab. Satu ≥ 16" in panels(country, lang="en")[0].alt


def test_note_says_how_much_is_located_and_which_elections_are_behind_it(country: Con) -> None:
    section = maps.build(context(country))
    assert section is not None
    said = texts(section)
    assert "Peta kabupaten/kota: 20 dari ≥ 25 TPS diketahui letaknya; 3 dari 5 wilayah ada datanya." in said
    assert "Pemilihan yang ada datanya: Pemilu 2024." in said


def test_nothing_is_drawn_for_nothing(country: Con) -> None:
    country.execute("update mart.three_zeros set value = 0 where value > 0 and area_code in ('7301', '7302')")
    assert maps.build(context(country)) is None, "all zero"
    country.execute(
        "update mart.three_zeros set value = null, coverage = 'no_data' where area_code <> '7301'"
    )
    country.execute("update mart.three_zeros set value = 9 where area_code = '7301'")
    assert maps.build(context(country)) is None, "one place with data"
    country.execute("delete from ref.areas where area_code in ('7303', '7304', '7305')")
    assert maps.build(context(country)) is None, "two places"
    assert maps.build(context(country, "31")) is None, "no centres"


@pytest.mark.slow
def test_same_rows_give_the_same_bytes(country: Con) -> None:
    with_boundaries(country)
    first, again = panels(country), panels(country)
    assert [panel.svg for panel in first] == [panel.svg for panel in again]
    assert page(content(country, "73", "id"), {"id": "x"}) == page(content(country, "73", "id"), {"id": "x"})


def test_names_that_harm_come_out_harmless(country: Con) -> None:
    country.execute(
        """update ref.areas set name = '<script>alert(1)</script> $x$ "q"' where area_code = '7301'"""
    )
    report = content(country, "73", "id")
    text = page(report, {"id": "x"})
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text


def test_evidence_changes_the_look_and_is_explained(country: Con) -> None:
    before = panels(country)[0].svg
    row = {"scope_code": "00", "outcome": "psu", "level": "regency", "area_code": "7301", "area_name": "Satu"}
    put(country, "mart.persistence", row | {"evidence": "confirmed_several"})
    look = f'fill="{style.ALERT}" stroke="{style.INK}"'
    assert look not in before and panels(country)[0].svg.count(look) == 2, "on the map and in the legend"


def test_province_that_was_split_is_said_not_to_be_drawn(country: Con) -> None:
    put(country, "ref.areas", {"area_code": "73-2022", "level": "former_province", "name": "Sulawesi (lama)"})
    for code, n in (("73-2022", 40), ("73", 25)):
        row = zero("pemilu-2019", DAYS["pemilu-2019"], code[:2], "Sulawesi (lama)", "psu", n, "at_least")
        level = "former_province" if "-" in code else "province"
        put(country, "mart.three_zeros", row | {"area_code": code, "level": level})
    lineage = {"former_code": "73-2022", "former_name": "Sulawesi", "area_code": "73", "change": "split"}
    put(
        country,
        "ref.area_lineage",
        lineage | {"valid_to": dt.date(2022, 7, 1), "legal_basis": "UU", "confidence": "high"},
    )
    section = maps.build(context(country))
    assert section is not None
    assert "Tidak tergambar: 15 TPS di Sulawesi (lama) pada Pemilu 2019" in texts(section)


def test_islands_that_lie_apart_get_a_box(warehouse: Con) -> None:
    spots = (("3101", 106.58, -5.7), ("3171", 106.83, -6.18), ("3175", 106.9, -6.25), ("3174", 106.81, -6.28))
    warehouse.execute("delete from ref.areas where area_code in ('3171', '3175')")
    for code, longitude, latitude in spots:
        area = {"area_code": code, "level": "regency", "name": f"Kota {code}", "parent_code": "31"}
        put(warehouse, "ref.areas", area | {"longitude": longitude, "latitude": latitude})
    put(warehouse, "mart.three_zeros", known("3175", "Kota 3175", 3, "complete"))
    svg = panels(warehouse, "31")[0].svg
    assert f'stroke="{style.LAND}"' in svg
    height = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg)[1])  # type: ignore[index]
    assert height < 290


def test_choropleth_hatches_no_data_and_keeps_zero_plain(country: Con) -> None:
    assert "<pattern" not in panels(country)[0].svg
    with_boundaries(country)
    symbols, rates = panels(country)
    assert "<pattern" not in symbols.svg and f'stroke="{style.LAND}"' in symbols.svg
    hatched = re.findall(r'<path d="([^"]*)" fill="url\(#[^"]*\)"', rates.svg)
    assert hatched[0].count("z") == 2, "one area without data, one where none is known"
    assert f'fill="{style.EMPTY}"' in rates.svg
    assert "Nol: 1; tidak ada data: 2 dari 5 wilayah." in rates.alt
    assert "TPS dengan PSU per 1.000 TPS, Pemilu 2024" in rates.alt and "Kab. Satu ≥ 16,5" in rates.alt


def test_boundaries_are_credited_with_licence_and_date(country: Con) -> None:
    with_boundaries(country)
    section = maps.build(context(country))
    assert section is not None
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    assert (
        "Batas wilayah, disederhanakan: Batas contoh, lisensi MIT, diakses 25 November 2026." in figure.line
    )
    assert "penyebut" in figure.line and "Sumber: " in figure.line and "proyeksi" in figure.line


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("id", "berkas x.geojson (tanpa judul), lisensi tidak disebutkan, ditambahkan 25 November 2026."),
        ("en", "file x.geojson (no title given), licence not stated, added 25 November 2026."),
    ],
)
def test_boundaries_added_without_a_title_are_credited_by_file_and_day(
    country: Con, tmp_path: Path, lang: str, said: str
) -> None:
    with_boundaries(country)
    given = tmp_path / "x.geojson"
    given.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    add(tmp_path / "raw", "boundaries", given)  # what a sidecar says then, not what this test thinks it says
    (sidecar,) = input_files(tmp_path / "raw" / "boundaries")
    country.execute("update meta.inputs set title = ?, licence = ?", [sidecar.title, sidecar.licence])
    section = maps.build(context(country, lang=lang))
    assert section is not None
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    assert said in figure.line and "by hand" not in figure.line


@pytest.mark.parametrize("values", [[0.2, 0.7, 3.0, 9.0, 20.0], [1.0], [2.0, 2.0, 2.0], [0.013, 0.4, 0.5]])
def test_classes_cover_every_rate_once(values: list[float]) -> None:
    found = limits(values)
    assert found == sorted(set(found)) and len(found) <= 3
    assert {class_of(value, found) for value in values} <= set(range(len(found) + 1))
    assert len(class_words(found, "id")) == len(found) + 1


def test_class_limits_are_written_as_the_language_does() -> None:
    assert class_words([0.5, 1.5, 1000.0], "id") == ["< 0,5", "0,5–<1,5", "1,5–<1.000", "≥ 1.000"]


def test_neighbours_stay_neighbours_when_thinned() -> None:
    rng = np.random.default_rng(20240214)
    border = np.column_stack([10 + rng.normal(0, 0.2, 200), np.linspace(0, 100, 200)])
    left = np.vstack([border, [[0, 100], [0, 0]]])
    right = np.vstack([border[::-1], [[20, 0], [20, 100]]])
    one, two = thinned([left, right], 0.1)
    assert len(one) < 140

    def inner(ring: np.ndarray) -> set[tuple[float, float]]:
        return {(float(x), float(y)) for x, y in ring if 5 < x < 15 and 1 < y < 99}

    assert inner(one) == inner(two)


def test_no_name_covers_another_or_a_symbol() -> None:
    rng = random.Random(20240214)
    wanted = [Label(str(n), rng.uniform(0, 200), rng.uniform(0, 90), 3.0, 60.0, 7.0) for n in range(30)]
    symbols = [(label.x - 3, label.y - 3, label.x + 3, label.y + 3) for label in wanted]
    placed = place_labels(wanted, symbols, [], (0.0, 0.0, 240.0, 100.0))
    boxes = [*symbols, *(box for _, box in placed)]
    assert len(placed) >= 3
    for _, box in placed:
        clash = [
            b
            for b in boxes
            if b != box and b[0] < box[2] and box[0] < b[2] and b[1] < box[3] and box[1] < b[3]
        ]
        assert not clash


@pytest.mark.realdata
def test_all_regencies_of_the_nation_fit_into_a_page(read_only: Con, shared_data: Path) -> None:
    file = shared_data / "boundaries" / "kab_514.geojson"
    if not file.is_file():
        pytest.skip(f"no boundaries at {file}")
    shapes, rates, rng = [], [], random.Random(20240214)
    for feature in json.loads(file.read_text(encoding="utf-8"))["features"]:
        code, geometry = feature["properties"]["kode"].replace(".", ""), feature["geometry"]
        polygons = (
            geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        )
        rings = tuple(np.array(ring)[:-1, :2] for polygon in polygons for ring in polygon)
        shapes.append(Outline(code, rings, "x"))
        count = rng.choice((0, 1, 3, 9))
        if rng.random() < 0.6:
            rates.append(Rate(code, code, "pemilu-2024", count / 1.5, count, 1500, True))
    panel = choropleth(context(read_only, "00"), rates, shapes, {}, ("PSU", "per 1.000 TPS", "alt"))
    assert len(shapes) > 500
    assert len(panel.svg) < 90_000, "bytes of the drawing"
    assert "<pattern" in panel.svg
