"""Recurring hotspots: evidence in at least u of T elections, and the corresponding labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.stats.checks import BoolArray, FloatArray, IntArray, in_open_unit, same_length
from pipelines.stats.errors import ParameterError, ShapeError

from ...catalog.vocabulary import codes

CLASSES = codes("persistence_kind")
LABELS = ("confirmed persistent", "supported in one election", "watch list", "none")


@dataclass(frozen=True)
class AdaFilter:
    """Result of AdaFilter-BH; iteration and length refer to the rejected indices.

    Attributes:
        rejected: input indices of rejected rows, ascending; decision: the same as a mask, shape (m,).
        gamma: threshold on ``selection`` (0 when nothing is rejected).
        filtering, selection: F and S of each row, shape (m,); nan where fewer than u studies have data.
        adjusted: smallest q at which the row is rejected, shape (m,), at most 1; nan likewise.
        u, q: as requested.
    """

    rejected: IntArray
    decision: BoolArray
    gamma: float
    filtering: FloatArray
    selection: FloatArray
    adjusted: FloatArray
    u: int
    q: float

    def __len__(self) -> int:
        return self.rejected.size

    def __iter__(self) -> Iterator[int]:
        return iter(self.rejected.tolist())


@dataclass(frozen=True)
class Persistence:
    """Class and label of each area, arrays of text of shape (n,), values from CLASSES and LABELS."""

    kind: npt.NDArray[np.str_]
    label: npt.NDArray[np.str_]


def partial_conjunction(p_matrix: Any, u: int = 2) -> FloatArray:
    """Combine p-values for "at least u of the T studies have an effect" (Bonferroni form).

    Args:
        p_matrix: shape (m, T), 0-1; nan = no data in that study, which lowers T for that row.
        u: number of studies that must have an effect, >= 1.

    Returns:
        (T - u + 1) times the u-th smallest p, at most 1, shape (m,); nan where fewer than u studies have data
        (no claim is possible there).

    Raises:
        ParameterError: a p-value outside 0-1 (named ``p_matrix[i, t]``) or u outside 1..T; ShapeError.

    Source:
        Benjamini & Heller 2008, Biometrics 64:1215, equation 3.

    Example:
        >>> partial_conjunction([[0.01, 0.02, 0.9], [0.001, 0.5, float("nan")]], u=2).tolist()
        [0.04, 0.5]
    """
    return np.minimum(_filter_and_select(_checked(p_matrix, u), u)[1], 1.0)


def adafilter(p_matrix: Any, u: int = 2, q: float = 0.05) -> AdaFilter:
    """Find rows with an effect in at least u studies at false discovery rate q.

    F = (T - u + 1) p_(u-1), S = (T - u + 1) p_(u). Rows that cannot matter (large F) do not count as tests,
    which makes it more powerful than BH on the partial-conjunction p-values.

    Args:
        p_matrix: shape (m, T), 0-1, one row per hypothesis; nan = no data, which lowers T for that row.
        u: number of studies that must have an effect, 2..T (u = 1 has no filter: use BH).
        q: target false discovery rate.

    Returns:
        `AdaFilter`; ``.rejected`` holds the indices. Rows with fewer than u studies are never rejected.

    Raises:
        ParameterError, ShapeError: with the element that is wrong.

    Source:
        Wang, Gui, Su, Sabatti & Owen 2022, Annals of Statistics 50:1890 (arXiv:1610.03330), definition 3.2.

    Example:
        >>> adafilter([[1e-4, 2e-4, 0.3], [0.4, 0.6, 0.9], [0.01, 0.8, 0.7]]).rejected.tolist()
        [0]
    """
    p = _checked(p_matrix, u)
    if u < 2:
        raise ParameterError(f"must be at least 2, got {u}", "u")
    in_open_unit(q, "q")
    filtering, selection = _filter_and_select(p, u)
    adjusted = _adjust(filtering, selection)
    decision = np.nan_to_num(adjusted, nan=1.0) <= q
    return AdaFilter(
        rejected=np.flatnonzero(decision).astype(np.int64),
        decision=decision,
        gamma=float(selection[decision].max()) if decision.any() else 0.0,
        filtering=filtering,
        selection=selection,
        adjusted=adjusted,
        u=u,
        q=q,
    )


def adafilter_bh(p_matrix: Any, u: int = 2, q: float = 0.05) -> IntArray:
    """Return the indices of rows with an effect in at least u studies at false discovery rate q, ascending.

    Args:
        p_matrix, u, q: as for `adafilter`, which also gives adjusted p and the filter.

    Returns:
        int64, shape (number of rejections,).

    Raises:
        ParameterError, ShapeError: with the element that is wrong.

    Source:
        Wang, Gui, Su, Sabatti & Owen 2022, Annals of Statistics 50:1890 (arXiv:1610.03330), definition 3.2.

    Example:
        >>> adafilter_bh([[1e-4, 2e-4, 0.3], [0.4, 0.6, 0.9], [0.01, 0.8, 0.7]]).tolist()
        [0]
    """
    return adafilter(p_matrix, u, q).rejected


def classify_persistence(
    q_values: Any, confirmed: Any, watch: Any, *, level: float = 0.05, recent: int = 1
) -> Persistence:
    """Return the class over time and the evidence label of each area.

    Args:
        q_values: FDR-adjusted p per election, shape (n, T), oldest first; nan = no data.
        confirmed: areas rejected by `adafilter_bh`, mask of shape (n,).
        watch: areas among the top by propensity, mask of shape (n,).
        level: an election supports an area when its q is at most this.
        recent: how many of the last elections count as recent, 1..T.

    Returns:
        `Persistence`. Class: ``persistent`` = confirmed, or supported in two or more elections including a
        recent one; ``recent only`` / ``past only`` = supported only then; ``never``; ``no data`` = no
        election with data. Label: ``confirmed persistent`` needs the joint test; ``supported in one
        election`` = at least one supported election; ``watch list`` = neither, but high propensity (no error
        claim); ``none``. An area without data is never labelled.

    Raises:
        ParameterError, ShapeError: with the element that is wrong.

    Source:
        Our own rule: a class describes the past; only a label makes a claim; an area has exactly one label.

    Example:
        >>> result = classify_persistence([[0.01, 0.02], [0.5, 0.03]], [True, False], [True, True])
        >>> result.kind.tolist(), result.label.tolist()
        (['persistent', 'recent only'], ['confirmed persistent', 'supported in one election'])
    """
    q = _checked(q_values, 1, "q_values")
    in_open_unit(level, "level")
    n, periods = q.shape
    if not 1 <= recent <= periods:
        raise ParameterError(f"must lie in 1..{periods}, got {recent}", "recent")
    joint, listed = _mask(confirmed, n, "confirmed"), _mask(watch, n, "watch")
    known = ~np.isnan(q)
    supported = known & (np.nan_to_num(q, nan=1.0) <= level)
    now, before = supported[:, -recent:].any(axis=1), supported[:, :-recent].any(axis=1)
    nothing = ~known.any(axis=1)
    again = joint | ((supported.sum(axis=1) >= 2) & now)
    first_that_holds = {"no data": nothing, "persistent": again, "recent only": now, "past only": before}
    kind = np.select(list(first_that_holds.values()), list(first_that_holds), "never")
    label = np.select(
        [nothing, joint, now | before, listed],
        ["none", "confirmed persistent", "supported in one election", "watch list"],
        "none",
    )
    return Persistence(kind=kind, label=label)


def _filter_and_select(p: FloatArray, u: int) -> tuple[FloatArray, FloatArray]:
    ordered = np.sort(p, axis=1)  # nan last
    studies = (~np.isnan(p)).sum(axis=1)
    factor = np.where(studies >= u, studies - u + 1.0, np.nan)
    before = ordered[:, u - 2] if u >= 2 else np.zeros(p.shape[0])
    return factor * before, factor * ordered[:, u - 1]


def _adjust(filtering: FloatArray, selection: FloatArray) -> FloatArray:
    """Return the smallest q of each row: gamma * #{F <= gamma} / #{S <= gamma} at gamma = S, made monotone from
    above.

    The paper counts F < gamma, which is equivalent for continuous p. Counts give tied p (F = S when an area has
    the same p twice), and a tied row must still count as a test.
    """
    adjusted = np.full(selection.shape, np.nan)
    known = ~np.isnan(selection)
    s, f = np.sort(selection[known]), np.sort(filtering[known])
    if s.size:
        tests = np.searchsorted(f, s, side="right")
        rejections = np.searchsorted(s, s, side="right")
        ratio = np.minimum.accumulate((s * tests / rejections)[::-1])[::-1]
        adjusted[known] = np.minimum(ratio[np.searchsorted(s, selection[known], side="left")], 1.0)
    return adjusted


def _checked(p_matrix: Any, u: int, name: str = "p_matrix") -> FloatArray:
    try:
        p = np.array(p_matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ShapeError(f"expected numbers in rows of equal length ({error})", name) from error
    if p.ndim != 2 or p.size == 0:
        raise ShapeError(f"expected shape (m, T) with at least one row and one study, got {p.shape}", name)
    bad = ~np.isnan(p) & ~((p >= 0) & (p <= 1))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ParameterError(f"{p[row, column]:g} is not a probability", f"{name}[{row}, {column}]")
    if not 1 <= u <= p.shape[1]:
        raise ParameterError(f"must lie in 1..{p.shape[1]}, got {u}", "u")
    return p


def _mask(values: Any, n: int, name: str) -> BoolArray:
    mask = np.asarray(values, dtype=bool)
    if mask.ndim != 1:
        raise ShapeError(f"expected shape ({n},), got {mask.shape}", name)
    same_length(n, mask.size, name)
    return mask
