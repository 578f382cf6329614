"""A small world of validated references, and a way to spoil rows of the small register."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import pytest

from pipelines.catalog import Table, table
from pipelines.quality import Validated, validate
from pipelines.sources.csv_text import read_csv
from tests.fixtures import REGISTER

NAMES = {"areas": "ref.areas", "elections": "ref.elections", "grounds": "ref.grounds"}
Check = Callable[..., Validated]


def text_of(name: str) -> pd.DataFrame:
    """A file of the small register as text."""
    return read_csv(REGISTER / f"{name}.csv", table(NAMES.get(name, "core.revote_claim"))).frame


@pytest.fixture(scope="session")
def references() -> Mapping[str, pd.DataFrame]:
    """Typed rows of areas, elections and grounds."""
    typed = {full: validate(table(full), text_of(name), {}) for name, full in NAMES.items()}
    assert all(v.problems.empty for v in typed.values())
    return {name: v.typed for name, v in typed.items()}


@pytest.fixture(scope="session")
def check(references: Mapping[str, pd.DataFrame]) -> Check:
    """Validate `name` after writing the given cells: check("revotes", {0: {"n_tps": "-1"}})."""

    def run(
        name: str, cells: Mapping[int, Mapping[str, str]] | None = None, of: Table | None = None
    ) -> Validated:
        text = text_of(name)
        for row, values in (cells or {}).items():
            for column, value in values.items():
                text.loc[row, column] = value
        return validate(of or table(NAMES.get(name, "core.revote_claim")), text, references)

    return run
