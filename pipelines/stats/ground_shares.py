"""Which grounds occur where: shares of grounds per area with uncertainty, and cells above expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from scipy import special

from pipelines.stats.checks import FloatArray, IntArray, in_open_unit
from pipelines.stats.errors import ParameterError, ShapeError
from pipelines.stats.mgps import eb05

FLAG_EB05 = 1.5
FLAG_INCIDENTS = 3


# Number of permutations of the G-test computed per block.
AT_ONCE = 200


@dataclass(frozen=True)
class GroundProfile:
    """Area x ground profile.

    Attributes:
        table: one row per (area, ground), all combinations, with ``n_incidents`` (carrying that ground),
            ``weight`` (each incident divided over its grounds), ``share`` with ``share_low``, ``share_high``
            (0-1), ``expected`` (weight if grounds did not depend on the area), ``lift`` (shrunken, EBGM),
            ``eb05`` and ``is_flagged`` (eb05 > 1.5 and at least 3 incidents).
        concentration: Dirichlet concentration: similarity of areas, as prior weight in incidents.
        g_statistic, p_value: global test that grounds depend on the area (1 if no test is possible).
        n_incidents: number of incidents; permutations, seed: as requested.
    """

    table: pd.DataFrame
    concentration: float
    g_statistic: float
    p_value: float
    n_incidents: int
    permutations: int
    seed: int


def ground_profile(
    incidents: pd.DataFrame, *, level: float = 0.95, permutations: int = 999, seed: int = 20240214
) -> GroundProfile:
    """Profile the grounds of incidents per area.

    Args:
        incidents: one row per (``incident``, ``ground``) with the column ``area``; an incident with n grounds
            counts 1/n in each; NA in ``ground`` becomes the category ``unknown``.
        level: probability inside the interval of a share.
        permutations: Monte-Carlo replicates of the G-test (areas are permuted over incidents).
        seed: random seed.

    Returns:
        `GroundProfile`. Neutral results: with a single area the prior is Jeffreys' (1/2 per ground) and p is
        1, as it is with a single ground.

    Raises:
        ParameterError: a missing column or NA in ``incident`` or ``area``; ShapeError: no row, or an
        incident in two areas.

    Source:
        Dirichlet-multinomial shares: Minka 2000 (likelihood of the concentration, mean held at the pooled
        shares); intervals include the variance of the pooled shares, p (1 - p) / n, in addition to that between
            areas,
        p (1 - p) / concentration (first-order correction of Kass & Steffey 1989, JASA 84:717); EB05: DuMouchel
        1999; G-test: Sokal & Rohlf 1995, p by Monte Carlo.

    Example:
        >>> rows = [(f"i{k}", "A" if k < 6 else "B", "flood" if k < 5 else "voter") for k in range(12)]
        >>> profile = ground_profile(pd.DataFrame(rows, columns=["incident", "area", "ground"]))
        >>> profile.p_value < 0.05
        True
    """
    in_open_unit(level, "level")
    if permutations < 1:
        raise ParameterError(f"must be at least 1, got {permutations}", "permutations")
    labels = _labels(incidents)
    areas, grounds = (
        np.unique(labels["area"].to_numpy(dtype=str)),
        np.unique(labels["ground"].to_numpy(dtype=str)),
    )
    area = np.searchsorted(areas, labels["area"].to_numpy(dtype=str))
    ground = np.searchsorted(grounds, labels["ground"].to_numpy(dtype=str))
    shape = (areas.size, grounds.size)
    weight = labels["weight"].to_numpy(dtype=np.float64)
    table = _tally(area, ground, weight, shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    concentration, prior = _concentration(table)
    total = table.sum(axis=1, keepdims=True)
    share = (concentration * prior + table) / (concentration + total)
    # The pooled shares are estimates too: the amount of data behind them limits the prior's weight in an
    # interval.
    strength = 1 / (1 / concentration + 1 / table.sum()) + total
    alpha, beta = share * strength, (1 - share) * strength
    tail = (1 - level) / 2
    shrunk = eb05(table.ravel(), expected.ravel())
    n_incidents = _tally(area, ground, np.ones_like(weight), shape)
    statistic, p_value = _g_test(labels, area, ground, weight, shape, permutations, seed)
    frame = pd.DataFrame(
        {
            "area": np.repeat(areas.astype(object), grounds.size),
            "ground": np.tile(grounds.astype(object), areas.size),
            "n_incidents": n_incidents.ravel().astype(np.int64),
            "weight": table.ravel(),
            "share": share.ravel(),
            "share_low": _beta_quantile(alpha, beta, tail).ravel(),
            "share_high": _beta_quantile(alpha, beta, 1 - tail).ravel(),
            "expected": expected.ravel(),
            "lift": shrunk.estimate,
            "eb05": shrunk.eb05,
        }
    )
    flagged = (frame["eb05"] > FLAG_EB05) & (frame["n_incidents"] >= FLAG_INCIDENTS)
    return GroundProfile(
        table=frame.assign(is_flagged=flagged),
        concentration=concentration,
        g_statistic=statistic,
        p_value=p_value,
        n_incidents=int(labels["incident"].nunique()),
        permutations=permutations,
        seed=seed,
    )


def _labels(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (incident, ground) with its weight; a repeated ground counts once."""
    for name in ("incident", "area", "ground"):
        if name not in incidents.columns:
            raise ParameterError(f"no such column; the frame has {list(incidents.columns)}", name)
    if incidents.empty:
        raise ShapeError("has no row", "incidents")
    for name in ("incident", "area"):
        missing = incidents[name].isna().to_numpy()
        if missing.any():
            raise ParameterError("is missing", f"{name}[{int(np.argmax(missing))}]")
    labels = incidents[["incident", "area", "ground"]].copy()
    labels["ground"] = labels["ground"].astype(object).where(labels["ground"].notna(), "unknown").astype(str)
    labels["area"] = labels["area"].astype(str)
    labels = labels.drop_duplicates(ignore_index=True)
    places = labels.groupby("incident")["area"].nunique()
    if (places > 1).any():
        raise ShapeError("lies in two areas", f"incident {places.index[places > 1][0]!r}")
    return labels.assign(weight=1.0 / labels.groupby("incident")["ground"].transform("size"))


def _tally(area: IntArray, ground: IntArray, weight: FloatArray, shape: tuple[int, int]) -> FloatArray:
    flat: FloatArray = np.bincount(
        area * shape[1] + ground, weights=weight, minlength=shape[0] * shape[1]
    ).astype(np.float64)
    return flat.reshape(shape)


def _concentration(table: FloatArray) -> tuple[float, FloatArray]:
    """Fit the concentration by maximum likelihood around the pooled shares."""
    if table.shape[0] < 2 or table.shape[1] < 2:
        return 0.5 * table.shape[1], np.full(table.shape[1], 1 / table.shape[1])
    prior = table.sum(axis=0) / table.sum()
    total = table.sum(axis=1)

    def minus_loglik(log_c: float) -> float:
        c = np.exp(log_c)
        rows = special.gammaln(c) - special.gammaln(c + total)
        cells = special.gammaln(c * prior + table) - special.gammaln(c * prior)
        return -float(rows.sum() + cells.sum())

    grid = np.linspace(np.log(1e-2), np.log(1e5), 30)
    best = int(np.argmin([minus_loglik(g) for g in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = scipy.optimize.minimize_scalar(
        minus_loglik, bounds=ends, method="bounded", options={"xatol": 1e-8}
    )
    return float(np.exp(found.x)), prior


def _beta_quantile(alpha: FloatArray, beta: FloatArray, p: float) -> FloatArray:
    """Quantile of Beta(alpha, beta); 1 where there is only one ground (beta 0)."""
    only = beta <= 0
    return np.where(only, 1.0, special.betaincinv(alpha, np.where(only, 1.0, beta), p))


def _g_test(
    labels: pd.DataFrame,
    area: IntArray,
    ground: IntArray,
    weight: FloatArray,
    shape: tuple[int, int],
    permutations: int,
    seed: int,
) -> tuple[float, float]:
    observed = _g(_tally(area, ground, weight, shape))
    if min(shape) < 2:
        return 0.0, 1.0
    incident, first = np.unique(labels["incident"].astype(str).to_numpy(dtype=str), return_index=True)
    number = np.searchsorted(incident, labels["incident"].astype(str).to_numpy(dtype=str))
    places = area[first]
    rng = np.random.default_rng(seed)
    reached, cells = 0, shape[0] * shape[1]
    for begin in range(0, permutations, AT_ONCE):
        n = min(AT_ONCE, permutations - begin)
        moved = np.stack([rng.permutation(places) for _ in range(n)])[:, number]
        flat = (np.arange(n)[:, None] * cells + moved * shape[1] + ground).ravel()
        counted: FloatArray = np.bincount(flat, weights=np.tile(weight, n), minlength=n * cells).astype(
            np.float64
        )
        tables = counted.reshape(n, *shape)
        reached += int(np.sum(_g(tables) >= observed - 1e-9))
    return float(observed), (1 + reached) / (1 + permutations)


def _g(table: FloatArray) -> FloatArray:
    """Return 2 sum n log(n / expected) over the last two axes; the margins are constant over permutations, so
    their terms differ only by rounding."""
    rows, columns, total = table.sum(axis=-1), table.sum(axis=-2), table.sum(axis=(-2, -1))
    margins = special.xlogy(rows, rows).sum(axis=-1) + special.xlogy(columns, columns).sum(axis=-1)
    found: FloatArray = 2 * (
        special.xlogy(table, table).sum(axis=(-2, -1)) - margins + special.xlogy(total, total)
    )
    return found
