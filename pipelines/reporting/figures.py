"""The trend of one outcome over the elections: whole counts, lower bounds and missing data look different."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from . import house_style as style
from .context import Context
from .model import Panel
from .realisation import heading, unit, value_text


def trend(ctx: Context, outcome: str, series: Sequence[tuple[str, dict[str, Any]]]) -> Panel:
    """Bars from the oldest election down to the newest; light with an edge = at least; hatched = no data."""
    with style.applied():
        figure, axes = style.canvas(len(series), 0.146, left=0.90, width=style.NARROW)
        top = max((row["value"] or 0 for _, row in series), default=0) or 1
        end = _end(ctx, series, top)
        axes.set_ylim(len(series) - 0.45, -0.55)
        for place, (_, row) in enumerate(series):
            _bar(ctx, axes, place, row, end)
        axes.set_yticks(range(len(series)), [_short(ctx, election_id) for election_id, _ in series])
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter(
            lambda value, _: ctx.words.cell("mart.three_zeros", "value", int(value)).text
        )
        axes.set_xlim(-end * 0.025, end)
        if not any(row["value"] for _, row in series):
            axes.set_xticks([])
        style.title(figure, heading(ctx, outcome), unit(outcome, ctx.lang))
        return Panel(style.to_svg(figure), _alt(ctx, outcome, series))


def _short(ctx: Context, election_id: str) -> str:
    known = ctx.elections.get(election_id)
    return known.short if known else election_id


def _bar(ctx: Context, axes: Any, place: int, row: dict[str, Any], end: float) -> None:
    text = value_text(ctx, row)
    if not text:
        axes.barh(
            place,
            end,
            height=0.74,
            color=style.EMPTY,
            hatch="/////",
            edgecolor=style.WINDOW,
            linewidth=0,
        )
        words = ctx.words.label("coverage", "no_data")
        box = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.9}
        axes.text(end * 0.025, place, words, va="center", size=style.SMALL, color=style.MUTED, bbox=box)
        return
    if row["value"] == 0:
        axes.plot([0], [place], marker="o", markersize=3.8, markerfacecolor=style.PAPER, markeredgecolor=style.WHOLE,
                  markeredgewidth=1.2, clip_on=False, zorder=3)  # fmt: skip
    elif row["coverage"] == "complete":
        axes.barh(place, row["value"], height=0.66, color=style.WHOLE)
    else:
        axes.barh(place, row["value"], height=0.66, color=style.PARTLY, edgecolor=style.WHOLE, linewidth=0.8)
    axes.text(row["value"] + end * 0.04, place, text, va="center", weight="bold", size=6.8)


def _end(ctx: Context, series: Sequence[tuple[str, dict[str, Any]]], top: int) -> float:
    """End of the axis, so that the label of every bar finds room: a letter takes about 1/21 of the width."""
    ends = [(row["value"] or 0) / (0.94 - len(value_text(ctx, row)) / 21) for _, row in series]
    return max([*ends, top * 1.2])


def _alt(ctx: Context, outcome: str, series: Sequence[tuple[str, dict[str, Any]]]) -> str:
    words = ctx.words.label("coverage", "no_data")
    parts = (f"{_short(ctx, e)}: {value_text(ctx, row) or words}" for e, row in series)
    return f"{heading(ctx, outcome)} ({unit(outcome, ctx.lang)}). {'; '.join(parts)}."
