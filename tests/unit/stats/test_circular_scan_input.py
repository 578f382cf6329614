"""Circular scan: what it refuses, and how it names the element."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.stats.errors import CountError, ExposureError, ParameterError, ShapeError
from pipelines.stats.spatial import windows
from pipelines.stats.spatial.circular_scan import circular_scan
from tests.unit.stats.test_circular_scan import grid


@pytest.mark.parametrize(
    ("change", "error", "element"),
    [
        ({"cases": [1, -1, 0]}, CountError, "cases[1]"),
        ({"cases": [1, 1.5, 0]}, CountError, "cases[1]"),
        ({"cases": [1, None, 0]}, CountError, "cases[1]"),
        ({"cases": [2**31 - 1, 1, 0]}, CountError, "cases"),
        ({"population": [1, 0, 1]}, ExposureError, "population[1]"),
        ({"population": [1, -3, 1]}, ExposureError, "population[1]"),
        ({"population": [1, 1]}, ShapeError, "population"),
        ({"expected": [0, 1, 1]}, ExposureError, "expected[0]"),
        ({"xy": [[0, 0], [1, 1]]}, ShapeError, "xy"),
        ({"xy": [[0, 0], [1, math.nan], [2, 2]]}, ParameterError, "xy[1]"),
        ({"xy": [["a", 0], [1, 1], [2, 2]]}, ShapeError, "xy"),
        ({"xy": [[0, 91], [1, 1], [2, 2]], "metric": "great_circle"}, ParameterError, "xy[0]"),
        ({"metric": "taxi"}, ParameterError, "metric"),
        ({"max_share": 1.5}, ParameterError, "max_share"),
        ({"max_neighbours": 0}, ParameterError, "max_neighbours"),
        ({"shape": 1.0}, ParameterError, "shape"),
        ({"null": "negative_binomial", "shape": [1.0, 0.0, 1.0]}, ParameterError, "shape[1]"),
        ({"null": "negative_binomial", "group_shape": 1.0}, ParameterError, "group_shape"),
        ({"null": "negative_binomial", "group": [1, 1, 2], "shape": 1.0}, ParameterError, "group_shape"),
        (
            {"null": "negative_binomial", "shape": 1.0, "group": [1, 1], "group_shape": 1.0},
            ShapeError,
            "group",
        ),
    ],
)
def test_bad_input_names_the_element(change: dict, error: type[Exception], element: str) -> None:
    good = {
        "cases": [1, 2, 3],
        "population": [1, 1, 1],
        "xy": [[0, 0], [1, 1], [2, 2]],
        "replicates": 9,
    }
    with pytest.raises(error) as caught:
        circular_scan(**{**good, **change})
    assert caught.value.element == element


def test_index_that_would_not_fit_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MAX_ENTRIES", 1_000)
    with pytest.raises(ParameterError, match="smaller max_neighbours") as caught:
        circular_scan(np.ones(144), np.ones(144), grid(), 0.5)
    assert caught.value.element == "max_neighbours"
