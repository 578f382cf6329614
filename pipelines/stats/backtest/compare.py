"""Compare each method with the best simple rule, on the same bootstrap replicates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.stats.backtest.methods import BASELINES, OURS
from pipelines.stats.checks import FloatArray

Key = tuple[str, str, float | None]
INTERVAL = (0.025, 0.975)
COLUMNS = (
    "election",
    "method",
    "is_ours",
    "metric",
    "at",
    "value",
    "low",
    "high",
    "best_baseline",
    "difference",
    "difference_low",
    "difference_high",
    "n_train",
    "n_areas",
    "n_cases",
)


def compare(
    values: dict[Key, FloatArray], *, lower_is_better: Sequence[str] = (), unranked: Sequence[str] = ()
) -> pd.DataFrame:
    """Compute an interval for each value and the paired difference to the best baseline.

    Args:
        values: (method, metric, at) to the metric's values, shape (1 + replicates,); the first is the
        estimate. lower_is_better: metrics for which smaller is better; the sign of the difference is flipped,
            so that a positive difference always means "better than the best baseline".
        unranked: metrics without a best baseline (difference is NA).

    Returns:
        One row per key, in the order of BASELINES + OURS. The best baseline is chosen by the estimate, which
        favours the baselines; ties go to the first.

    Source:
        Percentile intervals: Davison & Hinkley 1997, section 5.3.
    """
    rows = []
    drawn: list[FloatArray] = []  # per row: first its values, then its differences
    methods = [m for m in (*BASELINES, *OURS) if any(k[0] == m for k in values)]
    targets = sorted({k[1:] for k in values}, key=lambda t: (t[0], t[1] or 0.0))
    for metric, at in targets:
        sign = -1.0 if metric in lower_is_better else 1.0
        group = {m: values[m, metric, at] for m in methods if (m, metric, at) in values}
        rivals = [m for m in group if m in BASELINES]
        best = max(rivals, key=lambda m: sign * group[m][0]) if rivals and metric not in unranked else None
        for method, mine in group.items():
            rows.append(
                {
                    "method": method,
                    "is_ours": method in OURS,
                    "metric": metric,
                    "at": np.nan if at is None else at,
                    "best_baseline": best,
                }
            )
            drawn += [mine, np.full(mine.size, np.nan) if best is None else sign * (mine - group[best])]
    table = pd.DataFrame(rows)
    if drawn:
        estimate, low, high = _intervals(np.array(drawn))
        for first, names in enumerate(
            (("value", "low", "high"), ("difference", "difference_low", "difference_high"))
        ):
            for name, of_all in zip(names, (estimate, low, high), strict=True):
                table[name] = of_all[first::2]
    return table.reindex(columns=list(COLUMNS))


def _intervals(drawn: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return estimate and percentile limits of each row; the first replicate is the estimate."""
    if drawn.shape[1] == 1:
        return drawn[:, 0], drawn[:, 0], drawn[:, 0]
    low, high = np.quantile(drawn[:, 1:], INTERVAL, axis=1)
    return drawn[:, 0], low, high
