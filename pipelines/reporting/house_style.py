"""One look for all figures: sizes, colours that differ in lightness too, and SVG that is the same on every run."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

WIDTH = 3.35  # inches: full size on a 360 px phone, two beside each other on A4
NARROW = 2.3  # three beside each other on A4
# Dark to light, so that a grey print keeps the order; orange against blue is safe for colour-blind readers.
INK, MUTED, RULE, PAPER = "#1d2730", "#56626e", "#d5dbe1", "#ffffff"
WHOLE, PARTLY, ALERT, WINDOW, EMPTY = "#1f5f8b", "#9cc3de", "#b8480b", "#c9d3dc", "#eceff2"

RC: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 7.0, "axes.titlesize": 8.6, "axes.titleweight": "bold",
    "axes.edgecolor": RULE, "axes.labelcolor": MUTED, "text.color": INK, "xtick.color": MUTED, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
    "xtick.major.size": 0, "ytick.major.size": 0, "axes.axisbelow": True, "axes.grid": True, "axes.grid.axis": "x",
    "grid.color": RULE, "grid.linewidth": 0.6, "hatch.linewidth": 0.7, "hatch.color": "edge",
    "svg.fonttype": "path", "svg.hashsalt": "titik-rawan", "figure.facecolor": "none", "axes.facecolor": "none",
}  # fmt: skip


def canvas(n_rows: int, row_height: float, left: float, width: float = WIDTH) -> tuple[Any, Any]:
    """Figure and axes for `n_rows` horizontal rows; lengths in inches, `left` for the row labels."""
    head, foot = 0.34, 0.22
    height = head + foot + max(n_rows, 1) * row_height
    figure = plt.figure(figsize=(width, height))
    box = (left / width, foot / height, (width - left - 0.1) / width, (height - head - foot) / height)
    return figure, figure.add_axes(box)


def title(figure: Figure, text: str, below: str = "") -> None:
    """Title at the left edge, over the labels; `below` in small type, e.g. the unit."""
    figure.text(0.005, 1 - 0.04 / figure.get_figheight(), text, ha="left", va="top", weight="bold", size=7.6)
    figure.text(0.005, 1 - 0.17 / figure.get_figheight(), below, ha="left", va="top", color=MUTED, size=6.4)


def to_svg(figure: Figure) -> str:
    """The figure as a compact SVG: no dates, no comments, no inline styles, ids that cannot clash on one page."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    plt.close(figure)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r' style="([^"]*)"', lambda m: _attributes(m.group(1)), text)
    text = re.sub(r' id="([^"]*)"', lambda m: m.group(0) if f"#{m.group(1)}" in text else "", text)
    # Inherited from the root what the dropped style sheet said of every element.
    text = re.sub(r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>', _root, text, count=1)
    mark = "f" + hashlib.sha256(text.encode()).hexdigest()[:8]
    text = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{mark}-", text)
    text = re.sub(r"<g>\s*</g>|<defs>\s*</defs>", "", text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _root(match: re.Match[str]) -> str:
    width, height = match.group(1).split()[2:]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}pt" height="{height}pt" viewBox="{match.group(1)}" '
        f'stroke-linejoin="round" stroke-linecap="butt">'
    )


def _attributes(style: str) -> str:
    """`fill: none; stroke: #000` as presentation attributes, which a strict Content-Security-Policy allows."""
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)
