"""Methods that predict where the next election's problems will be: simple rules, and ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.stats.checks import BoolArray, FloatArray
from pipelines.stats.empirical_bayes import gamma_poisson_eb
from pipelines.stats.persistence.cascade import two_levels

# In report order. Our methods are in OURS; these are what anybody could do.
BASELINES = (
    "random",
    "tps_count",
    "last_count",
    "last_rate",
    "pooled_rate",
    "parent_rate",
    "any_before",
    "last_two",
    "index",
)
OURS = ("flat_eb", "cascade")
# Methods whose score is a relative risk, so that a predictive distribution follows from it.
PROBABILISTIC = ("tps_count", "last_rate", "pooled_rate", "parent_rate", "flat_eb", "cascade")
RISK_FLOOR = 0.05


@dataclass(frozen=True)
class History:
    """What is known before an election; n areas, T earlier elections (oldest first).

    Attributes:
        count, exposure: shape (n, T); nan = no data.
        next_exposure: exposure in the coming election (fixed before voting day), shape (n,), > 0.
        parent: code of each area's parent, shape (n,).
        index: a published vulnerability score, shape (n,), nan = none; None when there is no such score.
    """

    count: FloatArray
    exposure: FloatArray
    next_exposure: FloatArray
    parent: npt.NDArray[np.object_]
    index: FloatArray | None


@dataclass(frozen=True)
class Forecast:
    """Score of each area (higher = look there first) and, where it is a risk, the relative risk (mean 1)."""

    score: FloatArray
    risk: FloatArray | None


def overall_rate(history: History) -> float:
    """Return events per unit of exposure over all earlier elections; 0 without exposure."""
    known = _known(history)
    exposure = history.exposure[known].sum()
    return float(history.count[known].sum() / exposure) if exposure > 0 else 0.0


def forecasts(history: History) -> dict[str, Forecast]:
    """Score every area by every method, from earlier elections only.

    Args:
        history: what is known before the election.

    Returns:
        Method name to `Forecast`, in the order of BASELINES + OURS; ``index`` only where a score exists. An
        area without earlier data gets the average of the others, not zero.

    Source:
        "any_before" is India's rule for critical stations, "last_two" the Philippines' for areas of concern.
    """
    known = _known(history)
    y, m = np.where(known, history.count, 0.0), np.where(known, history.exposure, 0.0)
    rate = overall_rate(history)
    seen = known.any(axis=1)
    last = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    rows = np.arange(seen.size)
    last_y, last_m = y[rows, last], m[rows, last]
    result = {
        "random": Forecast(np.zeros(seen.size), None),
        "tps_count": Forecast(history.next_exposure, np.ones(seen.size)),
        "last_count": Forecast(np.where(seen, last_y, rate * history.next_exposure), None),
        "last_rate": _by_rate(last_y, last_m, rate, history),
        "pooled_rate": _by_rate(y.sum(axis=1), m.sum(axis=1), rate, history),
        "parent_rate": _parent_rate(y, m, rate, history),
        "any_before": _rule(y, known),
        "last_two": _rule(y[:, -2:], known[:, -2:]),
    }
    if history.index is not None and not np.isnan(history.index).all():
        filled = np.where(np.isnan(history.index), np.nanmedian(history.index), history.index)
        result["index"] = Forecast(filled, None)
    result["flat_eb"] = _flat_eb(y, m, history)
    result["cascade"] = _cascade(history, known)
    return result


def _known(history: History) -> BoolArray:
    known: BoolArray = (
        ~np.isnan(history.count) & ~np.isnan(history.exposure) & (np.nan_to_num(history.exposure) > 0)
    )
    return known


def _by_rate(y: FloatArray, m: FloatArray, rate: float, history: History) -> Forecast:
    rates = np.divide(y, m, out=np.full(y.shape, rate), where=m > 0)
    return Forecast(rates, _risk(rates, history))


def _parent_rate(y: FloatArray, m: FloatArray, rate: float, history: History) -> Forecast:
    _, group = np.unique(history.parent.astype(str), return_inverse=True)
    top: FloatArray = np.bincount(group, y.sum(axis=1)).astype(np.float64)
    bottom: FloatArray = np.bincount(group, m.sum(axis=1)).astype(np.float64)
    return _by_rate(top[group], bottom[group], rate, history)


def _rule(y: FloatArray, known: BoolArray) -> Forecast:
    """Return 1 where anything happened in these elections, 0 where nothing
    did, the share of ones where unknown."""
    seen = np.asarray(known.any(axis=1))
    hit = (y.sum(axis=1) > 0).astype(np.float64)
    return Forecast(np.where(seen, hit, hit[seen].mean() if seen.any() else 0.0), None)


def _flat_eb(y: FloatArray, m: FloatArray, history: History) -> Forecast:
    """Return the shrunken relative risk, pooled over earlier elections, each relative to its own overall rate."""
    total = m.sum(axis=0)
    by_election = np.divide(y.sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    estimate = gamma_poisson_eb(y.sum(axis=1), m @ by_election, mean="one").estimate
    return Forecast(estimate, _risk(estimate, history))


def _cascade(history: History, known: BoolArray) -> Forecast:
    """Return the propensity of the area under its parent; equal for all areas with only one known election."""
    _, parent = np.unique(history.parent.astype(str), return_inverse=True)
    score = two_levels(
        np.where(known, history.count, np.nan), np.where(known, history.exposure, np.nan), np.ravel(parent)
    )
    return Forecast(score, _risk(score, history))


def _risk(rates: FloatArray, history: History) -> FloatArray:
    """Return relative risks with exposure-weighted mean 1, kept above a floor: a forecast of exactly zero would
    give a log score of minus infinity."""
    weight = history.next_exposure / history.next_exposure.sum()
    mean = float(weight @ rates)
    relative = rates / mean if mean > 0 else np.ones_like(rates)
    floored = np.maximum(relative, RISK_FLOOR)
    result: FloatArray = floored / float(weight @ floored)
    return result
