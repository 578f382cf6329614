"""Mutated inputs: no traceback, everything adds up, lines as editors count. `make fuzz` tries many more."""

from __future__ import annotations

import pytest

from tests.support.fuzz import TARGETS, fuzz


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_are_read_or_refused(name: str) -> None:
    found = fuzz(name, 500)
    assert found.total() == 500 and found["read"]
