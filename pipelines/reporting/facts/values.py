"""How a value of `mart.three_zeros` is written: no data in words, never zero; a partial count as `at least`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import RE_VOTES

from ..language import numbers
from ..model import Cell
from .context import Context

TABLE = "mart.three_zeros"
# No page prints the upper bound of held counts: it changes in every area when one count changes anywhere, and
# pages that read it would have to be rebuilt.
OF_AREA = "select * exclude (held_upper) from {table} where area_code = ? order by voting_date, election_id, outcome"
# The outcomes of each zero, in page order.
ZEROS: Mapping[str, tuple[str, ...]] = {
    "psu": RE_VOTES,
    "late_recap": ("late_recap",),
    "dispute": ("dispute",),
}


def unit(outcome: str, lang: str) -> str:
    """Return the unit of an outcome: TPS, recapitulation units or cases."""
    return catalog.code_lists()["outcome"][outcome][f"unit_{lang}"]


def short_label(ctx: Context, outcome: str) -> str:
    """Return the short name of an outcome, for narrow columns and figures."""
    return catalog.code_lists()["outcome"][outcome][f"short_{ctx.lang}"]


def heading(ctx: Context, outcome: str) -> str:
    """Return the short name as a heading, with a capital."""
    text = short_label(ctx, outcome)
    return text[:1].upper() + text[1:]


def value_text(ctx: Context, row: Mapping[str, Any], unit_text: str = "") -> str:
    """Return `11`, `≥ 366`, `0 of 4`, `0 known`: no bare zero for an incomplete count; empty if nothing counts."""
    if row["value"] is None:
        return ""
    amount = numbers.integer(row["value"], ctx.lang) + (f" {unit_text}" if unit_text else "")
    if row["coverage"] == "at_least" and row["value"]:
        amount = f"≥ {amount}"
    if row.get("n_known") and row["coverage"] == "at_least":
        return ctx.say(
            "zeros.of_dated" if unit_text else "zeros.of", amount=amount, total=int(row["n_known"])
        )
    if row["coverage"] == "at_least" and not row["value"]:
        return ctx.say("zeros.none_known", amount=amount)
    return amount


def brief_cell(ctx: Context, row: Mapping[str, Any], sources: tuple[int, ...] = ()) -> Cell:
    """Return a cell for dense tables: value with its sources, or the words for why there is none."""
    text = value_text(ctx, row)
    if not text:
        return without_value(ctx, row)
    return Cell(text, row["value"], sources or ctx.cite(row), "strong" if row["value"] else "")


def without_value(ctx: Context, row: Mapping[str, Any], is_full: bool = False) -> Cell:
    """Return why there is no value: no data, or only what was ordered, recommended or reported is known."""
    if is_full and row.get("ordered_lower"):
        return Cell(ctx.say("zeros.only_ordered", n=int(row["ordered_lower"])), None, tone="no_data")
    return Cell(ctx.words.label("coverage", row["coverage"]), None, tone="no_data")


def full_cell(ctx: Context, row: Mapping[str, Any]) -> Cell:
    """Return a cell for page one: value with unit and, for TPS, the denominator."""
    unit_text = unit(row["outcome"], ctx.lang)
    text = value_text(ctx, row, unit_text)
    if not text:
        return without_value(ctx, row, is_full=True)
    if unit_text == "TPS" and row["n_tps"]:
        text = ctx.say("zeros.out_of", amount=text, total=int(row["n_tps"]))
    return Cell(text, row["value"], tone="strong")


def attainment(ctx: Context, row: Mapping[str, Any]) -> Cell:
    """Return the attainment: met only if the count is complete and zero;
    missed if anything happened; else undecided."""
    if row["value"]:
        return Cell(ctx.say("attainment.missed"), "missed", tone="alert")
    if row["coverage"] == "complete" and row["value"] == 0:
        return Cell(ctx.say("attainment.met"), "met", tone="strong")
    return Cell(ctx.say("attainment.open"), "open", tone="muted")
