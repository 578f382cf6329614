"""Drawings on pages whose tests are about something else."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

# Functions of `pipelines.reporting.figures` whose drawing depends on nothing but what they are given: values, frozen
# data classes, and of a context the language alone.
ONCE = ("dots", "curves.curve", "heat", "shares", "bars", "funnel")
_DRAWN: dict[str, Any] = {}


def _once(draw: Callable[..., Any], name: str) -> Callable[..., Any]:
    def once(*args: Any, **named: Any) -> Any:
        asked = repr((name, [getattr(one, "lang", one) for one in args], sorted(named.items())))
        if asked not in _DRAWN:
            _DRAWN[asked] = draw(*args, **named)
        return _DRAWN[asked]

    return once


@pytest.fixture(autouse=True)
def drawn_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same figure is drawn once in a process: drawing takes two thirds of the time of a page.

    That the same rows give the same drawing is for tests that ask for `drawn_anew`.
    """
    if "drawn_anew" in request.fixturenames:
        return
    for name in ONCE:
        file, _, function = name.partition(".")
        module = import_module(f"pipelines.reporting.figures.{file}")
        function = function or file
        monkeypatch.setattr(module, function, _once(getattr(module, function), name))


@pytest.fixture
def drawn_anew() -> None:
    """Every figure is drawn whenever it is asked for."""
