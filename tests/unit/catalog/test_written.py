"""Files written from the catalog are fresh, and nothing disappears from the schema unannounced."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from pipelines.catalog import written
from tests.conftest import ROOT

RENEW = "python -m pipelines.catalog.written"


def test_the_dictionary_in_the_repository_is_fresh() -> None:
    assert (ROOT / written.DICTIONARY).read_text(encoding="utf-8") == written.dictionary(), RENEW


def test_nothing_that_queries_use_is_gone_unless_the_version_says_so() -> None:
    lock = written.read_lock()
    lost = written.breaking(lock["tables"], written.schema(written.everything()), written.formerly())
    assert lost == [] or lock["version"] < written.SCHEMA_VERSION, lost
    assert lock["version"] <= written.SCHEMA_VERSION


def test_a_lost_table_column_type_or_key_is_seen() -> None:
    before = {
        "mart.a": {"key": ["x"], "columns": {"x": "bigint", "y": "date"}},
        "mart.b": {"key": ["k"], "columns": {}},
    }
    now = copy.deepcopy(before)
    assert written.breaking(before, now) == []
    now["mart.a"]["columns"]["z"] = "varchar"
    assert written.breaking(before, now) == [], "more columns break nothing"
    now["mart.a"] = {"key": ["x", "y"], "columns": {"x": "varchar"}}
    del now["mart.b"]
    assert written.breaking(before, now) == [
        "mart.a.x was bigint, is varchar",
        "mart.a.y is gone",
        "mart.a: the key was x",
        "mart.b is gone",
    ]
    assert "mart.b is gone" not in written.breaking(before, now, formerly=["mart.b"])


def test_the_lock_is_not_renewed_over_a_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    written.write(tmp_path)
    gone = tuple(t for t in written.everything() if t.full_name != "mart.counts")
    monkeypatch.setattr(written, "everything", lambda: gone)
    with pytest.raises(written.BreakingChangeError, match=r"mart\.counts is gone"):
        written.write(tmp_path)
    monkeypatch.setattr(written, "SCHEMA_VERSION", written.SCHEMA_VERSION + 1)
    written.write(tmp_path)
    assert "mart.counts" not in written.read_lock(tmp_path)["tables"]
