"""Make untrusted text safe for a terminal; everything that is printed passes through here.

File names, cells and server responses may contain escape sequences that move the cursor, rename the window or
hide text above; bidirectional control characters can mislead the eye in the same way.
"""

from __future__ import annotations

import re

# C0 except tab and newline, DEL, C1, line and paragraph separators, bidirectional marks, BOM, lone surrogates.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: object) -> str:
    """Return the text with every control or unprintable character escaped, such as `\\x1b`."""
    return _UNFIT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(text))
