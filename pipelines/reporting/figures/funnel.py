"""Funnel: the rate of every area with data against its exposure, within the limits of mart.funnel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..facts.context import Context
from ..language import numbers
from ..model import Panel
from . import house_style as style

NAMED = 3  # number of areas outside the outer limit that are named, the highest ones


def funnel(
    ctx: Context, limits: Sequence[dict[str, Any]], areas: Sequence[dict[str, Any]], title: str, below: str
) -> Panel:
    """Draw limits of 95 and 99.8 % from `limits` (rows of mart.funnel), and a point for every row of `areas`.

    Areas of the report (`is_own`) are filled, the others are rings.
    """
    x = [row["exposure"] for row in limits]
    with style.applied():
        figure, axes = style.canvas(10, 0.19, left=0.42)
        axes.grid(True, axis="y")
        axes.grid(False, axis="x")
        axes.set_xscale("log")
        axes.fill_between(
            x, [row["low_998"] for row in limits], [row["high_998"] for row in limits], color=style.EMPTY
        )
        axes.fill_between(
            x, [row["low_95"] for row in limits], [row["high_95"] for row in limits], color=style.WINDOW
        )
        axes.plot(x, [row["rate"] for row in limits], color=style.INK, linewidth=0.9)
        rates = [1000 * row["count"] / row["exposure"] for row in areas]
        for own, size, face in ((False, 2.6, style.PAPER), (True, 3.4, style.WHOLE)):
            chosen = [i for i, row in enumerate(areas) if row["is_own"] is own]
            axes.plot(
                [areas[i]["exposure"] for i in chosen], [rates[i] for i in chosen], "o", markersize=size,
                markerfacecolor=face, markeredgecolor=style.WHOLE, markeredgewidth=0.7, clip_on=False,
            )  # fmt: skip
        top = max([*rates, limits[0]["rate"]]) * 1.18
        axes.set_ylim(-top * 0.03, top)
        axes.set_xlim(min(x) * 0.9, max(x) * 1.1)
        for i in _outside(limits, areas, rates):
            left = areas[i]["exposure"] < (min(x) * max(x)) ** 0.5
            axes.annotate(
                numbers.short_area(areas[i]["area_name"]), (areas[i]["exposure"], rates[i]), size=style.SMALL,
                xytext=(4 if left else -4, 2), textcoords="offset points", ha="left" if left else "right",
            )  # fmt: skip
        _axes(ctx, axes, x)
        style.title(figure, title, below)
        return Panel(style.to_svg(figure), _alt(ctx, limits, areas, rates, title))


def _axes(ctx: Context, axes: Any, x: Sequence[float]) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: numbers.decimal(v, ctx.lang, 1) if v < 10 else
                                                 numbers.integer(int(v), ctx.lang)))  # fmt: skip
    ticks = [t for base in (1, 2, 5) for power in range(7) if min(x) <= (t := base * 10**power) <= max(x)]
    ticks = sorted(ticks)[:: max(1, len(ticks) // 5)]
    axes.set_xticks(ticks, [numbers.integer(tick, ctx.lang) for tick in ticks])
    axes.minorticks_off()


def _limit(limits: Sequence[dict[str, Any]], exposure: float) -> float:
    """Return the upper outer limit at the nearest grid point."""
    return float(min(limits, key=lambda row: abs(row["exposure"] - exposure))["high_998"])


def outside(limits: Sequence[dict[str, Any]], areas: Sequence[dict[str, Any]]) -> list[int]:
    """Return the indices of the areas above the outer limit, the highest rate first."""
    rates = [1000 * row["count"] / row["exposure"] for row in areas]
    found = [i for i, row in enumerate(areas) if row["count"] and rates[i] > _limit(limits, row["exposure"])]
    return sorted(found, key=lambda i: (-rates[i], i))


def _outside(
    limits: Sequence[dict[str, Any]], areas: Sequence[dict[str, Any]], rates: Sequence[float]
) -> list[int]:
    return outside(limits, areas)[:NAMED]


def _alt(
    ctx: Context,
    limits: Sequence[dict[str, Any]],
    areas: Sequence[dict[str, Any]],
    rates: Sequence[float],
    title: str,
) -> str:
    found = outside(limits, areas)
    names = "; ".join(numbers.short_area(areas[i]["area_name"]) for i in found) or "–"
    return ctx.say("funnel.alt", title=title, n=len(areas), above=len(found), names=names)
