"""Compare the first line of a CSV file with the columns the catalog declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..catalog.messages import Joined, Message
from .errors import SourceError, refuse
from .limits import MAX_COLUMNS

_OTHER_SEPARATORS = {";": Message("sources.semicolons"), "\t": Message("sources.tabs")}


# How many unexpected names are compared with each missing one, and the similarity required.
_COMPARED, _ALIKE = 100, 0.6


def _renamed(missing: Sequence[str], unexpected: Sequence[str]) -> dict[str, str]:
    """Map each missing name to the most similar unexpected one; each is used once."""
    alike = []
    for place, found_name in enumerate(unexpected):
        other = found_name.strip().lower()
        matcher = None
        for number, name in enumerate(missing):
            # Lengths and letters give cheap upper bounds of the similarity; most names need no closer look.
            length = len(name) + len(other)
            if length and 2 * min(len(name), len(other)) / length < _ALIKE:
                continue
            matcher = matcher or SequenceMatcher(None, "", other)
            matcher.set_seq1(name)
            if matcher.quick_ratio() >= _ALIKE:
                alike.append((-matcher.ratio(), number, place))
    found: dict[str, str] = {}
    for share, number, place in sorted(alike):
        name, other = missing[number], unexpected[place]
        if -share >= _ALIKE and name not in found and other not in found.values():
            found[name] = other
    return found


def check_header(found: Sequence[str], expected: Sequence[str], file: str, line: int) -> SourceError | None:
    """Return the error for a header that does not match, or None. Columns may be in any order."""
    if len(found) > MAX_COLUMNS:
        return refuse(
            file,
            Message(
                "sources.too_many_columns",
                n_columns=len(found),
                limit=MAX_COLUMNS,
                first=", ".join(found[:5]),
            ),
            line=line,
        )
    if len(found) == 1 and len(expected) > 1:
        for mark, called in _OTHER_SEPARATORS.items():
            if mark in found[0]:
                return refuse(
                    file,
                    Message("sources.other_separator", separator=called, found=found[0]),
                    line=line,
                    value=found[0],
                )
    missing = [name for name in expected if name not in found]
    unexpected = [name for name in found if name not in expected]
    twice = sorted(name for name, n in Counter(found).items() if n > 1)
    if not (missing or unexpected or twice):
        return None
    renamed = _renamed(missing, unexpected[:_COMPARED])
    said: list[Message] = []
    for name, near in renamed.items():
        said.append(Message("sources.renamed", found=near, wanted=name))
    for key, names in (
        ("sources.columns_missing", missing),
        ("sources.columns_unexpected", unexpected),
        ("sources.columns_twice", twice),
    ):
        if names:
            said.append(Message(key, names=", ".join(names)))
    wanted = ",".join(expected)
    return refuse(
        file,
        Message(
            "sources.wrong_header",
            differences=Joined(*said, separator="; "),
            found=",".join(found),
            wanted=wanted,
        ),
        line=line,
        column=(missing or unexpected or twice)[0],
        value=",".join(found),
    )
