"""Reports for a division to print and forward: one content, rendered as self-contained HTML and as A4 PDF."""

from .files import index_name
from .site.dictionary import render_dictionary
from .site.index import render_index
from .site.render import render

__all__ = ["index_name", "render", "render_dictionary", "render_index"]
