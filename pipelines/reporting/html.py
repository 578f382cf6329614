"""Report content as one self-contained HTML page: no request, and a policy that allows one style and one script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import numbers
from .files import MEDIA, dictionary_name
from .index import Entry
from .layout import fitted
from .markup import softened, sort_key
from .model import Figure, Panel, Report
from .phrases import Phrases
from .queries import Release
from .svg import without_known_glyphs
from .words import Words

TEMPLATES = Path(__file__).parent / "templates"
SCREEN = 78  # em of the type in tables that fit on a wide screen


def digest(text: str) -> str:
    """A style or script as a Content-Security-Policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _style() -> tuple[str, str, str]:
    """The style sheet, the script that sorts tables, and the policy that allows exactly these."""
    text, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "tables.js"))
    policy = (
        f"default-src 'none'; style-src {digest(text)}; script-src {digest(script)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    return text, script, policy


def _drawings(report: Report) -> dict[str, Markup]:
    """Panels by their SVG, as inline SVG that says what it shows; letters are defined once per page."""
    known: set[str] = set()
    blocks = (block for section in report.sections for block in section.blocks)
    return {panel.svg: _drawing(panel, known) for b in blocks if isinstance(b, Figure) for panel in b.panels}


def _drawing(panel: Panel, known: set[str]) -> Markup:
    """Drawn by this package, labels as outlines and the description escaped, so the markup is trusted."""
    label = f'<svg role="img" aria-label="{escape(panel.alt)}" '
    return Markup(without_known_glyphs(panel.svg, known).replace("<svg ", label, 1))  # noqa: S704


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(softened=softened, sort_key=sort_key)
    return found


def _frame(lang: str, pages: Mapping[str, str]) -> dict[str, Any]:
    text, script, policy = _style()
    languages = [(other, Phrases(lang)(f"lang.{other}"), name) for other, name in pages.items()]
    own = {"style": Markup(text), "script": Markup(script)}  # noqa: S704 (files of this package)
    return own | {"policy": policy, "languages": languages, "lang": lang}


def page(
    report: Report,
    languages: Mapping[str, str],
    beside: Mapping[str, str] = MappingProxyType({}),
    index: str = "",
) -> str:
    """The page of one area; `languages` = file name per language, this one included.

    `beside` = file name per format for the files to link: pdf, csv, xlsx.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=fitted(report, SCREEN),
        beside=beside,
        media=MEDIA,
        index=index,
        drawings=_drawings(report),
        **_frame(report.lang, languages),
    )


def index_page(entries: Sequence[Entry], lang: str, pages: Mapping[str, str], release: Release) -> str:
    """The entry page in one language."""
    date = numbers.long_date(release.data_date, lang)
    frame = _frame(lang, pages)
    template = _environment().get_template("index.html.j2")
    words = Words(lang)
    return template.render(
        entries=entries,
        say=Phrases(lang),
        release=release,
        date=date,
        area_title=words.field("mart.three_zeros", "area_name"),
        dictionary=dictionary_name(lang),
        dictionary_title=words.table("meta.dictionary"),
        **frame,
    )
