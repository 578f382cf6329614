"""The simulation study: does every claim keep its promised error rate on data like ours?

The study is split into batches, each a pure function of (seed, gate, batch number), so that a run can be
interrupted and resumed; reading and writing files is done elsewhere.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from pipelines.simulation.study_gates import Simulate
from pipelines.stats.errors import ParameterError
from pipelines.stats.spatial.scan_result import FloatArray

SEED = 20240214
BatchKey = tuple[str, int]


class Question(Protocol):
    """Anything that `run_study` can run: it has a name and is simulated batch by batch."""

    @property
    def name(self) -> str:
        """Unique name."""

    def batches(self, *, quick: bool = False) -> list[int]:
        """Number of data sets in each batch."""

    def simulate_batch(self, rng: np.random.Generator, batch: int, n: int) -> FloatArray:
        """Return the values of the n data sets of a batch: numerators in the
        first columns, denominators in the others."""


@dataclass(frozen=True)
class Gate:
    """One question to be answered with simulated data.

    Attributes:
        name: short, unique; question: in words; simulate: see `study_gates`.
        low, high: accepted range of the quantity; with_error: add two standard errors to high.
        full, quick: data sets in the full and the quick study; batch: data sets per batch.
        x: position on a power curve, or None.
    """

    name: str
    question: str
    simulate: Simulate
    low: float
    high: float
    full: int
    quick: int
    batch: int
    with_error: bool = False
    x: float | None = None

    def batches(self, *, quick: bool = False) -> list[int]:
        """Return the number of data sets in each batch."""
        n = self.quick if quick else self.full
        return [min(self.batch, n - start) for start in range(0, n, self.batch)]

    def simulate_batch(self, rng: np.random.Generator, batch: int, n: int) -> FloatArray:
        """Return numerator and denominator of each data set, (n, 2); all batches are drawn the same way."""
        return self.simulate(rng, n)


@dataclass(frozen=True)
class GateResult:
    """Verdict on a gate: quantity, standard error, accepted range (widened
    if so declared), and whether it passes."""

    gate: str
    question: str
    value: float
    standard_error: float
    low: float
    high: float
    passed: bool
    data_sets: int
    seed: int
    x: float | None = None


def run_batch(question: Question, batch: int, n: int, seed: int = SEED) -> FloatArray:
    """Simulate one batch; the same arguments give the same values.

    Returns: float64 (n, 2 m), m numerators and m denominators of each data set.
    """
    rng = np.random.default_rng([seed, zlib.crc32(question.name.encode()), batch])
    return question.simulate_batch(rng, batch, n)


def todo(
    questions: Sequence[Question], *, quick: bool = False, done: Container[BatchKey] = ()
) -> list[tuple[Question, int, int]]:
    """Return question, batch number and number of data sets of every batch that is not done yet.

    Raises: ParameterError when two questions have one name.
    """
    names = [question.name for question in questions]
    if len(set(names)) != len(names):
        raise ParameterError("two gates have the same name", "gates")
    return [
        (question, batch, n)
        for question in questions
        for batch, n in enumerate(question.batches(quick=quick))
        if (question.name, batch) not in done
    ]


def run_study(
    questions: Sequence[Question],
    *,
    seed: int = SEED,
    quick: bool = False,
    done: Container[BatchKey] = (),
    pool: Executor | None = None,
) -> Iterator[tuple[BatchKey, FloatArray]]:
    """Yield (name, batch number) and the values of every batch that is not done yet.

    Args:
        pool: worker processes that run the batches; None runs them in this process, with the same values.

    Raises: ParameterError when two questions have one name.
    """
    left = todo(questions, quick=quick, done=done)
    if pool is None:
        for question, batch, n in left:
            yield (question.name, batch), run_batch(question, batch, n, seed)
        return
    promised = {pool.submit(run_batch, q, batch, n, seed): (q.name, batch) for q, batch, n in left}
    for future in as_completed(promised):
        yield promised[future], future.result()


def judge(gate: Gate, values: FloatArray, seed: int = SEED) -> GateResult:
    """Compare sum(numerator) / sum(denominator) with the range of the gate.

    Args: values: float64 (data sets, 2). Returns: GateResult; the standard error is that of a ratio estimate
    (Cochran 1977, eq. 2.45); for a share of rejections it is at least that of the limit, so that zero
    rejections in a few data sets do not look certain.
    """
    n = values.shape[0]
    if n == 0:
        raise ParameterError("no data set was simulated", gate.name)
    total, below = float(values[:, 0].sum()), float(values[:, 1].sum())
    value = total / below if below else 0.0
    residual = values[:, 0] - value * values[:, 1]
    error = math.sqrt(float(np.sum(residual**2)) * n / max(n - 1, 1)) / below if below else 0.0
    slack = 2 * max(error, math.sqrt(max(gate.high * (1 - gate.high), 0.0) / n)) if gate.with_error else 0.0
    low, high = gate.low, gate.high + slack
    return GateResult(
        gate.name, gate.question, value, error, low, high, low <= value <= high, n, seed, gate.x
    )


def judge_all(
    gates: Sequence[Gate], values: Mapping[BatchKey, FloatArray], *, seed: int = SEED, quick: bool = False
) -> list[GateResult]:
    """Judge every gate whose batches are all done, in the order of the gates."""
    results = []
    for gate in gates:
        keys = [(gate.name, batch) for batch in range(len(gate.batches(quick=quick)))]
        if keys and all(key in values for key in keys):
            results.append(judge(gate, np.concatenate([values[key] for key in keys]), seed))
    return results


def rising(results: Sequence[GateResult]) -> bool:
    """Return whether power never falls by more than two standard errors along a curve."""
    curve = sorted((r for r in results if r.x is not None), key=lambda r: r.x or 0.0)
    return all(
        b.value >= a.value - 2 * math.hypot(a.standard_error, b.standard_error, 1e-9)
        for a, b in pairwise(curve)
    )
