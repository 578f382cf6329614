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
from pipelines.reporting.figures.shared_glyphs import (
    with_bare_values,
    with_joint_labels,
    with_joint_paths,
    with_short_names,
    without_known_glyphs,
)
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


def test_letters_are_defined_once_per_page() -> None:
    raw = ('<svg viewBox="0 0 1 1"><g><defs><path id="DejaVuSans-41" d="M 1.23456 2 \nL 3 4"/></defs>'
           '<use xlink:href="#DejaVuSans-41"/></g></svg>')  # fmt: skip
    small, known = compact(raw), set[str]()
    assert 'd="m1.2 2l1.8 2"' in small and "<g>" not in small
    assert '<path id="g1065"' in without_known_glyphs(small, known)
    again = without_known_glyphs(small, known)
    assert "<path" not in again and 'href="#g1065"' in again


def test_labels_and_lines_that_look_alike_are_said_once() -> None:
    def label(x: int, fill: str = "#000", inside: str = '<use href="#w1"/>') -> str:
        return f'<g fill="{fill}" transform="matrix(0.1 0 0 -0.1 {x} 20)">{inside}</g>'

    own = '<use href="#g1065"/><use href="#g1066" x="68"/>'
    assert with_joint_labels(f"{label(10)}{label(30, inside=own)}<a/>{label(50)}{label(60, '#fff')}") == (
        '<g fill="#000" transform="scale(0.1 -0.1)"><use href="#w1" x="100" y="-200"/>'
        f'<g transform="translate(300 -200)">{own}</g></g><a/>{label(50)}{label(60, "#fff")}'
    )
    line, box = '<path d="m{} 2h5" fill="none" stroke="#000"/>', '<path d="m{} 2h3v4h-3z" fill="#111"/>'
    faint, other = box.replace("/>", ' fill-opacity="0.5"/>'), '<path d="m1 1l3 3z" fill="#111"/>'
    text = "".join(one.format(n) for one in (line, box, faint, other) for n in (1, 7))
    assert with_joint_paths(text) == (
        '<path d="M1 2h5M7 2h5" fill="none" stroke="#000"/><path d="M1 2h3v4h-3zM7 2h3v4h-3z" fill="#111"/>'
        f"{faint.format(1)}{faint.format(7)}{other * 2}"
    )


def test_letters_need_no_quotes_on_a_page() -> None:
    assert with_bare_values(
        '<use href="#A" x="-1.5"/><use href="#B" transform="scale(1 2)"/><g id="C"/>'
    ) == ('<use href=#A x=-1.5 /><use href=#B transform="scale(1 2)" /><g id="C"/>')


def test_names_within_drawings_are_short_and_never_clash() -> None:
    defined = "".join(f'<path id="f00-{n}"/><use href="#f00-{n}"/>' for n in range(60))
    found = with_short_names({"a": defined + '<use href="#f00-59"/>', "b": '<rect fill="url(#f00-3)"/>'})
    names = re.findall(r' id="([^"]*)"', found["a"])
    assert len(set(names)) == 60 and max(map(len, names)) == 2 and all(name[0].isupper() for name in names)
    assert names[59] == "B" and found["a"].endswith('<use href="#B"/>')
    assert found["b"] == f'<rect fill="url(#{names[3]})"/>' and names[3] == "A"


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
