"""Annotate the sentences of a page: place names link to their pages, terms get explanations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from markupsafe import escape

from ..facts.neighbours import Link
from ..language.glossary import Term

_MAIN = '<main id="main"'
# Large figures and legends are not sentences.
_PARAGRAPH = re.compile(r'(<p(?! class="(?:figure|key|banner)")\b[^>]*>)(.*?)(</p>)', re.S)
_TAG = re.compile(r"(<[^>]*>)")
_KINDS = ("Kab. ", "Kota ", "Provinsi ")
# A province name may be the end of another name (`Kota Banda Aceh`); `_AFTER` handles the start of one.
_IS_LATER_PART = re.compile(r"\b[A-Z][\w.]* $")
_AFTER = r"(?![\w-]| [A-Z][a-z])"
Put = Callable[[str], str]  # a piece of text between tags -> the same with elements in it


def with_places_and_terms(page: str, links: Iterable[Link], terms: Sequence[Term]) -> str:
    """Return the page with places linked and terms explained inside its paragraphs; existing links stay.

    A place is linked once per paragraph, a term is explained at its first occurrence on the page. A name shared
    by two of these areas is not linked, nor is the nation's name, which is too common a word.
    """
    head, main, body = page.partition(_MAIN)
    files: dict[str, str | None] = {}
    for link in links:
        if link.code != "00" and len(link.text) > 2:
            name = str(escape(link.text))
            files[name] = None if name in files else link.file
    explained = {str(escape(term.name)): str(escape(term.short)) for term in terms}
    any_name, any_term = _any_of(files, _AFTER), _any_of(explained, r"(?![\w-])")
    if not main or not (files or explained):
        return page

    def paragraph(match: re.Match[str]) -> str:
        start, text, end = match.groups()
        linked: set[str] = set()

        def link(found: re.Match[str]) -> str:
            name = found[0]
            is_part = not name.startswith(_KINDS) and _IS_LATER_PART.search(found.string[: found.start()])
            if name in linked or is_part or not (file := files[name]):
                return name
            linked.add(name)
            return f'<a href="{escape(file)}">{name}</a>'

        def explain(found: re.Match[str]) -> str:
            short = explained.pop(found[0], "")
            return f'<abbr title="{short}">{found[0]}</abbr>' if short else found[0]

        if any_name:
            text = _between_tags(text, lambda piece: any_name.sub(link, piece))
        if any_term and explained:
            text = _between_tags(text, lambda piece: any_term.sub(explain, piece))
        return f"{start}{text}{end}"

    return head + main + _PARAGRAPH.sub(paragraph, body)


def _any_of(words: Iterable[str], after: str) -> re.Pattern[str] | None:
    """Return a pattern for any of these words, the longest first; None without words."""
    listed = "|".join(re.escape(word) for word in sorted(words, key=lambda one: (-len(one), one)))
    return re.compile(rf"(?<![\w-])(?:{listed}){after}") if listed else None


def _between_tags(text: str, put: Put) -> str:
    """Apply `put` to the text outside tags, links and explained terms."""
    parts, closed = _TAG.split(text), True
    for place, part in enumerate(parts):
        if place % 2:
            if part.startswith(("<a ", "<abbr ")):
                closed = False
            elif part in ("</a>", "</abbr>"):
                closed = True
        elif closed and part:
            parts[place] = put(part)
    return "".join(parts)
