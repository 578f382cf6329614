"""Back-test curve of one election: share of the cases found against share of the TPS looked at."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from . import house_style as style
from . import numbers
from .model import Panel

# Ours, the best baseline, chance: told apart by line and mark, not by colour alone.
LOOKS = (
    {"color": style.WHOLE, "linestyle": "-", "marker": "o"},
    {"color": style.ALERT, "linestyle": "--", "marker": "s"},
    {"color": style.MUTED, "linestyle": ":", "marker": ""},
)


def curve(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]], title: str, below: str, lang: str
) -> Panel:
    """`series`: name and points (share of TPS, share of cases found), ours first, at most three."""
    with style.applied():
        figure, axes = style.canvas(9, 0.15, left=0.36, width=style.NARROW)
        axes.grid(True, axis="both")
        for (name, points), look in zip(series, LOOKS, strict=False):
            x, y = [0.0, *(100 * p for p, _ in points)], [0.0, *(100 * v for _, v in points)]
            axes.plot(
                x,
                y,
                label=shorten(name, 40, placeholder="…"),
                linewidth=1.3,
                markersize=3.2,
                clip_on=False,
                **look,
            )
        axes.set_xlim(0, 20)
        axes.set_ylim(0, 100 + 17 * len(series))  # room for the legend above the lines
        axes.set_xticks([0, 5, 10, 20], [f"{numbers.integer(t, lang)} %" for t in (0, 5, 10, 20)])
        axes.set_yticks([0, 50, 100], [f"{numbers.integer(t, lang)} %" for t in (0, 50, 100)])
        axes.legend(loc="upper left", fontsize=5.6, frameon=False, borderaxespad=0.1, handlelength=2.2)
        style.title(figure, title, below)
        return Panel(style.to_svg(figure), f"{title}, {below}. {_describe(series, lang)}")


def _describe(series: Sequence[tuple[str, Sequence[tuple[float, float]]]], lang: str) -> str:
    parts = []
    for name, points in series:
        values = ", ".join(
            f"{numbers.integer(round(100 * p), lang)} % TPS: {numbers.integer(round(100 * v), lang)} %"
            for p, v in points
        )
        parts.append(f"{name}: {values}")
    return "; ".join(parts) + "."
