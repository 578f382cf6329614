"""What `make serve` keeps is broken in every way, once each; `python -m bench.schedule_faults` does it three times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.schedule_faults import FAULTS, free_port
from bench.served import LIGHT, Served
from tests.support.prefect_home import QUICK, furnished

pytestmark = [pytest.mark.flows, pytest.mark.slow, pytest.mark.xdist_group("served")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root: Path = tmp_path_factory.mktemp("served")
    (root / "data").mkdir()
    found = Served(root, free_port(), LIGHT)
    furnished(found.home)
    found.environment |= QUICK
    try:
        found.start()
        yield found
    finally:
        found.kill_everything()


# "skipped" kills the run in the end, and so holds all of "run-killed".
ONCE = [name for name in FAULTS if name != "run-killed"]


@pytest.mark.parametrize("fault", ONCE)
def test_schedule_survives(served: Served, fault: str) -> None:
    if served.process is None or served.process.poll() is not None:
        served.kill_everything()
        served.start()
    FAULTS[fault](served)
