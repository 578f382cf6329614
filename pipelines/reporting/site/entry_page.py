"""The entry page as HTML: one script, allowed by its hash, that searches and explores the page's data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from markupsafe import Markup

from ..facts.certainty import PLACES, capital
from ..facts.queries import Release
from ..facts.values import TABLE
from ..files import CHECKLIST, MEDIA, dictionary_name, methods_name
from ..formats.environment import TEMPLATES, environment, language_links
from ..language import numbers
from ..language.phrases import Phrases, read
from ..language.words import Words
from .index import OUTCOMES, Entry


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _quoted(text: str) -> str:
    """Return a text as a CSS string that can terminate neither the string nor the style element early."""
    return "".join(letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in text)


@cache
def _parts(lang: str) -> dict[str, Any]:
    """Return the style with column headings for narrow screens, the script,
    and the policy that allows only these."""
    rules = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "index.css")]
    labels = (
        f'#areas .areas td:nth-child({n})::before {{ content: "{_quoted(text)}"; }}'
        for n, text in enumerate(headings(lang)[1:], 2)
    )
    style = "".join((*rules, "@media screen and (max-width: 46rem) {\n", "\n".join(labels), "\n}\n"))
    script = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("search.js", "explorer.js"))
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704 (own files)


def headings(lang: str) -> list[str]:
    """Return the headings of the list of areas."""
    from pipelines import catalog

    words, outcomes = Words(lang), catalog.code_lists()["outcome"]
    return [
        words.field(TABLE, "area_name"),
        *(capital(outcomes[outcome][f"short_{lang}"]) for outcome in OUTCOMES),
        words.field(PLACES, "evidence"),
        Phrases(lang)("index.files"),
    ]


def entry_page(
    entry: Entry, lang: str, pages: Mapping[str, str], release: Release, has_methods: bool = False
) -> str:
    """Return the entry page in one language; `pages` = its file name per language."""
    say = Phrases(lang)
    hits = {"hits": read(lang)["index.hits"], "similar": read(lang)["index.similar"]}
    return environment().get_template("index.html.j2").render(
        entry=entry,
        map=Markup(entry.map.svg if entry.map else ""),  # noqa: S704 (drawn and escaped by this package)
        known=Markup(entry.known),  # noqa: S704 (JSON without a sign that could end the element)
        lang=lang,
        say=say,
        hits=hits,
        headings=headings(lang),
        media=[kind for kind in MEDIA if kind != "csv"],  # CSV tables are linked from the area's page
        sheets=sorted(CHECKLIST, reverse=True),  # on paper first, then as a page
        languages=language_links(lang, pages),
        release=numbers.clean(release.release_id),
        is_simulated=release.is_simulated,
        date=numbers.long_date(release.data_date, lang),
        dictionary=dictionary_name(lang),
        methods=methods_name(lang) if has_methods else "",
        dictionary_title=Words(lang).table("meta.dictionary"),
        **_parts(lang),
    )  # fmt: skip
