"""Several elections together: more than twice the official rate in at least two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.stats.checks import FloatArray
from pipelines.stats.outlier_nb import benjamini_hochberg
from pipelines.stats.persistence.replicability import adafilter, partial_conjunction

AT_LEAST = 2


@dataclass(frozen=True)
class Joint:
    """Joint test of each area, arrays of shape (n,); nan with fewer than two elections.

    Attributes:
        p_value: Bonferroni partial conjunction; q_value: AdaFilter-BH; q_bonferroni: BH on p_value, as a
            sensitivity analysis.
    """

    p_value: FloatArray
    q_value: FloatArray
    q_bonferroni: FloatArray


def joint_test(p_values: Any, at_least: int = AT_LEAST) -> Joint:
    """Test every area over the elections that have an official total.

    Args:
        p_values: exact p of each area and election, shape (n, T). Silence is p = 1, so missing values count as
            1: the elections that take part are fixed by their official totals, not by the findings.
        at_least: number of elections that must have an effect.

    Returns:
        `Joint`.

    Raises:
        ParameterError, ShapeError: with the element that is wrong.

    Source:
        Wang, Gui, Su, Sabatti & Owen 2022, Annals of Statistics 50:1890; Benjamini & Heller 2008, Biometrics
            64:1215.

    Example:
        >>> joint_test([[1e-4, 0.01, 1.0], [1e-4, 1.0, 1.0]]).p_value.tolist()
        [0.02, 1.0]
    """
    p = np.array(p_values, dtype=np.float64)
    p = np.where(np.isnan(p), 1.0, p)
    if p.ndim == 2 and p.shape[1] < at_least:
        nothing = np.full(p.shape[0], np.nan)
        return Joint(nothing, nothing, nothing)
    conjunction = partial_conjunction(p, at_least)
    return Joint(conjunction, adafilter(p, at_least).adjusted, benjamini_hochberg(conjunction))
