"""Back-test curve of one election: share of the cases found against share of the TPS inspected."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from ..language import numbers
from ..model import Panel
from . import house_style as style

# Ours, the best baseline, chance: distinguished by line and marker, not by colour alone.
LINE = 0.125  # inches: a line of the legend
LOOKS = (
    {"color": style.WHOLE, "linestyle": "-", "marker": "o"},
    {"color": style.ALERT, "linestyle": "--", "marker": "s"},
    {"color": style.MUTED, "linestyle": ":", "marker": ""},
)


def curve(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    title: str,
    below: str,
    across: str,
    lang: str,
) -> Panel:
    """Draw the curves. `series`: name and points (share of TPS, share of cases found), ours first, at most
    three.

    `across`: label of the horizontal axis.
    """
    with style.applied():
        head = 0.38 + LINE * len(series)
        margins = style.Margins(head=head, foot=0.33, right=0.16)
        figure, axes = style.canvas(7, 0.15, left=0.38, width=style.NARROW, margins=margins)
        axes.grid(True, axis="both")
        for (name, points), look in zip(series, LOOKS, strict=False):
            x, y = [0.0, *(100 * p for p, _ in points)], [0.0, *(100 * v for _, v in points)]
            axes.plot(
                x,
                y,
                label=shorten(name, 42, placeholder="…"),
                linewidth=1.3,
                markersize=3.2,
                clip_on=False,
                **look,
            )
        axes.set_xlim(0, 20)
        axes.set_ylim(0, 105)
        axes.set_xticks([5, 10, 20], [f"{numbers.integer(t, lang)} %" for t in (5, 10, 20)])
        axes.set_yticks([0, 50, 100], [f"{numbers.integer(t, lang)} %" for t in (0, 50, 100)])
        axes.set_xlabel(across, size=style.SMALL, labelpad=1.5)
        top = 1 - 0.32 / figure.get_figheight()  # below the title, over the full width: names are long
        figure.legend(loc="upper left", bbox_to_anchor=(0.0, top), fontsize=style.SMALL, frameon=False,
                      borderaxespad=0, borderpad=0, labelspacing=0.25, handlelength=2.0, handletextpad=0.5)  # fmt: skip
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
