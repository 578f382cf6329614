"""Names of report files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from .facts import queries

# Media types of the files beside a page.
MEDIA = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# The printable checklist beside the page of an area below the nation.
CHECKLIST = {"checklist.html": "text/html", "checklist.pdf": "application/pdf"}
FORMATS = ("html", *MEDIA, *CHECKLIST)


@lru_cache(10_000)  # the entry pages ask for many files of every area
def slug(area: queries.Area) -> str:
    """Return `3171-kota-administrasi-jakarta-pusat`: plain letters only, at most 60 characters of the name."""
    plain = unicodedata.normalize("NFKD", area.name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")
    return re.sub(r"[^0-9-]", "", area.code) + (f"-{name}" if name else "")


def file_name(area: queries.Area, lang: str, extension: str) -> str:
    """Name of a report file."""
    return f"{slug(area)}.{lang}.{extension}"


def formats_for(area: queries.Area, formats: Sequence[str]) -> list[str]:
    """Return the formats that the page of an area has: the nation's has no checklist."""
    return [name for name in formats if not (area.is_nation and name in CHECKLIST)]


def index_name(lang: str, langs: Sequence[str]) -> str:
    """Return `index.html` for the first language, `index.<lang>.html` for the others."""
    return "index.html" if lang == langs[0] else f"index.{lang}.html"


def put(path: Path, data: bytes | str) -> Path:
    """Write a file atomically via a new inode: other releases may share the old file by hard link."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return aside.replace(path)


def methods_name(lang: str, extension: str = "html") -> str:
    """File name of the book of methods."""
    return f"methods.{lang}.{extension}"


def dictionary_name(lang: str) -> str:
    """File name of the data dictionary."""
    return f"dictionary.{lang}.html"
