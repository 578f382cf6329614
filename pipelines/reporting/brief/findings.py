"""One sentence on the office's own findings: recommendations that are open, overdue and due next."""

from __future__ import annotations

from ..facts import findings
from ..facts.context import Context
from ..language import numbers

ROOM = 90  # letters of a problem that fit into the sentence


def findings_line(ctx: Context) -> str:
    """Return the sentence; empty if no office added findings with an open recommendation."""
    rows = findings.still_open(ctx)
    if not rows:
        return ""
    first = rows[0]
    if first["deadline"] is None:
        return ctx.say("findings.brief_undated", open=len(rows))
    return ctx.say(
        "findings.brief",
        open=len(rows),
        overdue=sum(bool(row["is_overdue"]) for row in rows),
        day=numbers.long_date(first["judged_on"], ctx.lang),
        problem=_short(numbers.clean(first["problem"])),
        area=numbers.short_area(first["area_name"]),
        deadline=numbers.long_date(first["deadline"], ctx.lang),
    )


def _short(text: str) -> str:
    if len(text) <= ROOM:
        return text
    return text[:ROOM].rsplit(" ", 1)[0] + " …"
