"""Text of unknown origin made fit for a terminal: the one door for everything that is printed.

File names, cells and answers of servers may hold escape sequences that move the cursor, rename the window, or hide what
stands above; marks that turn the direction of writing do the same to the eye.
"""

from __future__ import annotations

import re

# C0 but tab and newline, DEL, C1, line and paragraph separators, marks of direction, byte order mark, lone surrogates.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: object) -> str:
    """The text with every character that a terminal would obey, or cannot show, spelt out, such as `\\x1b`."""
    return _UNFIT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(text))
