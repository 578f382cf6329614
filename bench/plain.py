"""The same statistics in straightforward numpy and scipy: the baseline of the ratios.

They draw different random numbers, so maxima agree in distribution only; `bench.hotspots` compares the
statistic of the observed data exactly and the median of the replicates roughly.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import xlogy

from pipelines.stats.spatial.scan_result import FloatArray, IntArray


def ratio(c: FloatArray, e: FloatArray, total: float) -> FloatArray:
    """Return the Poisson log-likelihood ratio of many zones, 0 where c <= e."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = xlogy(c, c / e) + xlogy(total - c, (total - c) / (total - e))
    return np.where(c > e, value, 0.0)


class PlainTree:
    """Tree scan over levels: a leaf's ancestors as one array per level, replicates one after another."""

    def __init__(self, parent: IntArray, exposure: FloatArray, shape: FloatArray | None) -> None:
        self.parent, self.exposure, self.shape = parent, exposure, shape
        self.leaf = np.flatnonzero(exposure > 0)
        self.path = [self.leaf]
        while (self.path[-1] >= 0).any() and (parent[self.path[-1]] >= 0).any():
            self.path.append(parent[self.path[-1]])

    def expected(self, total: int) -> FloatArray:
        own = self.exposure[self.leaf] / self.exposure.sum() * total
        out = np.zeros(self.parent.size)
        for level in self.path:
            out += np.bincount(level, own, self.parent.size)
        return out

    def top(self, events: IntArray, e: FloatArray) -> float:
        """Return the largest ratio when the events are leaf positions."""
        best = 0.0
        for level in self.path:
            nodes, count = np.unique(level[events], return_counts=True)
            keep = count >= 2
            if keep.any():
                best = max(best, ratio(count[keep].astype(float), e[nodes[keep]], events.size).max())
        return float(best)

    def scan(self, cases: IntArray, replicates: int, seed: int) -> tuple[float, FloatArray]:
        rng = np.random.default_rng(seed)
        total = int(cases.sum())
        e = self.expected(total)
        observed = self.top(np.repeat(np.arange(self.leaf.size), cases[self.leaf]), e)
        cum = np.cumsum(self.exposure[self.leaf])
        found = np.empty(replicates)
        for r in range(replicates):
            if self.shape is not None:
                gamma = np.ones(self.parent.size)
                own = np.isfinite(self.shape)
                gamma[own] = rng.gamma(self.shape[own], 1 / self.shape[own])
                weight = self.exposure[self.leaf].copy()
                for level in self.path:
                    weight *= gamma[level]
                cum = np.cumsum(weight)
            found[r] = self.top(np.searchsorted(cum, rng.random(total) * cum[-1], side="right"), e)
        return observed, found


class PlainCircles:
    """Circular scan: all circles of a centre by cumulative sums along its neighbours."""

    def __init__(self, population: FloatArray, xy: FloatArray, max_share: float, reach: int) -> None:
        self.population = population
        self.index = cKDTree(xy).query(xy, k=min(reach, population.size))[1]
        self.inside = np.cumsum(population[self.index], axis=1) <= max_share * population.sum()

    def top(self, counts: IntArray, e: FloatArray, total: int) -> float:
        best = 0.0
        for at in range(0, self.index.shape[0], 500):
            rows = self.index[at : at + 500]
            c, mu = np.cumsum(counts[rows], axis=1), np.cumsum(e[rows], axis=1)
            keep = self.inside[at : at + 500] & (c >= 2) & (c > mu)
            if keep.any():
                best = max(best, ratio(c[keep].astype(float), mu[keep], total).max())
        return float(best)

    def scan(self, cases: IntArray, replicates: int, seed: int) -> tuple[float, FloatArray]:
        rng = np.random.default_rng(seed)
        total, share = int(cases.sum()), self.population / self.population.sum()
        e = share * total
        found = [self.top(rng.multinomial(total, share), e, total) for _ in range(replicates)]
        return self.top(cases, e, total), np.array(found)
