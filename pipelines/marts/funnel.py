"""mart.funnel: limits of the rate explained by the dispersion between areas, against exposure."""

from __future__ import annotations

import pandas as pd

from pipelines.stats import nb_funnel

from . import Read, Release
from .hotspots import FAMILY, families, fit, is_binomial

PARTS = {"core.hotspot_input": FAMILY}
APART = True
POINTS = 40
COLUMNS = [
    *FAMILY, "point", "exposure", "rate", "low_95", "high_95", "low_998", "high_998", "shape_k",
]  # fmt: skip


def limits(family: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of mart.funnel of one comparable family, without its key; none if the scope has no case.

    The centre line is the rate of the scope's full total; k is the posterior median of the family, as in every
    table.
    """
    at_risk = family[family["exposure"] > 0]
    rate = float(at_risk["expected"].sum() / at_risk["exposure"].sum()) if len(at_risk) else 0.0
    if rate <= 0:
        return pd.DataFrame()
    count = at_risk["count"].astype("float64").fillna(0.0)
    fitted = fit(family)
    if fitted is None:
        return pd.DataFrame()
    _, shape, _ = fitted.posterior.shape_quantiles()
    found = nb_funnel(count, at_risk["exposure"].astype("float64"), rate=rate, shape=shape, points=POINTS)
    limits_of = {
        "low_95": found.low[0],
        "high_95": found.high[0],
        "low_998": found.low[1],
        "high_998": found.high[1],
    }
    shown = found.shape if found.shape < float("inf") else float("nan")
    return pd.DataFrame(
        {
            "point": range(1, POINTS + 1),
            "exposure": found.exposure,
            "rate": rate * 1000,
            **{name: values * 1000 for name, values in limits_of.items()},
            "shape_k": shown,
        }
    )


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return the limits of every family with a complete total and unbounded counts."""
    parts = [
        limits(family).assign(**key)
        for key, family in families(read("core.hotspot_input"))
        if family["is_comparable"].all() and not is_binomial(family)
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    numbers = frame.select_dtypes("float").columns
    frame[numbers] = frame[numbers].round(6)
    return {"mart.funnel": frame.reindex(columns=COLUMNS)}
