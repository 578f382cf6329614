"""Circular scan: is there a circle on the map with more cases than chance allows?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pipelines.stats.errors import ParameterError, ShapeError
from pipelines.stats.spatial.null import plan_null
from pipelines.stats.spatial.null_shape import negative_binomial_shape, nested_shapes, shape_per_element
from pipelines.stats.spatial.scan_result import (
    MIN_CASES,
    FloatArray,
    IntArray,
    Null,
    ScanCluster,
    ScanResult,
    check_counts,
    check_exposure,
    check_options,
    keep_disjoint,
    monte_carlo_p,
    relative_risk,
)
from pipelines.stats.spatial.windows import Circles, best_per_centre, build_circles, replicate_circles

__all__ = ["circular_scan", "spans_sea"]

Metric = Literal["euclidean", "great_circle"]


def circular_scan(
    cases: Any,
    population: Any,
    xy: Any,
    max_share: float = 0.5,
    metric: Metric = "euclidean",
    null: Null = "poisson",
    replicates: int = 999,
    seed: int = 20240214,
    max_neighbours: int | None = None,
    *,
    shape: float | npt.ArrayLike | None = None,
    group: Any = None,
    group_shape: float | None = None,
    expected: Any = None,
    min_cases: int = MIN_CASES,
) -> ScanResult:
    """Kulldorff's circular scan statistic for high counts, total number of cases held fixed.

    Args:
        cases: whole numbers (n,); population: exposures >= 0 (n,), any unit.
        xy: numbers (n, 2), coordinates of the centres; for "great_circle" longitude, latitude in degrees.
        max_share: largest share of the population in a window, in (0, 1].
        metric: "euclidean" or "great_circle" (radius then in km).
        null: "poisson", or "negative_binomial" = weights over-dispersed by gamma multipliers.
        replicates: Monte-Carlo data sets; seed: their seed.
        max_neighbours: largest number of areas in a window; None: only max_share limits it.
        shape: gamma shape of the areas for the second null, a number or (n,); None: maximum likelihood.
        group: (n,) labels of larger areas (the kab of each kecamatan) that share a second multiplier;
            group_shape: its shape. Give both shapes or neither; neither: maximum likelihood at both levels.
        expected: (n,) expected counts if they are not proportional to population (e.g. adjusted for strata);
            scaled to the total of cases. The window is still measured in population.
        min_cases: smallest number of cases of a cluster.
    Returns: ScanResult. `.clusters`: the best circle of each centre, from the most likely down, without those
        that share an area with an earlier one. `.members` are input indices. Areas at equal distance from a
        centre enter its circle in input order.
    Raises: CountError, ExposureError, ShapeError, ParameterError, naming the element.
    Source: Kulldorff 1997, Commun. Stat. Theory Methods 26:1481; null after Zhang, Zhang & Lin 2012.
    """
    counts = check_counts(cases, "cases")
    exposure = check_exposure(population, "population", counts)
    check_options(null, replicates, seed, max_share, min_cases)
    points = _check_points(xy, metric, counts.size)
    if max_neighbours is not None and (max_neighbours != int(max_neighbours) or max_neighbours < 1):
        raise ParameterError(f"must be a whole number >= 1, got {max_neighbours!r}", "max_neighbours")
    base = exposure if expected is None else check_exposure(expected, "expected", counts)
    total = int(counts.sum())
    e = base * (max(total, 1) / base.sum())
    parent, own, shapes = _null_tree(null, shape, group, group_shape, counts, e)
    null_llr = np.zeros(replicates)
    clusters: tuple[ScanCluster, ...] = ()
    if total >= min_cases:
        circles = build_circles(points, exposure, e, max_share, max_neighbours)
        if replicates:
            plan = plan_null(own, parent, shapes)
            offset = own.size - counts.size  # groups precede the areas
            replicate_circles(plan, offset, circles, counts.size, total, min_cases, seed, null_llr)
        clusters = _clusters(circles, counts, points, metric, total, min_cases, null_llr)
    return ScanResult(clusters, null, shapes[own.size - counts.size :], null_llr, total, seed)


def spans_sea(clusters: Sequence[ScanCluster], island: Any) -> tuple[bool, ...]:
    """Return for each cluster whether its members lie on more than one island.

    Args:
        clusters: from a scan; island: (n,) island label of each area of that scan.
    Raises: ShapeError when a member has no label.
    """
    labels = np.asarray(island, dtype=object)
    flags = []
    for cluster in clusters:
        if max(cluster.members) >= labels.size:
            raise ShapeError(f"has {labels.size} elements, a member is {max(cluster.members)}", "island")
        flags.append(len({labels[m] for m in cluster.members}) > 1)
    return tuple(flags)


def _check_points(xy: Any, metric: str, n: int) -> FloatArray:
    """Return coordinates (n, 2), or unit vectors (n, 3) for the globe:
    chord length orders points like arc length."""
    if metric not in ("euclidean", "great_circle"):
        raise ParameterError(f"must be euclidean or great_circle, got {metric!r}", "metric")
    try:
        points = np.asarray(xy, dtype=np.float64)
    except (TypeError, ValueError) as exc:
        raise ShapeError(f"not a table of numbers ({exc})", "xy") from exc
    if points.shape != (n, 2):
        raise ShapeError(f"expected shape ({n}, 2), got {points.shape}", "xy")
    bad = ~np.isfinite(points).all(axis=1)
    if metric == "great_circle":
        bad |= (np.abs(points[:, 0]) > 360) | (np.abs(points[:, 1]) > 90)
    if bad.any():
        at = int(np.argmax(bad))
        raise ParameterError(f"not a usable position: {points[at].tolist()}", f"xy[{at}]")
    if metric == "euclidean":
        return points
    lon, lat = np.radians(points).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _null_tree(
    null: str, shape: Any, group: Any, group_shape: float | None, counts: IntArray, e: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return parent, own expected count and gamma shape of groups (if any) followed by the areas."""
    n = counts.size
    if null == "poisson":
        if shape is not None or group_shape is not None or group is not None:
            raise ParameterError('has a meaning only with null="negative_binomial"', "shape")
        return np.full(n, -1, dtype=np.int64), e, np.full(n, np.inf)
    if group is None:
        if group_shape is not None:
            raise ParameterError("needs group", "group_shape")
        fitted = negative_binomial_shape(counts, e) if shape is None else shape
        return np.full(n, -1, dtype=np.int64), e, shape_per_element(fitted, n, "shape")
    if (group_shape is None) != (shape is None):
        raise ParameterError("with group, give both shape and group_shape or none", "group_shape")
    labels = np.asarray(group, dtype=object)
    if labels.shape != (n,):
        raise ShapeError(f"has shape {labels.shape}, cases has {n} elements", "group")
    number: dict[Any, int] = {}
    member = np.array([number.setdefault(label, len(number)) for label in labels], dtype=np.int64)
    groups = len(number)
    parent = np.concatenate([np.full(groups, -1), member])
    own = np.concatenate([np.zeros(groups), e])
    if shape is None:
        depth = np.repeat([0, 1], [groups, n])
        c = np.concatenate([np.bincount(member, counts, groups).astype(np.int64), counts])
        totals = np.concatenate([np.bincount(member, e, groups), e])
        group_shape, shape = nested_shapes(parent, depth, c, totals)
    above = shape_per_element(group_shape, groups, "group_shape")
    return parent, own, np.concatenate([above, shape_per_element(shape, n, "shape")])


def _clusters(
    circles: Circles,
    counts: IntArray,
    points: FloatArray,
    metric: str,
    total: int,
    min_cases: int,
    null_llr: FloatArray,
) -> tuple[ScanCluster, ...]:
    llr, inside, e, stop = best_per_centre(circles, counts.astype(np.int32), total, min_cases)
    found = []
    # The same areas reached from several centres have one ratio: the circle with the fewest areas is listed
    # first, then the one with the first centre.
    order = np.lexsort((np.arange(llr.size), stop, -np.round(llr, 9)))
    for centre in order[llr[order] > 0]:
        start = int(circles.start[centre])
        members = circles.neighbour[start : start + int(stop[centre])]
        span = np.sqrt(((points[members] - points[centre]) ** 2).sum(axis=1)).max()
        radius = 2 * 6371.0088 * np.arcsin(min(span / 2, 1.0)) if metric == "great_circle" else span
        found.append(
            ScanCluster(
                members=tuple(sorted(members.tolist())),
                cases=int(inside[centre]),
                expected=float(e[centre]),
                llr=float(llr[centre]),
                p_value=monte_carlo_p(float(llr[centre]), null_llr),
                relative_risk=relative_risk(int(inside[centre]), float(e[centre]), total),
                centre=int(centre),
                radius=float(radius),
            )
        )
    return keep_disjoint(found)
