"""The grammar of claim ids, and the functions that build them.

An id is a path of words separated by `/`, without spaces; several ids in one cell are separated by `;`. The
first word gives the kind:

    row/<file>/<line>                       the row of a raw file: row/register/exposure.csv/123
    coverage/<election>/<area>/<kind>/<status>   a statement of completeness of the register
    sum/<election>/<area>/<what>/<measure>[/…]   a sum; its parts are the rows of mart.sum_parts with this
        sum_id
    <election>/<kind>/…, own/…              a claim on re-votes, by its event_id: pemilu-2024/psu/menteng/043

So the first word alone tells where to look; the second and third word of a statement or a sum are its election
and area.
"""

from __future__ import annotations

WORD = r"[^/;\s]+"
PATTERN = rf"(row/{WORD}(/{WORD})*/[0-9]+|(coverage|sum)(/{WORD}){{4,}}|(own|[a-z]+-[0-9]{{4}}(-r[0-9])?)(/{WORD}){{2,}})"
"""A regular expression that a whole claim id matches."""


def row_id(source_file: object, source_row: object) -> str:
    """Return the id of a row of a raw file.

    Example:
        >>> row_id("register/exposure.csv", 123)
        'row/register/exposure.csv/123'
    """
    return f"row/{source_file}/{source_row}"


def statement_id(election_id: str, area_code: str, kind: str, status: str) -> str:
    """Return the id of a statement of completeness."""
    return "/".join(("coverage", election_id, area_code, kind, status))


def sum_id(election_id: str, area_code: str, what: str, measure: str, *more: str) -> str:
    """Return the id of a sum. A sum has no claim of its own; its parts are listed under this id.

    Example:
        >>> sum_id("pemilu-2024", "31", "psu", "held")
        'sum/pemilu-2024/31/psu/held'
    """
    return "/".join(("sum", election_id, area_code, what, measure, *more))
