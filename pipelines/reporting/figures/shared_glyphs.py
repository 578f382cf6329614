"""Drawings that stand on one page: letters, words and the size of the type are said once, not with every label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count, product
from string import ascii_letters, ascii_uppercase
from typing import TypeVar

_GLYPH = re.compile(r'<path id="(g[0-9]+)"[^>]*/>')
_WORD = re.compile(r'(?:<use href="#g\d+"(?: x="\d+")?/>){2,}')
# A label: its letters, or a word that stands elsewhere, in units of a hundredth of the type size, y upwards.
_INSIDE = r"(?:<use [^>]*/>|<g id=\"w\d+\">(?:<use [^>]*/>)+</g>|<defs>(?:<path [^>]*/>)+</defs>)+"
_LABEL = re.compile(
    r'<g fill="([^"]*)" transform="matrix\(([\d.]+) 0 0 -\2 (-?[\d.]+) (-?[\d.]+)\)">' rf"({_INSIDE})</g>"
)
_LABELS = re.compile(
    r'(?:<g fill="([^"]*)" transform="matrix\(([\d.]+) 0 0 -\2 )'
    rf'-?[\d.]+ -?[\d.]+\)">{_INSIDE}</g>'
    r'(?:<g fill="\1" transform="matrix\(\2 0 0 -\2 '
    rf'-?[\d.]+ -?[\d.]+\)">{_INSIDE}</g>)+'
)
_NAMED = re.compile(r'( id="|href="#|url\(#)([^")]+)')
_USE, _QUOTED = re.compile(r"<use([^>]*)/>"), re.compile(r'="([#\w.-]+)"')
_SHARED = re.compile(r'<use href="#(w\d+|g\d+)"/>')

# Lines, which have no inside, and upright boxes, which all turn the same way: together they cover what each covers.
_LOOK = r'(?: [a-z-]+="[^"]*")*'
_LINE, _LINE_LOOK = r'<path d="m[^"mMz]*"', rf'(?: clip-path="[^"]*")? fill="none"{_LOOK}'
_BOX = r'<path d="m[-\d. ]+h[\d.]+v[\d.]+h-[\d.]+z"'
_ALIKE = tuple(
    re.compile(rf"{path}({look})/>(?:{path}\1/>)+") for path, look in ((_LINE, _LINE_LOOK), (_BOX, _LOOK))
)
_PATH = re.compile(r'<path d="([^"]*)"')

K = TypeVar("K")


def without_known_glyphs(text: str, known: set[str]) -> str:
    """The drawing without the letters defined by earlier drawings of the same page; adds its own to `known`."""

    def once(match: re.Match[str]) -> str:
        if match.group(1) in known:
            return ""
        known.add(match.group(1))
        return match.group(0)

    return _GLYPH.sub(once, text).replace("<defs></defs>", "")


def with_shared_words(drawings: Mapping[K, str]) -> dict[K, str]:
    """Drawings of one page in which a word that comes again points to where it came first."""
    counted = Counter(word for text in drawings.values() for word in _WORD.findall(text))
    known: dict[str, str] = {}

    def once(match: re.Match[str]) -> str:
        word = match.group(0)
        if counted[word] < 2:
            return word
        if word in known:
            return f'<use href="#{known[word]}"/>'
        known[word] = f"w{len(known)}"
        return f'<g id="{known[word]}">{word}</g>'

    return {key: _WORD.sub(once, text) for key, text in drawings.items()}


def with_short_names(drawings: Mapping[K, str]) -> dict[K, str]:
    """Drawings of one page whose parts have the shortest names for what is named most: `A`, `B`, ..., `Aa`, ..."""
    counted = Counter(name for text in drawings.values() for _, name in _NAMED.findall(text))
    most_first = sorted(counted, key=lambda name: (-counted[name], name))
    short = dict(zip(most_first, _names(), strict=False))
    return {key: _NAMED.sub(lambda m: m[1] + short[m[2]], text) for key, text in drawings.items()}


def with_bare_values(text: str) -> str:
    """The drawing, as part of a page of HTML, without quotes around what letters and marks say: thousands of them."""
    return _USE.sub(lambda m: "<use" + _QUOTED.sub(r"=\1", m[1]) + " />", text)


def _names() -> Iterator[str]:
    """Capitals first, since ids of sections and sources begin with small letters."""
    for length in count():
        for letters in product(ascii_uppercase, *(ascii_letters,) * length):
            yield "".join(letters)


def with_joint_labels(text: str) -> str:
    """The drawing with labels of one size and colour that follow each other in one group."""
    return _LABELS.sub(_joint, text)


def with_joint_paths(text: str) -> str:
    """The drawing with lines, and with boxes, that look alike and follow each other as one path."""
    for alike in _ALIKE:
        text = alike.sub(_one_path, text)
    return text


def _one_path(match: re.Match[str]) -> str:
    """Each part starts where it says itself, not where the part before ended; what shines through stays as it is."""
    if "opacity" in match.group(1):
        return match.group(0)
    parts = [part.replace("m", "M", 1) for part in _PATH.findall(match.group(0))]
    return f'<path d="{"".join(parts)}"{match.group(1)}/>'


def _joint(match: re.Match[str]) -> str:
    fill, size = match.group(1), float(match.group(2))
    found = []
    for label in _LABEL.finditer(match.group(0)):
        x, y = round(float(label[3]) / size), round(float(label[4]) / -size)
        shared = _SHARED.fullmatch(label[5])
        found.append(
            f'<use href="#{shared[1]}" x="{x}" y="{y}"/>'
            if shared
            else f'<g transform="translate({x} {y})">{label[5]}</g>'
        )
    return f'<g fill="{fill}" transform="scale({match.group(2)} -{match.group(2)})">{"".join(found)}</g>'
