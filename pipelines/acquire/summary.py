"""Summary of a download: counts that add up over areas, and the URLs not yet fetched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..catalog.messages import Message
from .versions import OUTCOMES

MOST_EXAMPLES = 20


@dataclass
class Summary:
    """Counts updated while the download runs (hence not frozen); small enough to send between machines.

    Attributes:
        results: polling stations by outcome (`versions.OUTCOMES`), summed over contests.
        lists: lists of areas by outcome.
        areas: regencies crawled in this run; `areas_skipped`: finished before the interruption.
        villages: villages finished in this run; `skipped`: finished before the interruption.
        changes: rows in the change tables of these areas.
        failures: up to 20 examples, "path: reason"; `n_failures`: the total number.
        odd: entries of area lists that were not followed, up to 20 examples.
    """

    results: Counter[str] = field(default_factory=Counter)
    lists: Counter[str] = field(default_factory=Counter)
    areas: int = 0
    areas_skipped: int = 0
    villages: int = 0
    skipped: int = 0
    changes: int = 0
    n_failures: int = 0
    failures: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return self.n_failures == 0

    def fail(self, path: str, reason: str) -> None:
        self.n_failures += 1
        self.failures = [*self.failures, f"{path}: {reason}"][:MOST_EXAMPLES]

    def add(self, other: Summary) -> None:
        """Add another area's summary to this one."""
        self.results += other.results
        self.lists += other.lists
        for name in ("areas", "areas_skipped", "villages", "skipped", "changes", "n_failures"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failures = [*self.failures, *other.failures][:MOST_EXAMPLES]
        self.odd = [*self.odd, *other.odd][:MOST_EXAMPLES]

    def facts(self) -> dict[str, int]:
        """Return the numbers only, for a table or a log."""
        return {
            "areas": self.areas,
            "areas_skipped": self.areas_skipped,
            "villages": self.villages,
            "skipped": self.skipped,
            **{outcome: self.results[outcome] for outcome in OUTCOMES},
            "changes": self.changes,
            "failures": self.n_failures,
        }


def lines(summary: Summary) -> list[Message]:
    """Return the summary as sentences."""
    facts = summary.facts()
    text = [
        Message("acquire.summary_areas", **facts),
        Message("acquire.summary_results", **facts),
        Message("acquire.summary_changes", **facts),
    ]
    if summary.odd:
        text.append(Message("acquire.summary_odd", odd=", ".join(summary.odd)))
    text += [Message("acquire.summary_failure", text=failure) for failure in summary.failures]
    if summary.is_complete:
        return [*text, Message("acquire.summary_done")]
    return [*text, Message("acquire.summary_again", **facts)]
