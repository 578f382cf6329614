"""Plain bars of one count, longest first; what is not known is hatched and comes last."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill, shorten

from . import house_style as style
from . import numbers
from .model import Panel

LEFT = 1.55


def bars(entries: Sequence[tuple[str, int, bool]], unit: str, lang: str) -> Panel:
    """`entries`: name, count, whether it stands for what is not known."""
    with style.applied():
        figure, axes = style.canvas(len(entries), 0.25, left=LEFT)
        axes.set_ylim(len(entries) - 0.45, -0.55)
        top = max((count for _, count, _ in entries), default=1) or 1
        axes.set_xlim(0, top * 1.15)
        for place, (_, count, unknown) in enumerate(entries):
            if unknown:
                axes.barh(place, count, height=0.62, color=style.EMPTY, hatch="/////", edgecolor=style.MUTED,
                          linewidth=0.4)  # fmt: skip
            else:
                axes.barh(place, count, height=0.62, color=style.WHOLE)
            axes.text(
                count + top * 0.02, place, numbers.integer(count, lang), va="center", weight="bold", size=6.6
            )
        names = [fill(shorten(name, 58, placeholder="…"), 31) for name, _, _ in entries]
        axes.set_yticks(range(len(entries)), names, size=5.8, linespacing=0.95)
        axes.set_xticks([])
        style.title(figure, unit)
        parts = "; ".join(f"{name}: {numbers.integer(count, lang)}" for name, count, _ in entries)
        return Panel(style.to_svg(figure), f"{unit}. {parts}.")
