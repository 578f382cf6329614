"""Mutated inputs: no traceback, everything adds up, lines as editors count. `make fuzz` tries many more."""

from __future__ import annotations

import pytest

from tests.support.effort import effort
from tests.support.fuzz import TARGETS, fuzz

N = effort(500, 2000)


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_are_read_or_refused(name: str) -> None:
    found = fuzz(name, N)
    assert found.total() == N and found["read"]
