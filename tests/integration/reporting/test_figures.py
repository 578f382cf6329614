"""Figures: the same on every run, and no data, zero and lower bounds each look different."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from typing import Any

import duckdb
import numpy as np
import pytest
from PIL import Image

from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.figures import house_style as style
from pipelines.reporting.figures.compact_svg import compact
from pipelines.reporting.figures.gantt import gantt
from pipelines.reporting.figures.trend import trend
from pipelines.reporting.formats.html import page
from pipelines.reporting.model import Figure
from pipelines.reporting.site.render import content
from tests.support.picturing import coarse


@pytest.fixture
def ctx(read_only: duckdb.DuckDBPyConnection) -> Context:
    area, elections = queries.area(read_only, "3171"), queries.elections(read_only, "id")
    return Context(read_only, area, "id", elections, queries.release(read_only))


def row(value: int | None, coverage: str) -> dict[str, object]:
    return {"outcome": "psu", "value": value, "coverage": coverage, "n_known": None}


def drawn(ctx: Context, value: int | None, coverage: str) -> str:
    return trend(
        ctx, "psu", [("pemilu-2019", row(20, "complete")), ("pemilu-2024", row(value, coverage))]
    ).svg


def test_drawing_is_the_same_on_every_run(ctx: Context) -> None:
    assert drawn(ctx, 3, "at_least") == drawn(ctx, 3, "at_least")
    assert not re.search(r"20\d\d-\d\d-\d\dT|<!--|<metadata|<style| style=", drawn(ctx, 3, "at_least"))


def test_no_data_is_hatched_and_never_drawn_like_zero(ctx: Context) -> None:
    missing, zero = drawn(ctx, None, "no_data"), drawn(ctx, 0, "complete")
    assert "<pattern" in missing and "<pattern" not in zero
    ring = f'fill="{style.PAPER}" stroke="{style.WHOLE}"'
    assert ring in zero and ring not in missing


def test_lower_bound_is_lighter_than_a_whole_count(ctx: Context) -> None:
    assert style.PARTLY in drawn(ctx, 3, "at_least")
    assert style.PARTLY not in drawn(ctx, 3, "complete")


def test_description_says_the_values_in_words(ctx: Context) -> None:
    alt = trend(
        ctx, "psu", [("pemilu-2019", row(1234, "at_least")), ("pemilu-2024", row(None, "no_data"))]
    ).alt
    assert alt == "PSU (TPS). Pemilu 2019: ≥ 1.234; Pemilu 2024: tidak ada data."


def test_all_missing_and_all_zero_series_can_be_drawn(ctx: Context) -> None:
    for value, coverage in ((None, "no_data"), (0, "complete"), (0, "at_least")):
        assert trend(ctx, "psu", [("pemilu-2024", row(value, coverage))]).svg.startswith("<svg")


def test_gantt_draws_the_latest_units_and_says_how_many(ctx: Context) -> None:
    day = dt.date(2019, 5, 7)
    unit = {
        "start_date": None,
        "deadline": day,
        "extended_to": None,
        "date_kind": "exact",
        "milestone": "recap_regency",
    }
    rows = [
        unit
        | {
            "area_name": f"Kota {n}",
            "days_late": n,
            "date_completed": day + dt.timedelta(n),
            "verdict": "late",
        }
        for n in range(1, 31)
    ]
    panel = gantt(ctx, "pemilu-2019", rows)
    assert "14 dari 30 unit" in panel.alt
    assert "Kota 30, rekapitulasi kabupaten/kota: terlambat +30" in panel.alt
    assert "Kota 3," not in panel.alt


def test_gantt_takes_every_kind_of_date(ctx: Context) -> None:
    day = dt.date(2019, 5, 7)
    for kind, done, late, verdict in (
        ("exact", day, 0, "on_time"), ("upper_bound", day + dt.timedelta(2), None, "undecided"),
        ("open_late", None, 3, "late_at_least"), ("open_late", None, None, "late_at_least"),
        ("unknown", None, None, "no_verdict"),
    ):  # fmt: skip
        unit = {"area_name": "$x$ \\frac", "milestone": "recap_district", "start_date": day, "deadline": day,
                "extended_to": day + dt.timedelta(1), "date_kind": kind, "date_completed": done, "days_late": late,
                "verdict": verdict}  # fmt: skip
        assert gantt(ctx, "pemilu-2019", [unit]).svg.startswith("<svg")


def test_figure_line_names_source_date_and_denominator(read_only: duckdb.DuckDBPyConnection) -> None:
    report = content(read_only, "31", "id")
    figures = [b for part in report.sections for b in part.blocks if isinstance(b, Figure)]
    assert len(figures) == 5
    for figure in figures:
        assert (
            "Sumber: " in figure.line
            and "25 November 2026" in figure.line
            and "penyebut" in figure.line.lower()
        )


RAW = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 20">
 <metadata>x</metadata><defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="figure_1"><g id="patch_1"><path d="M 0 0 L 1 1 z" style="fill: none"/></g>
  <g id="line_1"><defs><path id="m1" d="M 0 1.26 L 0 2.5 L 3 2.5" style="stroke: #000000"/></defs>
   <g clip-path="url(#p1)"><use xlink:href="#m1" x="1.23456" y="2" style="fill: #111111; stroke: #000000"/></g></g>
  <g id="text_1"><!-- A --><text style="font-size: 7px; font-family: 'DejaVu Sans'; text-anchor: end" x="1" y="2"
    transform="rotate(-0 1 2)">A &lt;b&gt; &amp; c</text></g></g>
 <defs><clipPath id="p1"><rect x="0" y="0" width="5" height="5"/></clipPath></defs></svg>"""


def test_a_drawing_keeps_its_labels_as_text_and_nothing_that_shows_nothing() -> None:
    small = compact(RAW)
    assert '<text font-size="7px" text-anchor="end" x="1" y="2">A &lt;b&gt; &amp; c</text>' in small
    assert 'd="m0 1.3v1.2h3"' in small and 'x="1.2"' in small
    for gone in (
        "style",
        "metadata",
        "<!--",
        "xlink",
        "figure_1",
        "patch_1",
        "<g>",
        "font-family=\"'",
        "rotate",
    ):
        assert gone not in small, gone


def test_names_within_drawings_never_clash() -> None:
    one, other = compact(RAW), compact(RAW.replace("7px", "8px"))
    names = [set(re.findall(r' id="([^"]*)"', text)) for text in (one, other)]
    assert len(names[0]) == len(names[1]) == 2 and not names[0] & names[1]
    for text, known in zip((one, other), names, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', text)) == known


@pytest.mark.browser
def test_a_page_draws_what_the_panel_shows(read_only: duckdb.DuckDBPyConnection, browser: Any) -> None:
    report = content(read_only, "31", "id")
    figures = [b for part in report.sections for b in part.blocks if isinstance(b, Figure)]
    panels = [panel for figure in figures for panel in figure.panels]
    window = browser.new_page(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    window.set_content(page(report, {"id": "x.html"}))
    drawn = window.locator(".panels svg")
    assert drawn.count() == len(panels) > 5
    alone = browser.new_page(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    place = "position: fixed; left: 0; top: 0; width: 240px; height: auto; max-width: none; z-index: 9; background: white"
    for at, panel in enumerate(panels):
        alone.set_content(panel.svg)
        pictures = []
        for one in (drawn.nth(at), alone.locator("svg")):
            one.evaluate(f"svg => svg.setAttribute('style', '{place}')")
            pictures.append(Image.open(BytesIO(one.screenshot())).convert("L"))
            one.evaluate("svg => svg.removeAttribute('style')")
        assert pictures[0].size[0] == 240 and abs(pictures[0].size[1] - pictures[1].size[1]) <= 1
        one, other = (
            np.asarray(picture.crop((0, 0, 240, pictures[0].size[1])), float) for picture in pictures
        )
        gap = np.abs(coarse(one) - coarse(other))
        assert gap.max() < 30 and gap.mean() < 1, panel.alt
    window.close()
    alone.close()
