"""Compact SVG: matplotlib's output without dates, comments, inline styles, empty groups and long numbers."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree as ET

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
FACE = "DejaVu Sans, Verdana, Arial, sans-serif"
"""The font in which labels were measured, then fonts that are no wider."""
DROPPED = {"metadata", "style"}
_NOT_TURNED = re.compile(r"rotate\(-?0 [^)]*\)")
_LINK = re.compile(r"url\(#([^)]*)\)")


def compact(text: str) -> str:
    """Return a matplotlib drawing as a fragment allowed by a strict Content-Security-Policy; deterministic.

    Labels stay text, so that they can be searched, copied and read aloud. The drawing is our own, so its markup
    is trusted.
    """
    root = ET.fromstring(text)  # noqa: S314
    for element in root.iter():
        _plain(element)
    width, height = root.get("viewBox", "0 0 1 1").split()[2:]
    root.attrib = {
        "xmlns": SVG[1:-1],
        "width": f"{width}pt",
        "height": f"{height}pt",
        "viewBox": root.get("viewBox", ""),
        # The removed style sheet set this for every element; it is inherited.
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
        "font-family": FACE,
    }
    _tidy(root)
    return _named(root)


def _plain(element: ET.Element) -> None:
    """Strip namespaces and inline style from one element and shorten its numbers."""
    element.tag = element.tag.removeprefix(SVG)
    element.tail = None
    if element.tag != "text":
        element.text = None
    found: dict[str, str] = {}
    for name, value in element.attrib.items():
        if name == "style":
            pairs = (part.split(":", 1) for part in value.split(";") if ":" in part)
            found |= {key.strip(): said.strip() for key, said in pairs if key.strip() != "font-family"}
        elif name == "d":
            found["d"] = _path(value)
        else:
            found[name.removeprefix(XLINK)] = value
    if _NOT_TURNED.fullmatch(found.get("transform", "")):
        del found["transform"]
    if found.get("text-anchor") == "start":
        del found["text-anchor"]
    for name in ("x", "y", "transform", "font-size", "stroke-width"):
        if name in found:
            found[name] = _rounded(found[name], 1 if name in ("x", "y") else 2)
    element.attrib = found


def _tidy(parent: ET.Element) -> None:
    """Remove invisible parts: dropped elements, empty groups, paths without stroke or fill."""
    children: list[ET.Element] = []
    for child in parent:
        if child.tag in DROPPED:
            continue
        _tidy(child)
        looks = {name for name in child.attrib if name not in ("d", "clip-path", "id")}
        if child.tag in ("g", "defs") and not len(child):
            continue
        if child.tag == "path" and looks == {"fill"} and child.get("fill") == "none":
            continue
        if parent.tag == "defs" and child.tag == "path":
            # A marker is styled where it is placed; a style here would override the style sheet.
            child.attrib = {n: v for n, v in child.attrib.items() if not n.startswith("stroke")}
        children.append(child)
    parent[:] = children


def _named(root: ET.Element) -> str:
    """Return the text; referenced ids get the drawing's hash and a number, so that they never clash on a page."""
    used = {value[1:] for e in root.iter() for name, value in e.attrib.items() if name == "href"}
    used |= {name for e in root.iter() for value in e.attrib.values() for name in _LINK.findall(value)}
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
    _unwrap(root)
    mark = "f" + hashlib.sha256(ET.tostring(root)).hexdigest()[:6]
    names = {
        old: f"{mark}-{n}" for n, old in enumerate(e.attrib["id"] for e in root.iter() if "id" in e.attrib)
    }
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, names[value])
            elif name == "href":
                element.set(name, "#" + names[value[1:]])
            elif "url(#" in value:
                element.set(name, _LINK.sub(lambda m: f"url(#{names[m[1]]})", value))
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")


def _unwrap(parent: ET.Element) -> None:
    """Remove groups without attributes: their children take their place."""
    children: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    parent[:] = children


def _rounded(text: str, digits: int = 2) -> str:
    return re.sub(
        rf"-?\d+\.\d{{{digits + 1},}}",
        lambda m: f"{float(m.group(0)):.{digits}f}".rstrip("0").rstrip("."),
        text,
    )


def _path(text: str) -> str:
    short = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(_rounded(text).split()))
    steps = re.findall(r"[A-Za-z]|-?[\d.]+", short)
    return _relative(steps) if set(filter(str.isalpha, steps)) <= set("MLz") and steps else short


def _relative(steps: list[str]) -> str:
    """Return a path in tenths of a point with relative steps: half as long, and without drift."""
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
        point = (round(float(steps[place]) * 10), round(float(steps[place + 1]) * 10))
        place += 2
        written.append(_step(command, point[0] - at[0], point[1] - at[1]))
        at = point
        if command == "M":
            start, command = at, "L"
    return "".join(written)


def _step(command: str, across: int, down: int) -> str:
    """Return one step in its shortest form; a zero-length line is dropped."""
    if command == "L" and 0 in (across, down):
        return f"v{_tenths(down)}" if down else f"h{_tenths(across)}" if across else ""
    second = _tenths(down)
    return f"{command.lower()}{_tenths(across)}{'' if second.startswith('-') else ' '}{second}"


def _tenths(value: int) -> str:
    """Return `-5` as `-.5`, `12` as `1.2`, `30` as `3`."""
    whole, rest = divmod(abs(value), 10)
    return (
        ("-" if value < 0 else "") + (str(whole) if whole or not rest else "") + (f".{rest}" if rest else "")
    )
