"""Codes and paths of the published tree: codes of 2, 4, 6, 10 and 13 digits, each a prefix of the next."""

from __future__ import annotations

import re

from .settings import Tree

LENGTHS = (2, 4, 6, 10, 13)
NATION = "00"
REGENCY, DISTRICT, VILLAGE, STATION = 4, 6, 10, 13


def ancestors(code: str) -> list[str]:
    """Return the codes above `code` and `code` itself, from the province down."""
    return [code[:n] for n in LENGTHS if n <= len(code)]


def is_area(code: str) -> bool:
    """Return whether `code` has the form of an area or station code; guards against path traversal."""
    return re.fullmatch(r"[0-9]+", code, re.ASCII) is not None and len(code) in LENGTHS


def list_path(tree: Tree, code: str) -> str:
    """Return the path of the list of areas directly below `code` (`00`: the provinces)."""
    return f"{tree.areas}/{'0' if code == NATION else '/'.join(ancestors(code))}.json"


def result_path(tree: Tree, contest: str, station: str) -> str:
    """Return the path of the result of one polling station (13 digits)."""
    return f"{tree.results}/{contest}/{'/'.join(ancestors(station))}.json"


def list_file(code: str) -> str:
    """Return the file with the list of areas below `code` (above villages), relative to the output folder."""
    return f"wilayah/{'/'.join(ancestors(code)) if code != NATION else '0'}.ndjson.gz"


def village_file(contest: str, village: str) -> str:
    """Return the file that stores the answers of one village (10 digits), relative to the output folder."""
    return f"hhcw/{contest}/{'/'.join(ancestors(village))}.ndjson.gz"
