"""Trend of one outcome over the elections: complete counts, lower bounds and missing data look different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.ticker import MaxNLocator

from ..facts.context import Context
from ..facts.values import heading, unit, value_text
from ..language import numbers
from ..model import Panel
from . import house_style as style


@dataclass(frozen=True)
class _Bar:
    """One election: label, value, the text beside it (empty = no data), whether the count is complete."""

    label: str
    value: int
    text: str
    is_whole: bool
    absent: str


def trend(ctx: Context, outcome: str, series: Sequence[tuple[str, dict[str, Any]]]) -> Panel:
    """Draw bars from the oldest election down to the newest; light with an edge = at least; hatched = no value."""
    bars = tuple(
        _Bar(
            _short(ctx, key),
            row["value"] or 0,
            value_text(ctx, row),
            row["coverage"] == "complete",
            ctx.words.label("coverage", row["coverage"]),
        )
        for key, row in series
    )
    svg = _drawn(ctx.lang, heading(ctx, outcome), unit(outcome, ctx.lang), bars)
    return Panel(svg, _alt(ctx, outcome, series))


@lru_cache(maxsize=512)
def _drawn(lang: str, title: str, below: str, bars: tuple[_Bar, ...]) -> str:
    """Return the cached drawing, since many areas share one (above all the one without data)."""
    with style.applied():
        figure, axes = style.canvas(len(bars), 0.146, left=0.90, width=style.NARROW)
        end = _end(bars)
        axes.set_ylim(len(bars) - 0.45, -0.55)
        for place, bar in enumerate(bars):
            _bar(axes, place, bar, end)
        axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.integer(int(value), lang))
        axes.set_xlim(-end * 0.025, end)
        if not any(bar.value for bar in bars):
            axes.set_xticks([])
        style.title(figure, title, below)
        return style.to_svg(figure)


def _short(ctx: Context, election_id: str) -> str:
    known = ctx.elections.get(election_id)
    return known.short if known else election_id


def _bar(axes: Any, place: int, bar: _Bar, end: float) -> None:
    if not bar.text:
        axes.barh(
            place,
            end,
            height=0.74,
            color=style.EMPTY,
            hatch="/////",
            edgecolor=style.WINDOW,
            linewidth=0,
        )
        box = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.9}
        axes.text(end * 0.025, place, bar.absent, va="center", size=style.SMALL, color=style.MUTED, bbox=box)
        return
    if bar.value == 0:
        axes.plot([0], [place], marker="o", markersize=3.8, markerfacecolor=style.PAPER, markeredgecolor=style.WHOLE,
                  markeredgewidth=1.2, clip_on=False, zorder=3)  # fmt: skip
    elif bar.is_whole:
        axes.barh(place, bar.value, height=0.66, color=style.WHOLE)
    else:
        axes.barh(place, bar.value, height=0.66, color=style.PARTLY, edgecolor=style.WHOLE, linewidth=0.8)
    axes.text(bar.value + end * 0.04, place, bar.text, va="center", weight="bold", size=6.8)


def _end(bars: Sequence[_Bar]) -> float:
    """Return the end of the axis, leaving room for the label of every bar:
    a letter takes about 1/21 of the width."""
    top = max((bar.value for bar in bars), default=0) or 1
    return max([*(bar.value / (0.94 - len(bar.text) / 21) for bar in bars), top * 1.2])


def _alt(ctx: Context, outcome: str, series: Sequence[tuple[str, dict[str, Any]]]) -> str:
    absent = ctx.words.label
    parts = (
        f"{_short(ctx, e)}: {value_text(ctx, row) or absent('coverage', row['coverage'])}"
        for e, row in series
    )
    return f"{heading(ctx, outcome)} ({unit(outcome, ctx.lang)}). {'; '.join(parts)}."
