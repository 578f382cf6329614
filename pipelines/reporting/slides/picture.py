"""A drawing as a picture: slides show PNG everywhere, SVG only in the newest programs."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from ..formats.pdf import TEMPLATES

PPI = 220
_VIEW = re.compile(r'viewBox="([-\d.e]+)[ ,]+([-\d.e]+)[ ,]+([-\d.e]+)[ ,]+([-\d.e]+)"')
_WIDE = 480.0  # points: what a drawing is scaled to before it becomes pixels


@cache
def _compiler() -> Any:
    import typst

    return typst.Compiler(TEMPLATES / "picture.typ", root=TEMPLATES, font_paths=[], ignore_system_fonts=True)


def aspect(svg: str) -> float:
    """Width by height of a drawing."""
    found = _VIEW.search(svg)
    if not found:
        return 1.0
    return float(found.group(3)) / max(float(found.group(4)), 1e-9)


@lru_cache(maxsize=64)
def png(svg: str) -> bytes:
    """The drawing on white as PNG; the same bytes for the same drawing."""
    data = _compiler().compile(
        format="png",
        ppi=PPI,
        sys_inputs={"svg": svg, "width": str(_WIDE), "height": str(_WIDE / aspect(svg))},
    )
    if not isinstance(data, bytes):
        raise TypeError("typst returned no picture")
    return data
