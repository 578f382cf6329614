"""Check that an answer is usable: JSON of the expected shape, not an HTML page that says "please wait"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .tree import LENGTHS, NATION, is_area

# Object stores label JSON with many content types, but never as an HTML page.
REFUSED_TYPES = ("text/html", "application/xhtml", "image/", "video/", "audio/", "application/pdf")
# Real answers nest at most six levels deep.
DEEPEST = 50
RESULT_KEYS = frozenset({"chart", "administrasi", "images", "tungsura", "caleg"})


class ContentError(ValueError):
    """Why an answer cannot be used; `kind` is a one-word code for tables."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


def parse(body: bytes, content_type: str) -> Any:
    """Return the JSON value of an answer.

    Raises:
        ContentError: with kind `html`, `content_type`, `encoding` or `json`.
    """
    kind = content_type.split(";")[0].strip().lower()
    if body.lstrip()[:1] == b"<" or kind.startswith("text/html"):
        raise ContentError("html", "a page instead of data")
    if kind.startswith(REFUSED_TYPES):
        raise ContentError("content_type", kind)
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise ContentError("encoding", str(error)) from None
    except (ValueError, RecursionError) as error:
        raise ContentError("json", str(error)) from None
    if _depth(value) > DEEPEST:
        raise ContentError("json", f"nested more than {DEEPEST} deep")
    return value


def _depth(value: Any) -> int:
    """Return the nesting depth of lists and objects, without recursion."""
    level, depth = [value], 0
    while level:
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
        if depth > DEEPEST:
            break
    return depth


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def check_result(value: Any) -> None:
    """Raise ContentError (`shape`) unless `value` looks like the result of a polling station."""
    if not isinstance(value, dict) or not RESULT_KEYS & value.keys():
        raise ContentError("shape", "not the result of a polling station")


def check_list(value: Any) -> None:
    """Raise ContentError (`shape`) unless `value` looks like a list of areas."""
    if not isinstance(value, list) or not all(isinstance(v, dict) and "kode" in v for v in value):
        raise ContentError("shape", "not a list of areas")


Check = Callable[[Any], None]


def children(value: Any, parent: str) -> tuple[list[str], list[str]]:
    """Return the distinct codes of a list of areas, sorted, and the entries that cannot lie below `parent`.

    A code with another length, another parent or any character other than digits is reported and not
    followed: it could produce an unintended URL or file name.
    """
    above = "" if parent == NATION else parent
    expected = LENGTHS[LENGTHS.index(len(parent)) + 1] if above else LENGTHS[0]
    codes = [str(entry["kode"]) for entry in value]
    good = {c for c in codes if is_area(c) and len(c) == expected and c.startswith(above)}
    return sorted(good), sorted(set(codes) - good)
