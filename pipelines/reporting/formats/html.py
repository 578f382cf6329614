"""Render a report as one self-contained HTML page: no requests, and a
policy that allows one style and one script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from html import escape
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from ..facts.neighbours import Neighbours
from ..files import CHECKLIST, MEDIA, methods_name
from ..language.glossary import Term, used
from ..model import Figure, Panel, Report
from .environment import TEMPLATES, environment, language_links
from .layout import fitted
from .links import with_linked_names, with_linked_tiles
from .sentences import with_places_and_terms

SCREEN = 78  # em of table type that fit on a wide screen


def digest(text: str) -> str:
    """Return the hash of a style or script in Content-Security-Policy form."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _style() -> tuple[str, str, str]:
    """Return the style sheet, the script that sorts tables and exports
    charts, and the policy that allows only these."""
    text, *scripts = (
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "tables.js", "take.js")
    )
    script = "".join(scripts)
    policy = (
        f"default-src 'none'; style-src {digest(text)}; script-src {digest(script)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    return text, script, policy


def _drawings(report: Report) -> dict[str, Markup]:
    """Return panels by their SVG, as inline SVG with a text description."""
    blocks = (block for section in report.sections for block in section.blocks)
    panels = (panel for b in blocks if isinstance(b, Figure) for panel in b.panels)
    # Drawn by this package with every text escaped, so the markup is trusted.
    return {panel.svg: Markup(_drawing(panel)) for panel in panels}  # noqa: S704


def _brief_map(report: Report, around: Neighbours) -> Markup:
    """Return the tile map, each tile linked to its page; drawn by this package with every text escaped."""
    drawn = report.brief.map.svg if report.brief and report.brief.map else ""
    return Markup(with_linked_tiles(drawn, around.pages()))  # noqa: S704


def _glossary(report: Report) -> tuple[Term, ...]:
    """Return terms in the brief and the headings, explained at the foot of a page; empty without a brief."""
    brief = report.brief
    if brief is None:
        return ()
    told = [brief.headline, brief.sure, *(line.why for line in brief.places), *(s.text for s in brief.steps)]
    told += [text for tile in brief.tiles for text in (tile.kicker, *tile.lines)]
    told += [step.duty for step in brief.steps] + [section.title for section in report.sections]
    return used(told, report.lang)


def _drawing(panel: Panel) -> str:
    return panel.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(panel.alt)}" ', 1)


def _frame(lang: str, pages: Mapping[str, str]) -> dict[str, Any]:
    text, script, policy = _style()
    languages = language_links(lang, pages)
    own = {"style": Markup(text), "script": Markup(script)}  # noqa: S704 (files of this package)
    return own | {"policy": policy, "languages": languages, "lang": lang}


def page(
    report: Report,
    languages: Mapping[str, str],
    beside: Mapping[str, str] = MappingProxyType({}),
    index: str = "",
    around: Neighbours = Neighbours(),  # noqa: B008 (frozen)
) -> str:
    """Return the page of one area; `languages` = file name per language, this one included.

    `beside` = file name per format to link: pdf, csv, xlsx; `around` = pages above and below.
    """
    template, terms = environment().get_template("report.html.j2"), _glossary(report)
    text = template.render(
        report=fitted(report, SCREEN),
        beside=beside,
        media={"html": "text/html"} | MEDIA | CHECKLIST,
        index=index,
        around=around,
        drawings=_drawings(report),
        brief_map=_brief_map(report, around),
        methods=methods_name(report.lang),
        pages={code: one.file for code, one in around.pages().items()},
        glossary=terms,
        **_frame(report.lang, languages),
    )
    pages = list(around.pages().values())
    return with_places_and_terms(with_linked_names(text, pages), pages, terms)
