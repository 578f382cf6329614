"""The published tree as a fixture, and settings that do not make tests wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.acquire import Part, Settings, Summary, crawl_part
from tests.support.published import Published, serving, small_tree


@pytest.fixture
def published() -> Iterator[Published]:
    with serving(small_tree()) as server:
        yield server


@pytest.fixture
def settings(published: Published) -> Settings:
    return Settings(base=published.base, rate=2000, backoff=0.01, backoff_limit=0.02, attempts=4, timeout=2)


@pytest.fixture
def crawl(settings: Settings, tmp_path: Path) -> Callable[..., Summary]:
    """Download 3171 (or another part) into tmp_path, with settings changed where named."""
    from dataclasses import replace

    def call(part: Part | None = None, **changed: Any) -> Summary:
        return crawl_part(part or Part("3171"), replace(settings, **changed), tmp_path)

    return call
