"""Is an answer what it should be? JSON of the expected shape, and not a page that says "please wait"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .tree import LENGTHS, NATION, is_area

# Object stores call JSON by many names; a page of HTML they do not.
REFUSED_TYPES = ("text/html", "application/xhtml", "image/", "video/", "audio/", "application/pdf")
# Answers are six deep at most.
DEEPEST = 50
RESULT_KEYS = frozenset({"chart", "administrasi", "images", "tungsura", "caleg"})


class ContentError(ValueError):
    """Why an answer cannot be used; `kind` is one word for tables."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


def parse(body: bytes, content_type: str) -> Any:
    """The JSON value of an answer.

    Raises:
        ContentError: `html`, `content_type`, `encoding` or `json`.
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
    """How many lists and objects lie within each other; never recurses."""
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
    """Raise ContentError `shape` unless `value` looks like the result of a polling station."""
    if not isinstance(value, dict) or not RESULT_KEYS & value.keys():
        raise ContentError("shape", "not the result of a polling station")


def check_list(value: Any) -> None:
    """Raise ContentError `shape` unless `value` looks like a list of areas."""
    if not isinstance(value, list) or not all(isinstance(v, dict) and "kode" in v for v in value):
        raise ContentError("shape", "not a list of areas")


Check = Callable[[Any], None]


def children(value: Any, parent: str) -> tuple[list[str], list[str]]:
    """Codes of a list of areas, sorted and each once, and the entries that cannot be below `parent`.

    A code of another length, of another area or with other signs than digits is not followed: it would
    build an address or a file name nobody meant. It is reported instead.
    """
    above = "" if parent == NATION else parent
    expected = LENGTHS[LENGTHS.index(len(parent)) + 1] if above else LENGTHS[0]
    codes = [str(entry["kode"]) for entry in value]
    good = {c for c in codes if is_area(c) and len(c) == expected and c.startswith(above)}
    return sorted(good), sorted(set(codes) - good)
