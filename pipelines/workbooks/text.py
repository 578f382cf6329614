"""Normalise text for comparison: ignore case, accents, punctuation and repeated blanks."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,}")


def normal(text: object) -> str:
    """Return lower case without accents, anything but letters and digits as
    one blank; initials join: D.K.I. is dki."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    plain = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", plain)
    return _NOT_WORD.sub(" ", plain).strip()


def squeezed(text: str) -> str:
    """Return normalised text without blanks: "Tanah Abang" and "Tanahabang" become equal."""
    return text.replace(" ", "")


def slug(text: str) -> str:
    """Return a name for files and ids: letters, digits and hyphens, at most 60 characters."""
    return normal(text).replace(" ", "-")[:60].strip("-") or "tanpa-nama"
