"""Does the past predict where things happen? Rolling-origin comparison of every ranking rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.stats.backtest import metrics as metrics
from pipelines.stats.backtest.compare import Key, compare
from pipelines.stats.backtest.folds import Fold, check_frame, folds
from pipelines.stats.checks import FloatArray
from pipelines.stats.errors import ParameterError, ShapeError

SHARES = (0.01, 0.05, 0.10, 0.20)
TOP_AREAS = (10, 20)
LOWER_IS_BETTER = ("pit_distance",)
# a slope is best at 1, so no baseline can be the best
UNRANKED = ("calibration_slope",)
RELIABILITY_BINS = 10


@dataclass(frozen=True)
class Backtest:
    """Result of the back-test.

    Attributes:
        metrics: one row per (election, method, metric, at): ``value`` with ``low``, ``high`` (95 % block
            bootstrap), ``best_baseline`` of that election and metric, and the paired ``difference`` to it
            with ``difference_low``, ``difference_high`` (positive = better; NA for the calibration slope);
            ``n_train``, ``n_areas``, ``n_cases``, ``is_ours``. ``at`` is the share of TPS, or k, else NA.
        scores: one row per (election, method, area): ``score``, ``expected`` cases (NA for plain rules).
        reliability: one row per (election, method, bin): ``n_areas``, ``expected``, ``observed`` cases.
        pit: one row per (election, method, bin): ``share`` of areas in that tenth.
        replicates, seed: as requested.
    """

    metrics: pd.DataFrame
    replicates: int
    seed: int
    _scored: tuple[_Scored, ...]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Computed on first use, like `reliability` and `pit`."""
        return _all(_score_table(fold, name) for fold, name in self._by_method(False))

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Expected and observed cases by tenths of the areas."""
        return _all(_reliability_table(fold, name) for fold, name in self._by_method(True))

    @cached_property
    def pit(self) -> pd.DataFrame:
        """Histograms of the PIT."""
        return _all(_pit_table(fold, name) for fold, name in self._by_method(True))

    def _by_method(self, is_forecast: bool) -> list[tuple[_Scored, str]]:
        return [
            (one, name) for one in self._scored for name in (one.pits if is_forecast else one.fold.forecasts)
        ]


@dataclass(frozen=True)
class _Scored:
    """A fold with its metrics and, by method, the PIT of every area."""

    fold: Fold
    metrics: pd.DataFrame
    pits: dict[str, FloatArray]


def backtest(
    frame: pd.DataFrame,
    *,
    elections: Sequence[Any] | None = None,
    first: int = 1,
    replicates: int = 200,
    seed: int = 20240214,
) -> Backtest:
    """Train on the elections before t, score election t, for every t.

    Args:
        frame: one row per (``election``, ``area``) with ``parent``, ``count`` (NA = no data), ``exposure``
            (TPS, known before voting day) and optionally ``index`` (a score published before that election).
        elections: in chronological order; None sorts them.
        first: number of elections needed before the first fold, >= 1.
        replicates: bootstrap replicates, resampled by parent; seed: random seed.

    Returns:
        `Backtest` with every fold, nothing averaged. An election without a case has no ranking metrics; an area
        without data in t is not scored. Scores never use counts of election t or later.

    Raises:
        ParameterError, ShapeError, CountError, ExposureError: with the element that is wrong.

    Source:
        PAI: Chainey, Tompson & Uhlig 2008, Security Journal 21:4; PEI: Hunt 2016 (share of the best
        possible); randomised PIT: Smith 1985; log score: Good 1952.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> risk = rng.gamma(0.5, 2, 60)
        >>> frame = pd.DataFrame(
        ...     [(t, i, i // 6, rng.poisson(risk[i]), 50) for t in (1, 2, 3) for i in range(60)],
        ...     columns=["election", "area", "parent", "count", "exposure"],
        ... )
        >>> sorted(backtest(frame, replicates=20).metrics["election"].unique().tolist())
        [2, 3]
    """
    if first < 1:
        raise ParameterError(f"must be at least 1, got {first}", "first")
    if replicates < 1:
        raise ParameterError(f"must be at least 1, got {replicates}", "replicates")
    order = check_frame(frame, elections)
    scored = tuple(
        _score_fold(fold, replicates, [seed, number])
        for number, fold in enumerate(folds(frame, order, first))
    )
    if not scored:
        raise ShapeError(f"no election after the first {first} has both data and earlier data", "frame")
    return Backtest(_all(one.metrics for one in scored), replicates, seed, scored)


def _all(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    found = list(tables)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _score_fold(fold: Fold, replicates: int, seed: list[int]) -> _Scored:
    """Score all methods on one election; every method gets the same resampled parents and PIT draws."""
    weight = _block_weights(fold.history.parent, replicates, np.random.default_rng([*seed, 0]))
    exposure = fold.history.next_exposure
    possible = metrics.hit_rates(fold.cases / exposure, exposure, fold.cases, weight, SHARES)
    values: dict[Key, FloatArray] = {}
    pits: dict[str, FloatArray] = {}
    for method, forecast in fold.forecasts.items():
        for (metric, at), value in _ranking_metrics(forecast.score, fold, weight, possible).items():
            values[method, metric, at] = value
        mean = fold.means.get(method)
        if mean is None:
            continue
        shape = fold.shapes[method]
        pit = metrics.randomised_pit(fold.cases, mean, shape, np.random.default_rng([*seed, 1]))
        values[method, "log_score", None] = metrics.log_score(fold.cases, mean, shape, weight)
        values[method, "pit_distance", None] = metrics.pit_distance(pit, weight)
        slope = metrics.calibration_slope(fold.cases, mean / exposure, exposure, weight)
        if slope is not None:
            values[method, "calibration_slope", None] = slope
        pits[method] = pit
    table = compare(values, lower_is_better=LOWER_IS_BETTER, unranked=UNRANKED).assign(
        election=fold.election, n_train=fold.n_train, n_areas=fold.cases.size, n_cases=int(fold.cases.sum())
    )
    return _Scored(fold, table, pits)


def _ranking_metrics(
    score: FloatArray, fold: Fold, weight: FloatArray, possible: list[FloatArray]
) -> dict[tuple[str, float | None], FloatArray]:
    """Return the metrics of a ranking; none when no case occurred, since there is nothing to find.

    ``possible`` holds the hit rates when ranked by the true rates, the best that any ranking could reach.
    """
    exposure, cases = fold.history.next_exposure, fold.cases
    if cases.sum() == 0:
        return {}
    result: dict[tuple[str, float | None], FloatArray] = {}
    rates = metrics.hit_rates(score, exposure, cases, weight, SHARES)
    for share, found, best in zip(SHARES, rates, possible, strict=True):
        result["hit_rate", share] = found
        result["pai", share] = found / share
        result["pei", share] = np.divide(found, best, out=np.zeros_like(found), where=best > 0)
    for k in TOP_AREAS:
        result["precision", float(k)] = metrics.precision_at(score, cases, weight, k)
    result["average_precision", None] = metrics.average_precision(score, cases, weight)
    return result


def _block_weights(parent: npt.NDArray[np.object_], replicates: int, rng: np.random.Generator) -> FloatArray:
    """Return how often each area is drawn, shape (1 + replicates, n); row 0 is the data itself."""
    _, block = np.unique(parent.astype(str), return_inverse=True)
    blocks = int(block.max()) + 1
    times = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=replicates)
    return np.vstack([np.ones(block.size), times[:, block].astype(np.float64)])


def _score_table(scored: _Scored, method: str) -> pd.DataFrame:
    fold = scored.fold
    score, mean = fold.forecasts[method].score, fold.means.get(method)
    return pd.DataFrame(
        {
            "election": fold.election,
            "method": method,
            "area": fold.area,
            "score": score,
            "expected": np.full(score.size, np.nan) if mean is None else mean,
        }
    )


def _reliability_table(scored: _Scored, method: str) -> pd.DataFrame:
    """Expected against observed cases in tenths of the areas by expected count."""
    fold = scored.fold
    mean = fold.means[method]
    place = np.empty(mean.size, dtype=np.int64)
    place[np.argsort(mean, kind="stable")] = np.arange(mean.size) * RELIABILITY_BINS // mean.size
    bins = np.unique(place)
    return pd.DataFrame(
        {
            "election": fold.election,
            "method": method,
            "bin": bins,
            "n_areas": np.bincount(place)[bins],
            "expected": np.bincount(place, mean)[bins],
            "observed": np.bincount(place, fold.cases)[bins],
        }
    )


def _pit_table(scored: _Scored, method: str) -> pd.DataFrame:
    pit = scored.pits[method]
    share = metrics.pit_histogram(pit, np.ones((1, pit.size)))[0]
    return pd.DataFrame(
        {"election": scored.fold.election, "method": method, "bin": np.arange(share.size), "share": share}
    )
