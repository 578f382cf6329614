"""Figures: the same on every run, and no data, zero and lower bounds each look different."""

from __future__ import annotations

import datetime as dt
import re

import duckdb
import pytest

from pipelines.reporting import house_style as style
from pipelines.reporting import queries
from pipelines.reporting.context import Context
from pipelines.reporting.figures import trend
from pipelines.reporting.gantt import gantt
from pipelines.reporting.model import Figure
from pipelines.reporting.render import content
from pipelines.reporting.svg import compact, without_known_glyphs


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
