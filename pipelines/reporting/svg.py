"""Small SVG text: what matplotlib writes, without dates, comments, inline styles, empty groups and long numbers."""

from __future__ import annotations

import hashlib
import re

_NOISE = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_ROOT = re.compile(r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>')
_GROUP = re.compile(r"<g>|<g [^>]*[^/]>|</g>")
_GLYPH = re.compile(r'<path id="(g[0-9]+)"[^>]*/>')
_LETTER = re.compile(r'<use href="([^"]*)" transform="translate\((-?[\d.]+)[ ,]+0\)"/>')
_UNSEEN = re.compile(r'<path d="[^"]*"(?: clip-path="[^"]*")? fill="none"/>')


def compact(text: str) -> str:
    """A drawing of matplotlib as a fragment that a strict Content-Security-Policy allows; same in, same out."""
    text = _NOISE.sub("", text[text.index("<svg") :])
    text = _STYLE.sub(lambda m: _attributes(m.group(1)), text)
    text = _ID.sub(lambda m: m.group(0) if f"#{m.group(1)}" in text else "", text)
    text = re.sub(r"(\"|#)DejaVuSans-(Bold-)?(?:Oblique-)?([0-9a-f]+)", _glyph_id, text)
    text = _ROOT.sub(_root, text, count=1)
    # Letters are most of a drawing: `href` and a whole `x` (a hundredth of the type size) say the same in half the space.
    text = _LETTER.sub(_letter, text.replace("xlink:href", "href"))
    text = re.sub(r' d="([^"]*)"', lambda m: f' d="{_path(m.group(1))}"', text)
    text = re.sub(r"translate\(([^)]*)\)", lambda m: f"translate({_rounded(m.group(1))})", text)
    text = re.sub(r"(?<=>)\s+(?=<)", "", text)
    text = _unwrapped(re.sub(r"<g/>|<g [^>]*/>|<defs/>", "", _UNSEEN.sub("", text)))
    # Other ids get the hash of the drawing and a number, so that two drawings never clash on one page.
    mark = "f" + hashlib.sha256(text.encode()).hexdigest()[:8]
    names: dict[str, str] = {}

    def short(match: re.Match[str]) -> str:
        return match.group(1) + names.setdefault(match.group(2), f"{mark}-{len(names)}")

    return re.sub(r'( id="|href="#|url\(#)(?!g[0-9]+")([^")]+)', short, text).strip()


def without_known_glyphs(text: str, known: set[str]) -> str:
    """The drawing without the letters defined by earlier drawings of the same page; adds its own to `known`."""

    def once(match: re.Match[str]) -> str:
        if match.group(1) in known:
            return ""
        known.add(match.group(1))
        return match.group(0)

    return _GLYPH.sub(once, text).replace("<defs></defs>", "")


def _attributes(style: str) -> str:
    """`fill: none; stroke: #000` as presentation attributes."""
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


def _glyph_id(match: re.Match[str]) -> str:
    """One short id per letter and weight, the same in every drawing: `g` + weight + code in decimal."""
    quote, bold, code = match.groups()
    return f"{quote}g{2 if bold else 1}{int(code, 16):03d}"


def _letter(match: re.Match[str]) -> str:
    """A letter of a word, moved along the line."""
    return f'<use href="{match.group(1)}" x="{float(match.group(2)):.0f}"/>'


def _root(match: re.Match[str]) -> str:
    """The root says what the dropped style sheet said of every element; it is inherited."""
    width, height = match.group(1).split()[2:]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{width}pt" height="{height}pt" viewBox="{match.group(1)}" '
        'stroke-linejoin="round" stroke-linecap="butt">'
    )


def _rounded(text: str) -> str:
    return re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m.group(0)):.2f}".rstrip("0").rstrip("."), text)


def _path(text: str) -> str:
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(_rounded(text).split()))


def _unwrapped(text: str) -> str:
    """The same drawing without groups that carry no attribute."""
    open_groups: list[bool] = []

    def keep(match: re.Match[str]) -> str:
        tag = match.group(0)
        if tag != "</g>":
            open_groups.append(tag != "<g>")
            return tag if open_groups[-1] else ""
        return tag if open_groups.pop() else ""

    return _GROUP.sub(keep, text)
