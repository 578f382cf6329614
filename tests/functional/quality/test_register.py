"""The register of this repository passes its own rules; what is only warned about is known by name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipelines.catalog import load
from pipelines.quality import validate
from pipelines.sources import read_all

RAW = Path(__file__).resolve().parents[3] / "data" / "raw"


@pytest.mark.slow
def test_every_row_of_the_register_is_kept() -> None:
    texts: dict[str, list[pd.DataFrame]] = {}
    for one in read_all(RAW):
        texts.setdefault(one.table, []).append(one.frame)
    typed: dict[str, pd.DataFrame] = {}
    warned: dict[str, int] = {}
    for table in (t for t in load() if t.is_loaded):
        text = pd.concat(texts[table.full_name], ignore_index=True)
        result = validate(table, text, typed)
        typed[table.full_name] = result.typed
        assert len(result.typed) == len(text), result.problems["message_en"].to_list()
        assert "fail" not in set(result.checks["status"])
        warned |= result.problems["rule"].value_counts().to_dict()
    assert len(typed["ref.areas"]) == 8108
    # Four provinces whose sexes do not add up in the source; a table without an address.
    assert warned == {"men_plus_women_is_total": 4, "source_can_be_opened": 13}
