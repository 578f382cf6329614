"""Stacked shares per area, light to dark; the last part ("never") is hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from matplotlib import pyplot as plt

from ..language import numbers
from ..model import Panel
from . import house_style as style

LEFT = 1.12
ROW = 0.17
TINTS = ("#dbe9f3", "#8fbad8", "#34749f", "#164a6e")


@dataclass(frozen=True)
class Share:
    """One area: name, count of each part, whether it is the report's own area."""

    name: str
    counts: tuple[int, ...]
    is_own: bool = False


def shares(rows: Sequence[Share], parts: Sequence[str], title: str, below: str, lang: str) -> Panel:
    """Draw rows in the given order; every bar adds up to 100 %; areas without counts stay empty."""
    legend = 0.34
    height = 0.36 + legend + len(rows) * ROW + 0.2
    with style.applied():
        figure = plt.figure(figsize=(style.WIDTH, height))
        box = (
            LEFT / style.WIDTH,
            0.2 / height,
            (style.WIDTH - LEFT - 0.24) / style.WIDTH,
            len(rows) * ROW / height,
        )
        axes = figure.add_axes(box)
        axes.set_xlim(0, 100)
        axes.set_ylim(len(rows) - 0.45, -0.55)
        handles: list[Any] = []
        for i, part in enumerate(parts):
            is_last = i == len(parts) - 1
            look: dict[str, Any] = {"color": TINTS[min(i, len(TINTS) - 1)]}
            if is_last:
                look = {
                    "color": style.EMPTY,
                    "hatch": "/////",
                    "edgecolor": style.MUTED,
                    "linewidth": 0.0,
                }
            starts = [_percent(row, sum(row.counts[:i])) for row in rows]
            lengths = [_percent(row, row.counts[i]) for row in rows]
            handles.append(axes.barh(range(len(rows)), lengths, left=starts, height=0.74, label=part, **look))
        names = [shorten(row.name, 20, placeholder="…") for row in rows]
        axes.set_yticks(range(len(rows)), names, size=style.SMALL)
        for label, row in zip(axes.get_yticklabels(), rows, strict=True):
            label.set_fontweight("bold" if row.is_own else "normal")
        axes.set_xticks([0, 25, 50, 75, 100], [f"{numbers.integer(t, lang)} %" for t in (0, 25, 50, 75, 100)])
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.0, 1 - 0.34 / height),
            ncols=3,
            fontsize=style.SMALL,
            frameon=False,
            borderaxespad=0,
            handlelength=1.3,
            columnspacing=1.0,
            labelspacing=0.25,
        )
        style.title(figure, title, below)
        return Panel(style.to_svg(figure), f"{title}, {below}. {_describe(rows, parts, lang)}")


def _percent(row: Share, n: int) -> float:
    return 100 * n / sum(row.counts) if sum(row.counts) else 0.0


def _describe(rows: Sequence[Share], parts: Sequence[str], lang: str) -> str:
    told = []
    for row in rows:
        percents = (
            f"{p} {numbers.integer(round(_percent(row, n)), lang)} %"
            for p, n in zip(parts, row.counts, strict=True)
        )
        told.append(f"{row.name}: {', '.join(percents)}")
    return "; ".join(told) + "."
