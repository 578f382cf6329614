"""The evidence class of an area: each class has a rule, and the first rule that applies decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.stats.checks import BoolArray, as_floats
from pipelines.stats.errors import ShapeError

# In the order in which the rules are tried.
CONFIRMED = "confirmed_several"
SUPPORTED = "supported_once"
OPEN = "number_open"
WATCH = "watch_list"
NO_STATEMENT = "no_statement"
SILENT = "silent"
NOT_COMPARABLE = "not_comparable"
CLASSES = (CONFIRMED, SUPPORTED, OPEN, WATCH, NO_STATEMENT, NOT_COMPARABLE, SILENT)

SUPPORT_LEVEL = 0.05
WATCH_PROBABILITY = 0.8
# Below the first located share there is no interval; below the second no "low" class, unless all is complete.
SMALLEST_SHARE_FOR_INTERVAL = 0.5
SMALLEST_SHARE_FOR_LOW = 0.8


def has_interval(share: float, *, official: bool) -> bool:
    """Return whether a family may show intervals and medians: it has an
    official total and at least half is located."""
    return official and share >= SMALLEST_SHARE_FOR_INTERVAL


def classify(
    q_low: Any, q_high: Any, p_least: Any, silent: Any, *, share: float, official: bool
) -> npt.NDArray[np.str_]:
    """Return the class of every area for one election.

    Args:
        q_low, q_high: BH q with the lower and with the upper bounds, shape (n,); ignored without an official
            total.
        p_least: P(rate > 2) if everything not located happened elsewhere, shape (n,).
        silent: mask (n,), areas without a claim in a scope that is not fully located.
        share: located share of the family; official: whether the scope's total is official.

    Returns:
        Codes of `CLASSES`, shape (n,); the first one needs several elections and does not occur.

    Example:
        >>> classify([0.01, 0.4, 0.4], [0.01, 0.02, 0.4], [1, 0.5, 0.9], [False] * 3, share=0.9, official=True).tolist()
        ['supported_once', 'number_open', 'watch_list']
    """
    lower, upper, least = (
        as_floats(q_low, "q_low"),
        as_floats(q_high, "q_high"),
        as_floats(p_least, "p_least"),
    )
    nothing: BoolArray = np.asarray(silent, dtype=bool)
    if not lower.shape == upper.shape == least.shape == nothing.shape:
        raise ShapeError("must all have one length", "q_low")
    if not official:
        return np.where(nothing, SILENT, NOT_COMPARABLE)
    comparable = has_interval(share, official=official)
    return np.select(
        [
            lower <= SUPPORT_LEVEL,
            upper <= SUPPORT_LEVEL,
            nothing,
            np.full(nothing.shape, not comparable),
            least >= WATCH_PROBABILITY,
        ],
        [SUPPORTED, OPEN, SILENT, NOT_COMPARABLE, WATCH],
        NO_STATEMENT,
    )


def over_elections(words: Any, joint_q: Any) -> npt.NDArray[np.str_]:
    """Return the class of every area over all elections: confirmed by the joint test, else the strongest of one
    election.

    Args:
        words: codes of `CLASSES`, shape (n, T), empty text where an election has no information on an area.
        joint_q: q of the joint test, shape (n,), nan where no test was possible.
    """
    table = np.asarray(words, dtype=str)
    q = as_floats(joint_q, "joint_q")
    if table.ndim != 2 or table.shape[0] != q.size:
        raise ShapeError(f"expected shape ({q.size}, T), got {table.shape}", "words")
    conditions = [
        np.nan_to_num(q, nan=1.0) <= SUPPORT_LEVEL,
        *((table == word).any(axis=1) for word in CLASSES[1:]),
    ]
    return np.select(conditions, list(CLASSES), SILENT)
