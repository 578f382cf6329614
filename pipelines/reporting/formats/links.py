"""Link place names to their pages: in table cells that contain only a name, and on the tile map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from markupsafe import escape

from ..facts.neighbours import Link

# A table cell with a single piece of text; on narrow screens, cards wrap it in a span.
_CELL = re.compile(r"(<(t[hd])\b[^>]*>)(<span>)?([^<>]{2,120})(</span>)?(</\2>)")
_TILE = re.compile(r'<g data-area="([0-9-]+)">(.*?)</g>', re.S)
_EMPTIED = re.compile(r"></(?:path|use)>")
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)


def with_linked_names(page: str, links: Iterable[Link]) -> str:
    """Return the page with a link in every cell that is the name of an area with a page.

    A name shared by two of these areas is not linked. Column headings are left alone.
    """
    found: dict[str, Link | None] = {}
    for link in links:
        name = str(escape(link.text))
        found[name] = None if name in found else link

    def put(match: re.Match[str]) -> str:
        start, _, before, name, after, end = match.groups()
        link = found.get(name)
        if link is None or 'scope="col"' in start:
            return match.group(0)
        return f'{start}{before or ""}<a href="{escape(link.file)}">{name}</a>{after or ""}{end}'

    return _CELL.sub(put, page) if found else page


def with_linked_tiles(svg: str, pages: Mapping[str, Link]) -> str:
    """Return the map with a link on every tile whose area has a page; it is then a group of links, not one
    picture.

    Tiles are excluded from tab order: the lists of the page have the same links.
    """

    def put(match: re.Match[str]) -> str:
        code, drawn = match.groups()
        link, title = pages.get(code), _TITLE.search(drawn)
        if link is None or title is None:
            return match.group(0)
        drawn = _EMPTIED.sub("/>", drawn.replace(title.group(0), "", 1), count=1)
        return f'<a href="{escape(link.file)}" tabindex="-1">{title.group(0)}{drawn}</a>'

    linked = _TILE.sub(put, svg)
    return linked if linked == svg else linked.replace('role="img"', 'role="group"', 1)
