"""Reports a division prints and forwards: one content, rendered as self-contained HTML and as A4 PDF."""

from .render import render, render_index

__all__ = ["render", "render_index"]
