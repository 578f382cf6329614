"""Where long words may break, and what must stay on one line."""

from __future__ import annotations

import re
from functools import lru_cache

from ..language.numbers import KEPT, tied

ZERO_WIDTH_SPACE = "\u200b"
NO_BREAK = str.maketrans(" -", "\u00a0\u2011")
LONGEST = 20  # longest word that a column must hold unbroken, in characters
_LONG_WORD = re.compile(rf"[^\s/-]{{{LONGEST},}}")


@lru_cache(KEPT)
def breakable(text: str) -> str:
    """Return text in which words of 20 and more characters may break, to avoid overflow; intervals may not."""
    parts = tied(text)
    parts[::2] = [
        _LONG_WORD.sub(lambda m: ZERO_WIDTH_SPACE.join(re.findall(r".{1,8}", m.group(0))), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def in_one_piece(text: str) -> str:
    """Return the text with no-break spaces and hyphens inside intervals and
    numbers with units, e.g. for measuring."""
    parts = tied(text)
    parts[1::2] = [part.translate(NO_BREAK) for part in parts[1::2]]
    return "".join(parts)
