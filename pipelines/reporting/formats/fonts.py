"""Fonts of the pages. They come with libraries, so that a page is the same on every machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

FACES = ("DejaVu Sans", "Libertinus Serif")


def font_paths() -> list[Path]:
    """Return the font folders besides the fonts built into typst: those of
    drawings, which come with matplotlib."""
    spec = find_spec("matplotlib")  # importing it takes longer than a page
    inside = (spec.submodule_search_locations if spec else None) or ()
    return [Path(folder) / "mpl-data" / "fonts" / "ttf" for folder in inside]


def missing_faces() -> list[str]:
    """Return fonts that cannot be found; pages would use others, or fail."""
    import typst

    found = typst.Fonts(include_system_fonts=False, font_paths=font_paths()).families()
    return [face for face in FACES if face not in found]
