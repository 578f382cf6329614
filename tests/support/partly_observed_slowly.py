"""The model of `pipelines.stats.partly_observed` once more: scipy.stats, plain loops and brentq, nothing shared."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, stats

SPREADS = [0.15 * 40 ** (i / 40) for i in range(41)]
DEVIATIONS = [-2.5 + 0.75 * i for i in range(9)]
STEPS = [0, 0.002, 0.02, 0.06, 0.14, 0.25, 0.4, 0.55, 0.7, 0.83, 0.93, 0.985, 1.0]


@dataclass
class Slow:
    """A family of few areas, all complete or none."""

    low: list[int]
    high: list[int]
    exposure: list[float]
    total: float
    complete: bool = False
    grid: dict[tuple[float, float], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.middle = [math.sqrt(a * b) for a, b in zip(self.low, self.high, strict=True)]
        located = sum(self.middle)
        self.total = max(self.total, located)
        self.weight = [m / sum(self.exposure) for m in self.exposure]
        self.expected = [w * self.total for w in self.weight]
        self.share = 1.0 if self.complete else min(max(located / self.total, 1e-3), 1.0)
        self.nodes = [(1.0, 1.0)]
        if not self.complete and self.share < 0.995:
            below = stats.beta.cdf(STEPS, 2 * self.share, 2 * (1 - self.share))
            middles = [(a + b) / 2 for a, b in itertools.pairwise(STEPS)]
            self.nodes = list(zip(middles, np.diff(below), strict=True))
        logs = {}
        for s in SPREADS:
            k = 1 / s**2
            deviation = math.sqrt(1 / max(located, 1) + sum(w * w for w in self.weight) / k)
            for z in DEVIATIONS:
                g = math.exp(z * deviation)
                log = -0.5 * (math.log(s / 1.4) / 0.8) ** 2 + math.log(deviation)
                for a, b, e in zip(self.low, self.high, self.expected, strict=True):
                    mean = g * e * self.share
                    log += math.log(stats.nbinom.pmf(np.arange(a, b + 1), k, k / (k + mean)).sum())
                logs[k, g] = log
        top = max(logs.values())
        weights = {key: math.exp(log - top) for key, log in logs.items()}
        self.grid = {key: w / sum(weights.values()) for key, w in weights.items()}

    @property
    def expected_shape(self) -> float:
        return sum(p * k for (k, _), p in self.grid.items())

    @property
    def expected_log_mean(self) -> float:
        return sum(p * math.log(g) for (_, g), p in self.grid.items())

    def _parts(self, area: int, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, shapes and scales of the gammas whose mixture the rate of an area is."""
        weights, shapes, scales = [], [], []
        for (k, g), p in self.grid.items():
            if p < 1e-9:
                continue
            if kind == "prior":
                weights.append(p)
                shapes.append(k)
                scales.append(g / k)
                continue
            n = {"low": self.low, "middle": self.middle, "high": self.high}[kind][area]
            nodes = [(1.0, 1.0)] if kind == "low" else self.nodes
            inner = []
            for pi, q in nodes:
                mean = g * self.expected[area] * pi
                log = math.lgamma(n + k) - math.lgamma(k) - math.lgamma(n + 1)
                log += k * math.log(k / (k + mean)) + (n * math.log(mean / (k + mean)) if n else 0.0)
                inner.append(q * math.exp(log))
            for (pi, _), x in zip(nodes, inner, strict=True):
                weights.append(p * x / sum(inner))
                shapes.append(k + n)
                scales.append(1 / (k / g + self.expected[area] * pi))
        return np.array(weights), np.array(shapes), np.array(scales)

    def below(self, area: int, kind: str, rate: float) -> float:
        weights, shapes, scales = self._parts(area, kind)
        return float(weights @ stats.gamma.cdf(rate, shapes, scale=scales))

    def quantile(self, area: int, kind: str, p: float) -> float:
        weights, shapes, scales = self._parts(area, kind)
        weights = weights / weights.sum()
        return math.exp(
            optimize.brentq(
                lambda x: weights @ stats.gamma.cdf(math.exp(x), shapes, scale=scales) - p,
                -80,
                14,
                xtol=1e-10,
            )
        )

    def row(self, area: int) -> tuple[float, float, float, float]:
        """low, median, high, P(rate > 2) of an area."""
        silent = not self.complete and self.high[area] == 0
        low = self.quantile(area, "low", 0.025)
        median = math.nan if silent else self.quantile(area, "middle", 0.5)
        high = self.quantile(area, "prior" if silent else "high", 0.975)
        if not self.complete:
            left = max(self.total - sum(self.low), 0)
            high = min(
                high, max(stats.gamma.ppf(0.975, self.low[area] + left + 1) / self.expected[area], low)
            )
            median = min(median, high)
        return low, median, high, 1 - self.below(area, "low", 2.0)
