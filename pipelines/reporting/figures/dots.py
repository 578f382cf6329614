"""Ranked dot plot: the shrunken ratio of each area with its interval, marked by evidence class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from ..language import numbers
from ..model import Panel
from . import house_style as style

LEFT = 1.42
LEAST, MOST = 0.1, 100.0
TICKS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
# Shape and fill differ, so that classes are distinguishable without colour: marker, size, face, edge.
MARKS = {
    "confirmed_several": ("D", 4.8, style.ALERT, style.ALERT),
    "supported_once": ("o", 5.0, style.WHOLE, style.WHOLE),
    "number_open": ("s", 4.6, style.PAPER, style.WHOLE),
    "watch_list": ("o", 5.0, style.PAPER, style.WHOLE),
    **dict.fromkeys(
        ("no_statement", "not_comparable", "silent", "none"), (".", 5.0, style.MUTED, style.MUTED)
    ),
}


@dataclass(frozen=True)
class Dot:
    """One area: name, ratio with 95 % interval (1 = equal to the comparison), evidence class."""

    name: str
    ratio: float
    low: float
    high: float
    evidence: str
    is_own: bool = False


def dots(dots_: Sequence[Dot], title: str, below: str, lang: str, alt: str) -> Panel:
    """Draw one row per area in the given order; logarithmic axis, with a line at 1 and a dashed one at 2."""
    with style.applied():
        figure, axes = style.canvas(len(dots_), 0.165, left=LEFT)
        axes.set_ylim(len(dots_) - 0.45, -0.55)
        axes.set_xscale("log")
        end = min(max([4.0, *(dot.high * 1.3 for dot in dots_)]), MOST)
        start = min(0.5, max(LEAST, min(dot.low for dot in dots_) * 0.8))
        axes.set_xlim(start, end)
        axes.axvline(1.0, color=style.INK, linewidth=0.9)
        axes.axvline(2.0, color=style.MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
        axes.hlines(
            range(len(dots_)),
            [max(dot.low, start) for dot in dots_],
            [min(max(dot.high, start), end) for dot in dots_],
            color=style.MUTED,
            linewidth=1.1,
            zorder=2.5,
        )
        places: dict[tuple[str, float, str, str], list[tuple[float, int]]] = {}
        for place, dot in enumerate(dots_):
            places.setdefault(MARKS[dot.evidence], []).append((min(max(dot.ratio, start), end), place))
        for (marker, size, face, edge), points in places.items():
            axes.plot(*zip(*points, strict=True), marker, markersize=size, markerfacecolor=face,
                      markeredgecolor=edge, markeredgewidth=1.2, clip_on=False, zorder=3)  # fmt: skip
        # Names as plain text: a tick of matplotlib is five artists, and slow to make.
        axes.set_yticks([])
        left = axes.get_yaxis_transform()
        for place, dot in enumerate(dots_):
            name = shorten(dot.name, 26, placeholder="…")
            weight = "bold" if dot.is_own else "normal"
            axes.annotate(name, (0, place), (-3.5, 0), left, "offset points",
                          ha="right", va="center_baseline", weight=weight)  # fmt: skip
        ticks = [tick for tick in TICKS if start <= tick <= end]
        axes.set_xticks(ticks, [_tick(tick, lang) for tick in ticks])
        axes.minorticks_off()
        style.title(figure, title, below)
        return Panel(style.to_svg(figure), alt)


def _tick(value: float, lang: str) -> str:
    return numbers.decimal(value, lang, 1) if value < 1 else numbers.integer(int(value), lang)


def describe(dots_: Sequence[Dot], lang: str) -> str:
    """Return the values in words: `Gambir: 2,3× (0,6-5,4)`."""
    parts = (
        f"{dot.name}: {numbers.decimal(dot.ratio, lang)}× "
        f"({numbers.decimal(dot.low, lang)}–{numbers.decimal(dot.high, lang)})"
        for dot in dots_
    )
    return "; ".join(parts) + "."
