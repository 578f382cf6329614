"""The invented warehouse and its pages."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.invented_warehouse import invented_file, read_only, site, warehouse

__all__ = ["invented_file", "read_only", "site", "warehouse"]

_DRAWN: dict[str, Any] = {}


@pytest.fixture
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same dots are drawn once, for tests of pages on which the drawing is no matter: it takes a third of a page.

    That the same rows give the same drawing is tested elsewhere, without this.
    """
    from pipelines.reporting.figures import dots as module

    draw: Callable[..., Any] = module.dots

    def once(*args: Any) -> Any:
        asked = repr(args)  # of values and frozen data classes
        if asked not in _DRAWN:
            _DRAWN[asked] = draw(*args)
        return _DRAWN[asked]

    monkeypatch.setattr(module, "dots", once)
