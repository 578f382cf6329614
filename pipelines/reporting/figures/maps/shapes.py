"""Outlines of areas for a map: read as GeoJSON, projected, and simplified to what is visible at its size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from ...facts.context import Context
from ...facts.queries import within
from .frame import Frame

TABLE = "ref.boundary"
# The most detailed of several outlines of an area; among equals the file name decides.
OUTLINES = """
select area_code, geometry, west, south, east, north, source_file
from {{table}}
where level = ? and {condition}
qualify row_number() over (partition by area_code order by n_points desc, source_file) = 1
order by area_code
"""
FINEST = 0.10  # square points: a smaller triangle at a corner is invisible
DENSE, COARSER = 150, 3.0  # with more areas than this, a corner must be three times as large to be kept
SPECK = 0.4  # square points: smaller islands are dropped, unless an area has no other
Ring = NDArray[np.float64]  # points of one closed line, (n, 2), without the repeated first one


@dataclass(frozen=True)
class Outline:
    """One area in degrees: rings without the repeated last point; a hole runs opposite to the ring around it."""

    code: str
    rings: tuple[Ring, ...]
    source_file: str


def outlines(ctx: Context, level: str) -> list[Outline]:
    """Return the outlines of the areas of a level in the report's area; empty if no boundaries are loaded."""
    condition, parameters = within(ctx.area)
    rows = ctx.rows(TABLE, OUTLINES.format(condition=condition), [level, *parameters])
    return [Outline(row["area_code"], _rings(row["geometry"]), row["source_file"]) for row in rows]


def corners(shown: Sequence[Outline]) -> list[tuple[str, float, float]]:
    """Return code, longitude and latitude of two opposite corners of each area, which a frame must contain."""
    spots = []
    for outline in shown:
        every = np.concatenate(outline.rings)
        lowest, highest = every.min(axis=0), every.max(axis=0)
        spots += [(outline.code, float(x), float(y)) for x, y in (lowest, highest)]
    return spots


def drawn(frame: Frame, shown: Sequence[Outline], base: float) -> Mapping[str, Path]:
    """Return one path per area in points, `base` above the lower edge; shared borders still match."""
    if not shown:
        return {}
    coarser = COARSER if len(shown) > DENSE else 1.0
    codes = [outline.code for outline in shown for _ in outline.rings]
    rings = [ring for outline in shown for ring in outline.rings]
    every = np.concatenate(rings)
    points = np.column_stack(frame.xy(every[:, 0], every[:, 1])) + np.array([0.0, base])
    starts = np.cumsum([0, *map(len, rings[:-1])])
    spans = np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)
    sizes = spans[:, 0] * spans[:, 1]
    largest: dict[str, int] = {}
    for place in np.argsort(sizes, kind="stable"):
        largest[codes[place]] = int(place)
    kept = [i for i, code in enumerate(codes) if sizes[i] >= SPECK * coarser or largest[code] == i]
    projected = np.split(points, starts[1:])
    parts: dict[str, list[Ring]] = {}
    for i, ring in zip(kept, thinned([projected[i] for i in kept], FINEST * coarser), strict=True):
        parts.setdefault(codes[i], []).append(ring)
    return {code: _path(members) for code, members in parts.items()}


def thinned(rings: Sequence[Ring], least: float) -> list[Ring]:
    """Return rings without corners whose triangle with their neighbours is smaller than `least` (square
    points).

    Processes all rings at once, smallest corners first (Visvalingam & Whyatt 1993, Cartogr J 30:46). Only a
    corner's neighbours decide, so that a border shared by two areas loses the same corners on both sides.
    """
    sizes = np.array([len(ring) for ring in rings])
    points, owner = np.concatenate(rings), np.repeat(np.arange(len(rings)), sizes)
    for _ in range(40):
        starts = np.searchsorted(owner, np.arange(len(rings)))
        counts = np.bincount(owner, minlength=len(rings))
        place = np.arange(len(points)) - starts[owner]
        before = starts[owner] + (place - 1) % counts[owner]
        after = starts[owner] + (place + 1) % counts[owner]
        one, two = points - points[before], points[after] - points
        area = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2
        area[counts[owner] <= 4] = np.inf
        gone = (area < least) & (area < area[before]) & (area <= area[after])
        if not gone.any():
            break
        points, owner = points[~gone], owner[~gone]
    return np.split(points, np.flatnonzero(np.diff(owner)) + 1)


def _rings(geometry: str) -> tuple[Ring, ...]:
    """Return the rings; only polygons with holes need their direction normalised."""
    found: list[Ring] = []
    for polygon in json.loads(geometry)["coordinates"]:
        rings = [np.array(ring, dtype=float)[:-1, :2] for ring in polygon if len(ring) > 3]
        if len(rings) > 1:
            rings = [r if (_turn(r) > 0) == (place == 0) else r[::-1] for place, r in enumerate(rings)]
        found += rings
    return tuple(found)


def _turn(ring: Ring) -> float:
    """Return twice the signed area: above zero = counter-clockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1])


def _path(rings: Sequence[Ring]) -> Path:
    points = np.concatenate([np.vstack([ring, ring[:1]]) for ring in rings])
    codes = np.concatenate([[Path.MOVETO] + [Path.LINETO] * (len(r) - 1) + [Path.CLOSEPOLY] for r in rings])
    return Path(points, codes)
