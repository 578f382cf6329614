"""Choose among statements about one fact, and record the step at which each of the others lost.

The steps and their order are data (`catalog/precedence.yaml`); this module defines the sort key of each step.
Smaller keys take precedence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..catalog.precedence import precedence
from ..catalog.vocabulary import codes
from .offices import own_rank

Row = Mapping[str, Any]
T = TypeVar("T")
Steps = Sequence[tuple[str, Callable[[T], Any]]]

CONFIDENCE_ORDER = codes("confidence")
# Kinds of date for which one statement can be more informative than another of the same kind.
SEEN_UNFINISHED = "open_late"
DONE_BY = "upper_bound"


def position(order: Sequence[str], item: Any) -> int:
    """Return the position in an order; unlisted items come last."""
    return order.index(item) if item in order else len(order)


def _latest_first(day: Any) -> int:
    return -day.toordinal() if day else 0


def _day(row: Row) -> Any:
    return row["date_completed"] or row["source_date"]


KEYS: Mapping[str, Callable[[Row], Any]] = {
    "confidence": lambda row: position(CONFIDENCE_ORDER, row["confidence"]),
    # An office's record of its own area takes precedence over what others wrote about it.
    "own_record": own_rank,
    "low_confidence": lambda row: row["confidence"] == "low",
    # A count that lists the areas below takes precedence over a headline figure.
    "no_breakdown": lambda row: row["n_district"] is None and row["n_village"] is None,
    "less_exact_date": lambda row: position(precedence().dates, row["date_kind"]),
    "earlier_view": lambda row: _latest_first(_day(row)) if row["date_kind"] == SEEN_UNFINISHED else 0,
    "looser_bound": lambda row: -_latest_first(_day(row)) if row["date_kind"] == DONE_BY else 0,
    "superseded_by_later_claim": lambda row: _latest_first(row["source_date"]),
    "smaller_number": lambda row: -row["value"],
    "later_line": lambda row: (str(row["source_file"]), row["source_row"]),
}


def steps_of(subject: str) -> Steps[Row]:
    """Return the steps of a subject of precedence.yaml, for rows of its table."""
    return [(name, KEYS[name]) for name in precedence().steps[subject]]


def heard(items: Sequence[T], steps: Steps[T]) -> tuple[T, list[tuple[T, str]]]:
    """Return the item that takes precedence, and the others, each with the step at which it lost.

    Args:
        items: at least one.
        steps: names and keys; the first that differs decides.

    Raises:
        ValueError: there are no items.
    """
    if not items:
        raise ValueError("nothing to choose from")
    if len(items) == 1:
        return items[0], []
    keyed = sorted(
        ((tuple(key(item) for _, key in steps), at, item) for at, item in enumerate(items)),
        key=lambda one: one[:2],
    )
    (best, _, chosen), *others = keyed
    names = [name for name, _ in steps]
    lost = [
        (item, next((n for n, mine, won in zip(names, key, best, strict=True) if mine != won), names[-1]))
        for key, _, item in others
    ]
    return chosen, lost
