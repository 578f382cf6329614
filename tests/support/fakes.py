"""A small run, steps and runner with the shape of `pipelines.jobs.run`, for tests of the flow alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Function = Callable[["FakeRun"], Mapping[str, Any]]


@dataclass(frozen=True)
class FakeRun:
    id: str
    root: Path
    areas: tuple[str, ...] = ("00", "31")
    langs: tuple[str, ...] = ("id",)
    force: bool = False
    runner: str = ""


@dataclass(frozen=True)
class FakeStep:
    name: str
    function: Function
    retries: int = 0
    title: Mapping[str, str] = field(default_factory=lambda: {"id": "Langkah", "en": "Step"})


def plain(step: FakeStep) -> Function:
    return step.function


def runner(steps: Sequence[FakeStep]) -> Callable[..., list[Mapping[str, Any]]]:
    """A `run_all` over these steps: in order, stopping at the first that raises."""

    def run_all(
        run: FakeRun, step: Callable[[FakeStep], Function] = plain, on_event: Any = None
    ) -> list[Any]:
        results = []
        for one in steps:
            if on_event:
                on_event(one.name)
            results.append(step(one)(run))
        return results

    return run_all
