"""Convert drawings to pictures: every program shows PNG on slides, only the newest show SVG."""

from __future__ import annotations

import re
from functools import lru_cache

from ..formats.pdf import compiler

PPI = 220
_VIEW = re.compile(r'viewBox="([-\d.e]+)[ ,]+([-\d.e]+)[ ,]+([-\d.e]+)[ ,]+([-\d.e]+)"')
_WIDE = 480.0  # points: width to which a drawing is scaled before it is rasterised


def aspect(svg: str) -> float:
    """Return width / height of a drawing."""
    found = _VIEW.search(svg)
    if not found:
        return 1.0
    return float(found.group(3)) / max(float(found.group(4)), 1e-9)


@lru_cache(maxsize=64)
def png(svg: str) -> bytes:
    """Return the drawing on white as PNG; deterministic."""
    data = compiler("picture").compile(
        format="png",
        ppi=PPI,
        sys_inputs={"svg": svg, "width": str(_WIDE), "height": str(_WIDE / aspect(svg))},
    )
    if not isinstance(data, bytes):
        raise TypeError("typst returned no picture")
    return data
