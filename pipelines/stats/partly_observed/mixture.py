"""Finite mixtures of gamma distributions, one per cell: survival, quantiles and draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, IntArray

# Quantiles are searched between these logarithms; the lower one prints as "0.000000" in a table.
LOG_RANGE = (-80.0, 14.0)
# Near the root Halley's method triples the digits: a last step of this size leaves an error of about its cube.
# Elsewhere, and where a bracket is halved, the step size is a weaker guide.
TOLERANCE, HALVED = 1e-4, 1e-6
STEPS = 80


@dataclass(frozen=True)
class GammaMixture:
    """Mixtures of c cells, flattened: the components of cell j are ``start[j]`` up to ``start[j + 1]``.

    Attributes:
        weight, shape, rate: of every component, shape (m,); the weights of a cell add up to 1.
        start: first component of each cell, shape (c,).
    """

    weight: FloatArray
    shape: FloatArray
    rate: FloatArray
    start: IntArray

    @classmethod
    def of(cls, weight: FloatArray, shape: FloatArray, rate: FloatArray, drop: float) -> GammaMixture:
        """Flatten arrays of shape (components, c), dropping components whose
        weight in their cell is below ``drop``."""
        normal = (weight / weight.sum(axis=0)).T
        keep = normal >= np.minimum(drop, normal.max(axis=1, keepdims=True))
        kept = np.where(keep, normal, 0.0)
        kept = kept / kept.sum(axis=1, keepdims=True)
        sizes = keep.sum(axis=1)
        start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        return cls(kept[keep], shape.T[keep], rate.T[keep], start)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.start.size

    def survival(self, at: float) -> FloatArray:
        """Return P(r > at) of each cell, shape (c,)."""
        above = self.weight * special.gammaincc(self.shape, self.rate * at)
        return np.minimum(np.add.reduceat(above, self.start), 1.0)

    def quantile(self, p: float) -> FloatArray:
        """Return the p-quantile of each cell, shape (c,).

        Applies Halley's method to the log tail as a function of log r, where gamma tails are nearly linear; a
        step that leaves the bracket is replaced by its midpoint.
        """
        x = np.clip(self._near(p), *LOG_RANGE)
        low, high = np.full(self.cells, LOG_RANGE[0]), np.full(self.cells, LOG_RANGE[1])
        is_lower = p < 0.5
        wanted = np.log(p if is_lower else 1 - p)
        tail = special.gammainc if is_lower else special.gammaincc
        sign = 1.0 if is_lower else -1.0
        # The cells still to be solved, and their components.
        cell, start = np.arange(self.cells), self.start
        size = np.diff(np.append(self.start, self.weight.size))
        weight, shape, rate = self.weight, self.shape, self.rate
        constant = np.log(weight) + shape * np.log(rate) - special.gammaln(shape)
        for _ in range(STEPS):
            here = x[cell]
            at = np.repeat(here, size)
            scaled = rate * np.exp(at)
            each = np.exp(constant + shape * at - scaled)
            mass = np.add.reduceat(weight * tail(shape, scaled), start)
            density = np.add.reduceat(each, start)
            curve = np.add.reduceat(each * (shape - scaled), start)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                gap = np.log(mass) - wanted
                slope = sign * density / mass
                bend = sign * curve / mass - slope**2
                straight = 1 - gap * bend / (2 * slope**2)  # 1 where the tail is linear
                step = -gap / slope / np.clip(straight, 0.5, 2.0)
            too_far = sign * gap > 0
            high[cell] = np.where(too_far, np.minimum(high[cell], here), high[cell])
            low[cell] = np.where(too_far, low[cell], np.maximum(low[cell], here))
            new = here + step
            inside = np.isfinite(new) & (new > low[cell]) & (new < high[cell])
            new = np.where(inside, new, (low[cell] + high[cell]) / 2)
            x[cell] = new
            is_near = inside & (np.abs(straight - 1) < 0.1)
            is_open = np.abs(new - here) > np.where(is_near, TOLERANCE, HALVED)
            if not is_open.any():
                break
            if not is_open.all():
                member = np.repeat(is_open, size)
                weight, shape, rate, constant = weight[member], shape[member], rate[member], constant[member]
                cell, size = cell[is_open], size[is_open]
                start = np.concatenate([[0], np.cumsum(size)[:-1]])
        return np.exp(x)

    def _near(self, p: float) -> FloatArray:
        """Return the log p-quantile of a gamma with each cell's mean and
        variance, or the log mean if that underflows."""
        part = self.weight * self.shape / self.rate
        mean = np.add.reduceat(part, self.start)
        variance = np.add.reduceat(part * (self.shape + 1) / self.rate, self.start) - mean**2
        shape = mean**2 / np.maximum(variance, 1e-300)
        found = special.gammaincinv(shape, p) * mean / shape
        return np.log(np.where(found > 0, found, mean))

    def draws(self, number: int, rng: np.random.Generator) -> FloatArray:
        """Independent draws, shape (number, c)."""
        end = np.append(self.start[1:], self.weight.size)
        result = np.empty((number, self.cells))
        for cell in range(self.cells):
            part = slice(self.start[cell], end[cell])
            edges = np.cumsum(self.weight[part])
            chosen = np.minimum(np.searchsorted(edges, rng.random(number)), edges.size - 1)
            gamma = rng.standard_gamma(self.shape[part][chosen])
            result[:, cell] = gamma / self.rate[part][chosen]
        return result
