"""Small SVG text: what matplotlib writes, without dates, comments, inline styles, empty groups and long numbers."""

from __future__ import annotations

import hashlib
import re

_NOISE = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_ROOT = re.compile(r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>')
_GROUP = re.compile(r"<g>|<g [^>]*[^/]>|</g>")
_LETTER = re.compile(r'<use href="([^"]*)" transform="translate\((-?[\d.]+)[ ,]+0\)"/>')
_LETTER_SHAPE = re.compile(r' d="([^"]*)" transform="scale\(0\.015625\)"')
_ROUND = re.compile(r'<path( id="[^"]*") d="M0 ([\d.]+)((?:C[^C"]*){8}z)"')
_MARKS = re.compile(r'(?:<use href="#[^"]*" x="[^"]*" y="[^"]*"[^>]*/>){2,}')
_MARK = re.compile(r'(<use href="#[^"]*") x="([^"]*)" y="([^"]*)"([^>]*)/>')
_DEFINED = re.compile(r'(<(?:path|circle) id="[^"]*"[^>]*?)(?: stroke[a-z-]*="[^"]*")+')
_BLANK = re.compile(r'<path id="([^"]*)"(?: transform="[^"]*")?(?: d="")?/>')
_PLACED = re.compile(r'"translate\((\S+) (\S+)\) scale\((\S+) (\S+)\)"')
_UNSEEN = re.compile(r'<path d="[^"]*"(?: clip-path="[^"]*")? fill="none"/>')

POINTS = {"M": 1, "L": 1, "Q": 2}


def compact(text: str) -> str:
    """A drawing of matplotlib as a fragment that a strict Content-Security-Policy allows; same in, same out."""
    text = _NOISE.sub("", text[text.index("<svg") :])
    text = _STYLE.sub(lambda m: _attributes(m.group(1)), text)
    text = _ID.sub(lambda m: m.group(0) if f"#{m.group(1)}" in text else "", text)
    text = re.sub(r"(\"|#)DejaVuSans-(Bold-)?(?:Oblique-)?([0-9a-f]+)", _glyph_id, text)
    text = _ROOT.sub(_root, text, count=1)
    # Letters are most of a drawing: `href` and a whole `x` (a hundredth of the type size) say the same in half the space.
    text = _LETTER.sub(_letter, text.replace("xlink:href", "href"))
    text = _LETTER_SHAPE.sub(_smaller, text)
    text = re.sub(r' d="([^"]*)"', lambda m: f' d="{_path(m.group(1))}"', text)
    text = re.sub(r"translate\(([^)]*)\)", lambda m: f"translate({_rounded(m.group(1))})", text)
    text = _PLACED.sub(r'"matrix(\3 0 0 \4 \1 \2)"', text)
    text = re.sub(r"(?<=>)\s+(?=<)", "", text)
    text = _MARK.sub(lambda m: f'{m[1]} x="{float(m[2]):.1f}" y="{float(m[3]):.1f}"{m[4]}/>', text)
    # A mark says where it stands how it looks; said in its definition too, a style sheet could not change it.
    text = _DEFINED.sub(r"\1", _ROUND.sub(_circle, _without_blanks(text)))
    text = _MARKS.sub(_once_styled, text)
    text = _unwrapped(re.sub(r"<g/>|<g [^>]*/>|<defs/>|<defs></defs>", "", _UNSEEN.sub("", text)))
    # Other ids get the hash of the drawing and a number, so that two drawings never clash on one page.
    mark = "f" + hashlib.sha256(text.encode()).hexdigest()[:6]
    names: dict[str, str] = {}

    def short(match: re.Match[str]) -> str:
        return match.group(1) + names.setdefault(match.group(2), f"{mark}-{len(names)}")

    return re.sub(r'( id="|href="#|url\(#)(?!g[0-9]+")([^")]+)', short, text).strip()


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


def _smaller(match: re.Match[str]) -> str:
    """The shape of a letter in 800 units per size of type instead of 6,400: finer than any screen or paper shows."""
    shape = re.sub(r"-?\d+", lambda number: str(round(int(number.group(0)) / 8)), match.group(1))
    return f' d="{shape}" transform="scale(.125)"'


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
    short = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(_rounded(text).split()))
    steps = re.findall(r"[A-Za-z]|-?[\d.]+", short)
    commands = set(filter(str.isalpha, steps))
    if commands <= set("MLQz") and "Q" in commands and "." not in short:
        return _relative(steps, 1)  # a letter, in units of its font
    return _relative(steps, 10) if commands <= set("MLz") and steps else short


def _relative(steps: list[str], unit: int) -> str:
    """A path in whole `unit`s per point, each step from the point before: half as long, and no drift."""
    written: list[str] = []
    at = start = (0, 0)
    command, place = "", 0
    while place < len(steps):
        if steps[place].isalpha():
            command, place = steps[place], place + 1
            if command == "z":
                written.append("z")
                at = start
            continue
        n = POINTS[command]
        numbers = [round(float(step) * unit) for step in steps[place : place + 2 * n]]
        place += 2 * n
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        written.append(_step(command, [value - at[i % 2] for i, value in enumerate(numbers)], unit))
        at = points[-1]
        if command == "M":
            start, command = at, "L"
    return "".join(written)


def _step(command: str, moves: list[int], unit: int) -> str:
    """One step in the shortest form; a line that goes nowhere is not written."""
    if command == "L" and 0 in moves:
        across, down = moves
        return f"v{_short(down, unit)}" if down else f"h{_short(across, unit)}" if across else ""
    words = [_short(move, unit) for move in moves]
    return command.lower() + "".join(
        f" {w}" if i and not w.startswith("-") else w for i, w in enumerate(words)
    )


def _short(value: int, unit: int) -> str:
    """With unit 10: `-5` as `-.5`, `12` as `1.2`, `30` as `3`; with unit 1 the number itself."""
    whole, rest = divmod(abs(value), unit)
    return (
        ("-" if value < 0 else "") + (str(whole) if whole or not rest else "") + (f".{rest}" if rest else "")
    )


def _circle(match: re.Match[str]) -> str:
    """A round mark as what it is, in a tenth of the space of eight arcs."""
    mark, radius, arcs = match.groups()
    is_round = all(f"{end}C" in arcs for end in (f"{radius} 0", f"0 -{radius}", f"-{radius} 0"))
    return f'<circle{mark} r="{radius}"' if is_round else match.group(0)


def _once_styled(match: re.Match[str]) -> str:
    """Marks of one colour in a group that names it once."""
    marks = _MARK.findall(match.group(0))
    looks = {look for *_, look in marks}
    if len(looks) > 1 or looks == {""}:
        return match.group(0)
    return f"<g{looks.pop()}>" + "".join(f'{m} x="{x}" y="{y}"/>' for m, x, y, _ in marks) + "</g>"


def _without_blanks(text: str) -> str:
    """The drawing without letters that show nothing: spaces."""
    for name in set(_BLANK.findall(text)):
        text = re.sub(
            rf'<use href="#{re.escape(name)}"(?: x="[^"]*")?/>|<path id="{re.escape(name)}"[^>]*/>', "", text
        )
    return text


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
