"""A result is trusted only from an engine that was seen to refuse."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from pipelines.quality import EngineError, engine
from pipelines.quality.conditions import Condition
from pipelines.quality.engine import failing_rows

FRAME = pd.DataFrame({"n": pd.Series([1, 2, None, 9], dtype="Int64"), "code": ["a", "b", "b", "c"]})


def test_rows_are_named_by_position() -> None:
    wanted = [
        Condition("few", ("n",), "ExpectColumnValuesToBeBetween", {"column": "n", "max_value": 5}),
        Condition("fine", ("n",), "ExpectColumnValuesToBeBetween", {"column": "n", "max_value": 50}),
        Condition("once", ("code",), "ExpectColumnValuesToBeUnique", {"column": "code"}),
    ]
    assert failing_rows("t", wanted, FRAME) == {0: [3], 2: [1, 2]}


def test_a_crashing_expectation_is_an_error_not_a_failure_of_the_data() -> None:
    wanted = [Condition("odd", ("z",), "ExpectColumnValuesToNotBeNull", {"column": "z"})]
    with pytest.raises(EngineError, match="crashed"):
        failing_rows("t", wanted, FRAME)


def test_an_engine_that_lets_everything_pass_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    engine._prove.cache_clear()
    monkeypatch.setattr(engine, "_run", lambda *_: {})
    wanted = [Condition("fine", ("n",), "ExpectColumnValuesToNotBeNull", {"column": "code"})]
    with pytest.raises(EngineError, match="let through what must fail"):
        failing_rows("t", wanted, FRAME)


def test_great_expectations_is_imported_on_first_use_only() -> None:
    code = "import sys, pipelines.quality; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
