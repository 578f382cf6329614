"""How one value of `mart.three_zeros` is written: no data is words, never zero; part knowledge says `at least`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines import catalog

from . import numbers
from .context import Context
from .model import Cell

TABLE = "mart.three_zeros"
# The outcomes behind each zero, in the order of the page.
ZEROS: Mapping[str, tuple[str, ...]] = {
    "psu": ("psu", "psu_court"),
    "late_recap": ("late_recap",),
    "dispute": ("dispute",),
}


def unit(outcome: str, lang: str) -> str:
    """Unit of an outcome: TPS, recapitulation units or cases."""
    return catalog.code_lists()["outcome"][outcome][f"unit_{lang}"]


def short_label(ctx: Context, outcome: str) -> str:
    """The acronym of an outcome where its label ends in one, else the label."""
    text = ctx.words.label("outcome", outcome)
    return text[text.rindex("(") + 1 : -1] if text.endswith(")") else text


def figure_text(row: Mapping[str, Any], lang: str) -> str:
    """The bare value: `11`, `≥ 366`, or an empty string where nothing is known."""
    if row["value"] is None or row["coverage"] == "no_data":
        return ""
    sign = "≥ " if row["coverage"] == "at_least" else ""
    return sign + numbers.integer(row["value"], lang)


def brief_cell(ctx: Context, row: Mapping[str, Any] | None) -> Cell:
    """Cell of the trend table: value with its sources, or the words for no data."""
    if row is None:
        return ctx.words.cell(TABLE, "value", None)
    text = figure_text(row, ctx.lang)
    if not text:
        return Cell(ctx.words.label("coverage", "no_data"), None, tone="no_data")
    tone = "strong" if row["value"] else ""
    return Cell(text, row["value"], ctx.cite(row), tone)  # type: ignore[arg-type]


def full_cell(ctx: Context, row: Mapping[str, Any]) -> Cell:
    """Cell of page one: value with unit and, for TPS, out of how many."""
    if row["value"] is None or row["coverage"] == "no_data":
        return Cell(ctx.words.label("coverage", "no_data"), None, tone="no_data")
    amount = f"{figure_text(row, ctx.lang)} {unit(row['outcome'], ctx.lang)}"
    if unit(row["outcome"], ctx.lang) == "TPS" and row["n_tps"]:
        amount = ctx.say("zeros.out_of", amount=amount, total=int(row["n_tps"]))
    if row["outcome"] == "late_recap" and row.get("n_known"):
        amount = ctx.say("zeros.of_known", amount=amount, total=int(row["n_known"]))
    return Cell(amount, row["value"], tone="strong")


def attainment(ctx: Context, row: Mapping[str, Any]) -> Cell:
    """Met only where the count is whole and zero; missed where anything happened; otherwise undecided."""
    if row["value"]:
        return Cell(ctx.say("attainment.missed"), "missed", tone="alert")
    if row["coverage"] == "complete" and row["value"] == 0:
        return Cell(ctx.say("attainment.met"), "met", tone="strong")
    return Cell(ctx.say("attainment.open"), "open", tone="muted")
