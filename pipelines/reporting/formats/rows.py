"""The rows of a table as HTML. Pages hold thousands of cells, so these are written directly, not by a template."""

from __future__ import annotations

from markupsafe import Markup, escape

from ..language.words import DASH
from ..model import Cell, Column, Table
from .markup import bare, is_tied, label, softened, sort_key

LONG = 12  # rows from which a table scrolls and can be sorted; shorter ones become cards on a phone


def is_wide(table: Table) -> bool:
    """Return whether a table is long and consists of figures to compare."""
    return table.n_rows > LONG and not table.is_read


def bodies(table: Table) -> Markup:
    """Return the groups of a table, each as a `tbody`.

    In a short table, cells name their column and elements their role, since cards on narrow screens lose both.
    """
    wide, at = is_wide(table), 0
    written: list[str] = []
    for group in table.groups:
        written.append(f"<tbody{_role('rowgroup', wide)}>\n")
        if group.title:
            written.append(
                f'<tr class="group"{_role("row", wide)}><th scope="rowgroup"{_role("rowheader", wide)}'
                f' colspan="{len(table.columns)}"><span>{softened(group.title)}</span></th></tr>\n'
            )
        for row in group.rows:
            chosen = "".join(f"{facet.of_rows[at]} " for facet in table.facets)
            at += bool(table.facets)
            facets = f' data-f="{chosen}"' if table.facets else ""
            cells = "".join(
                _cell(cell, column, is_first=not place, wide=wide)
                for place, (cell, column) in enumerate(zip(row, table.columns, strict=False))
            )
            written.append(f"<tr{_role('row', wide)}{facets}>{cells}</tr>\n")
        written.append("</tbody>\n")
    return Markup("".join(written))  # noqa: S704 (every text is escaped)


def _role(name: str, wide: bool) -> str:
    return "" if wide else f' role="{name}"'


def _cell(cell: Cell, column: Column, is_first: bool, wide: bool) -> str:
    tag, scope = ("th", ' scope="row"') if is_first else ("td", "")
    whole = wide and is_tied(cell)
    classes = _classes(cell, column, whole)
    start = f"<{tag}{scope}{f' class={bare(classes)}' if classes else ''}"
    if not wide:
        role = "rowheader" if is_first else "cell"
        return f'{start} role="{role}" data-label="{escape(label(column.title))}"><span>{_text(cell)}</span></{tag}>'
    if key := sort_key(cell):
        start += f" data-v={bare(key)}"
    return f"{start}>{escape(cell.text) if whole else _text(cell)}</{tag}>"


def _classes(cell: Cell, column: Column, whole: bool) -> str:
    found = (
        "n" if whole else "",
        column.align if column.align == "end" else "",
        cell.tone.replace("_", "-"),
        "blank" if cell.text == DASH else "",
        "fill" if not cell.text and not cell.sources else "",
    )
    return " ".join(filter(None, found))


def _text(cell: Cell) -> str:
    text = softened(cell.text)
    if not cell.sources:
        return text
    links = " ".join(f'<a href="#s{n}">[{n}]</a>' for n in cell.sources)
    return f'{text}{" " if cell.text else ""}<span class="ref">{links}</span>'
