"""Plain bars of one count, longest first; "not known" is hatched and comes last."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill, shorten

from ..language import numbers
from ..model import Panel
from . import house_style as style

LEFT = 1.78
ACROSS, LINES = 31, 3  # letters per line of a name, maximum number of lines


def bars(entries: Sequence[tuple[str, int, bool]], unit: str, lang: str) -> Panel:
    """Draw the bars. `entries`: name, count, whether it stands for "not known"."""
    names = [fill(shorten(name, ACROSS * LINES - 8, placeholder="…"), ACROSS) for name, _, _ in entries]
    tall = 0.12 + 0.105 * max((name.count("\n") for name in names), default=0)
    with style.applied():
        figure, axes = style.canvas(len(entries), max(tall, 0.2), left=LEFT)
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
                count + top * 0.02,
                place,
                numbers.integer(count, lang),
                va="center",
                weight="bold",
                size=style.TEXT,
            )
        axes.set_yticks(range(len(entries)), names, size=style.SMALL, linespacing=0.95)
        axes.set_xticks([])
        style.title(figure, unit)
        parts = "; ".join(f"{name}: {numbers.integer(count, lang)}" for name, count, _ in entries)
        return Panel(style.to_svg(figure), f"{unit}. {parts}.")
