"""Run conditions with Great Expectations: one suite per table, details only where something failed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd

from ..catalog.messages import ENVIRONMENT, Message, UserError
from .conditions import Condition


class EngineError(UserError):
    """The validation itself cannot be trusted: an expectation crashed, or passed what must fail."""

    exit_code = ENVIRONMENT


def suite(name: str, conditions: Sequence[Condition]) -> Any:
    """The Great Expectations suite of a list of conditions; `meta["condition"]` is the place in the list."""
    gx = _library()
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            getattr(gx.expectations, c.expectation)(**c.arguments, meta={"condition": i, "rule": c.id})
            for i, c in enumerate(conditions)
        ],
    )


def failing_rows(name: str, conditions: Sequence[Condition], frame: pd.DataFrame) -> dict[int, list[int]]:
    """Which rows break which condition.

    Args:
        name: what the suite is called in messages.
        conditions: demands; their helper columns are in `frame`.
        frame: (n rows) typed values with index 0 … n-1.

    Returns:
        place of the condition in the list -> sorted positions of the rows that break it; passed ones absent.

    Raises:
        EngineError: an expectation crashed, or the canary did not fail.
    """
    _prove()
    return _run(name, conditions, frame)


def _run(name: str, conditions: Sequence[Condition], frame: pd.DataFrame) -> dict[int, list[int]]:
    if not conditions or frame.empty:
        return {}
    batch = _batch_definition().get_batch(batch_parameters={"dataframe": frame})
    # Most conditions hold: asking only whether they do costs half of collecting rows for each of them.
    wanted = suite(name, conditions)
    quick = _validate(batch, wanted, "BOOLEAN_ONLY")
    failed = [_place(r, name) for r in quick.results if not r.success]
    if not failed:
        return {}
    wanted.expectations = [e for e in wanted.expectations if e.meta["condition"] in failed]
    full = _validate(batch, wanted, "COMPLETE")
    rows = {_place(r, name): sorted(set(r.result["unexpected_index_list"])) for r in full.results}
    if sorted(rows) != sorted(failed) or not all(rows.values()):
        raise EngineError(Message("quality.failed_without_rows", name=name))
    return rows


def _validate(batch: Any, wanted: Any, result_format: str) -> Any:
    with warnings.catch_warnings():
        # Patterns may hold groups; pandas warns that `contains` does not return them.
        warnings.filterwarnings("ignore", message="This pattern is interpreted as a regular expression")
        return batch.validate(wanted, result_format=result_format)


def _place(result: Any, name: str) -> int:
    config, info = result.expectation_config, result.exception_info
    # Where a metric crashes, the information is nested one level deeper, under the name of the metric.
    for part in (info, *(v for v in info.values() if isinstance(v, dict))):
        if part.get("raised_exception"):
            raise EngineError(
                Message(
                    "quality.check_crashed",
                    name=name,
                    rule=config.meta["rule"],
                    exception=part["exception_message"],
                )
            )
    return int(config.meta["condition"])


def warm_up() -> None:
    """Import Great Expectations and run the canary now, where waiting costs nothing."""
    _prove()


@cache
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations  # late: it takes seconds

    return great_expectations


@cache
def _batch_definition() -> Any:
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")


@cache
def _prove() -> None:
    """Canary, once per process: expectations of every kind must fail, and on exactly these rows."""
    frame = pd.DataFrame(
        {
            "code": pd.Series(["aa", "b", "aa", None, "ab\n"], dtype="str"),
            "count": pd.Series([1, -1, None, 3, 9], dtype="Int64"),
            "day": pd.to_datetime(pd.Series(["2024-02-14", "1900-01-01", None, "2024-02-14", "2024-02-14"])),
            "fine": [True, True, False, True, True],
        }
    )
    first = pd.Timestamp("2014-01-01")
    cases: list[tuple[str, dict[str, Any], list[int]]] = [
        ("ExpectColumnValuesToNotBeNull", {"column": "code"}, [3]),
        ("ExpectColumnValuesToBeUnique", {"column": "code"}, [0, 2]),
        ("ExpectColumnValuesToBeInSet", {"column": "code", "value_set": ["aa", "b"]}, [4]),
        ("ExpectColumnValuesToBeInSet", {"column": "fine", "value_set": [True]}, [2]),
        ("ExpectColumnValuesToMatchRegex", {"column": "code", "regex": r"\A(?:a[a-z])\Z"}, [1, 4]),
        ("ExpectColumnValuesToBeBetween", {"column": "count", "min_value": 0, "max_value": 5}, [1, 4]),
        ("ExpectColumnValuesToBeBetween", {"column": "day", "min_value": first, "max_value": None}, [1]),
        ("ExpectCompoundColumnsToBeUnique",
         {"column_list": ["day", "fine"], "ignore_row_if": "any_value_is_missing"}, [0, 3, 4]),
    ]  # fmt: skip
    listed = [Condition(f"canary {i}", (), kind, args) for i, (kind, args, _) in enumerate(cases)]
    found = _run("canary", listed, frame)
    if found != (expected := {i: rows for i, (_, _, rows) in enumerate(cases)}):
        raise EngineError(Message("quality.lets_through", expected=expected, found=found))
