"""The faces that pages are set in. They come with libraries, so that a page is the same on every machine."""

from __future__ import annotations

from pathlib import Path

FACES = ("DejaVu Sans", "Libertinus Serif")


def font_paths() -> list[Path]:
    """Folders of fonts besides those inside typst: the faces of drawings."""
    from matplotlib import get_data_path

    return [Path(get_data_path()) / "fonts" / "ttf"]


def missing_faces() -> list[str]:
    """Faces that cannot be found; pages would be set in others, or not at all."""
    import typst

    found = typst.Fonts(include_system_fonts=False, font_paths=font_paths()).families()
    return [face for face in FACES if face not in found]
