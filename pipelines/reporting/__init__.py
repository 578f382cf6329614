"""Reports a division prints and forwards: one content, rendered as self-contained HTML and as A4 PDF."""

from .files import index_name
from .render import render, render_index

__all__ = ["index_name", "render", "render_index"]
