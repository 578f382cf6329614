"""Compare an answer with the stored versions: first answer, unchanged, changed, withdrawn …"""

from __future__ import annotations

from .fetch import Answer
from .records import Record, now

# new: first answer; appeared: was absent before; changed: differs from the previous answer; unchanged;
# absent: nothing there (first time or still); withdrawn: was there before; failed: no usable answer.
OUTCOMES = ("new", "appeared", "changed", "unchanged", "absent", "withdrawn", "failed")


def absorb(
    known: Record | None, answer: Answer, kind: str, contest: str, code: str, path: str
) -> tuple[str, Record | None]:
    """Return one of OUTCOMES and the version to append, if any; stored versions are never replaced."""
    if answer.outcome in ("failed", "unchanged"):
        return answer.outcome, None
    if answer.outcome == "absent":
        outcome = "withdrawn" if known is not None and known.is_present else "absent"
        if known is not None and not known.is_present:
            return outcome, None
    elif known is None:
        outcome = "new"
    elif not known.is_present:
        outcome = "appeared"
    elif known.sha256 == answer.sha256:
        return "unchanged", None
    else:
        outcome = "changed"
    return outcome, Record(
        kind,
        contest,
        code,
        path,
        answer.status,
        answer.etag,
        answer.last_modified,
        now(),
        answer.sha256,
        answer.body,
    )
