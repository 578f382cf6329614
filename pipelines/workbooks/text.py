"""Text as it is compared: case, accents, punctuation and repeated blanks do not count."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,}")


def normal(text: object) -> str:
    """Lower case, no accents, everything but letters and digits a single blank; initials are a word: D.K.I. is dki."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    plain = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", plain)
    return _NOT_WORD.sub(" ", plain).strip()


def squeezed(text: str) -> str:
    """Normalised text without blanks: "Tanah Abang" and "Tanahabang" are one."""
    return text.replace(" ", "")


def slug(text: str) -> str:
    """A name for files and ids: letters, digits and hyphens, at most 60."""
    return normal(text).replace(" ", "-")[:60].strip("-") or "tanpa-nama"
