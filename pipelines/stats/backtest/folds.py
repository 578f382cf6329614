"""The folds of the back-test: an election to score and only what was known before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.stats.backtest.methods import Forecast, History, forecasts, overall_rate
from pipelines.stats.checks import FloatArray, as_counts, as_exposure, as_floats
from pipelines.stats.errors import ParameterError, ShapeError
from pipelines.stats.fit_nb import fit_negative_binomial, group_cells


@dataclass(frozen=True)
class Fold:
    """One scored election; n areas.

    Attributes:
        election: its id; area: codes, shape (n,); cases: what happened, shape (n,).
        history: what was known before; forecasts: by method.
        means, shapes: expected cases (n,) and NB shape of the methods that forecast counts.
        n_train: number of earlier elections.
    """

    election: Any
    area: npt.NDArray[np.object_]
    cases: FloatArray
    history: History
    forecasts: dict[str, Forecast]
    means: dict[str, FloatArray]
    shapes: dict[str, float]
    n_train: int


def check_frame(frame: pd.DataFrame, elections: Sequence[Any] | None) -> list[Any]:
    """Check the long frame of `backtest` and return the order of its elections.

    Raises:
        ParameterError, ShapeError, CountError, ExposureError: with the element that is wrong.
    """
    for name in ("election", "area", "parent", "count", "exposure"):
        if name not in frame.columns:
            raise ParameterError(f"no such column; the frame has {list(frame.columns)}", name)
    if frame.empty:
        raise ShapeError("has no row", "frame")
    present = frame["election"].unique()
    order = sorted(present) if elections is None else list(elections)
    if unknown := set(present) - set(order):
        raise ParameterError(f"not in the given order: {sorted(unknown)}", "elections")
    twice = frame.duplicated(["election", "area"])
    if twice.any():
        key = frame.loc[twice, ["election", "area"]].iloc[0].tolist()
        raise ShapeError(f"{key} occurs twice", "frame")
    counts = as_counts(frame["count"], "count", allow_missing=True)
    as_exposure(frame["exposure"], "exposure", counts, allow_missing=True)
    return order


def folds(frame: pd.DataFrame, order: list[Any], first: int) -> Iterator[Fold]:
    """Yield a fold for every election from number ``first`` on that has data and a past."""
    before: tuple[History, dict[str, Forecast]] | None = None
    for place in range(first, len(order)):
        now = frame[frame["election"] == order[place]]
        if now.empty:
            continue
        cases, exposure = as_floats(now["count"], "count"), as_floats(now["exposure"], "exposure")
        scored = ~np.isnan(cases) & ~np.isnan(exposure) & (np.nan_to_num(exposure) > 0)
        now, cases, exposure = now[scored], cases[scored], exposure[scored]
        if now.empty:
            continue
        history = _history(frame, order[:place], now, exposure)
        if not np.isnan(history.count).all():
            fold = _fold(order[place], now, cases, history, before)
            before = history, fold.forecasts
            yield fold


def _history(frame: pd.DataFrame, before: list[Any], now: pd.DataFrame, exposure: FloatArray) -> History:
    areas = pd.Index(now["area"])
    past = frame[frame["election"].isin(before) & frame["area"].isin(areas)]
    rows = areas.get_indexer(pd.Index(past["area"]))
    columns = pd.Index(before).get_indexer(pd.Index(past["election"]))
    matrices = []
    for name in ("count", "exposure"):
        matrix = np.full((areas.size, len(before)), np.nan)
        matrix[rows, columns] = past[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        matrices.append(matrix)
    parent = now["parent"].astype(str).to_numpy(dtype=object)
    index = as_floats(now["index"], "index") if "index" in now.columns else None
    return History(matrices[0], matrices[1], exposure, parent, index)


def _fold(
    election: Any,
    now: pd.DataFrame,
    cases: FloatArray,
    history: History,
    before: tuple[History, dict[str, Forecast]] | None,
) -> Fold:
    rate = overall_rate(history)
    made = forecasts(history)
    level = rate * history.next_exposure
    means = {m: f.risk * level for m, f in made.items() if f.risk is not None and rate > 0}
    return Fold(
        election=election,
        area=now["area"].to_numpy(dtype=object),
        cases=cases,
        history=history,
        forecasts=made,
        means=means,
        shapes=_shapes(history, list(means), before),
        n_train=int((~np.isnan(history.count)).any(axis=0).sum()),
    )


def _shapes(
    history: History, methods: list[str], before: tuple[History, dict[str, Forecast]] | None
) -> dict[str, float]:
    """NB shape of each method: fitted to the last earlier election, forecast from those before it.

    Fitting it to the data a method was trained on would make the forecast over-confident. With a single earlier
    election, the dispersion around equal rates is used for all methods.

    Args:
        before: history and forecasts of the previous fold, reused if it scored the same areas.
    """
    count, exposure = history.count[:, -1], history.exposure[:, -1]
    known = ~np.isnan(count) & ~np.isnan(exposure) & (np.nan_to_num(exposure) > 0)
    if not known.any() or count[known].sum() == 0:
        return dict.fromkeys(methods, np.inf)
    y, m = count[known], exposure[known]
    risks: dict[str, FloatArray] = dict.fromkeys(methods, np.ones(y.size))
    past, at_risk = history.count[known, :-1], history.exposure[known, :-1]
    if past.size and not np.isnan(past).all():
        earlier = History(past, at_risk, m, history.parent[known], None)
        made = before[1] if before is not None and _is_same(before[0], earlier) else forecasts(earlier)
        risks |= {n: f.risk for n, f in made.items() if f.risk is not None and n in risks}
    result = {}
    for method, risk in risks.items():
        expected = risk * m * (y.sum() / (risk @ m))
        result[method] = fit_negative_binomial(group_cells(y, expected)).shape
    return result


def _is_same(one: History, other: History) -> bool:
    """Return whether two histories hold the same data for the same areas; the index does not enter a risk."""
    pairs = ((one.count, other.count), (one.exposure, other.exposure))
    return (
        np.array_equal(one.parent, other.parent)
        and np.array_equal(one.next_exposure, other.next_exposure)
        and all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)
    )
