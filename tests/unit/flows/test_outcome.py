"""What a run found is read from what it left, however it ended."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows.outcome import Outcome, outcome
from flows.pages import key_of
from flows.summary import StepRecord, links, markdown
from tests.support.fakes import FakeRun

NAME = "2026-11-28-0123456789ab"


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    attempt = tmp_path / "data" / "warehouse" / "last_attempt"
    attempt.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(
            "copy (select 'register/revotes.csv' as source_file, 7 + i // 2 as source_row, 'quarantined' as disposition, "
            "'revotes.csv baris ' || (7 + i // 2) as message_id, 'revotes.csv line ' || (7 + i // 2) as message_en "
            f"from range(4) t(i)) to '{attempt / 'quarantine.parquet'}'"
        )
        con.execute(
            "copy (select * from (values ('core.x', 'range', 'warn', 'w', 'outside'), "
            "('core.x', 'key', 'pass', 'p', 'p')) "
            f"t(table_name, rule, status, message_id, message_en)) to '{attempt / 'checks.parquet'}'"
        )
    release = tmp_path / "data" / "warehouse" / "releases" / ".held" / NAME
    release.mkdir(parents=True)
    (release / "titikrawan.duckdb").touch()
    group = {"province_code": "", "n_added": 1, "n_removed": 0, "n_changed": 2}
    note = {"kind": "fell", "is_suspicious": True, "table": "t", "area_code": "31"}
    diff = {
        "before": "b", "after": NAME, "n_notes": 2, "n_suspicious": 1,
        "tables": [{"table": "t", "n_before": 1, "n_after": 2, "columns_added": [], "columns_removed": [],
                    "groups": [group | {"election_id": "a"}, group | {"election_id": "b"}]}],
        "notes": [note | {"election_id": one, "id": f"turun {one}", "en": f"fell {one}"} for one in "ab"],
    }  # fmt: skip
    (release / "diff.json").write_text(json.dumps(diff))
    return FakeRun(NAME, tmp_path)


def test_a_held_release_is_told_with_its_changes_rows_and_checks(run: FakeRun) -> None:
    found = outcome(run, [], {}, time.time(), "en", held=NAME)
    assert found.rows_quarantined == 2
    assert found.quarantined[0] == "revotes.csv line 7"
    assert found.checks == ["core.x: range: outside"]
    assert (found.changes, found.counts) == (["fell a", "fell b"], {"a": (1, 0, 2), "b": (1, 0, 2)})
    assert found.facts()["held"] == NAME
    page = "\n".join(found.lines("id"))
    assert "| a | 1 | 0 | 2 |" in page and "- `turun a`" not in page and "- `revotes.csv line 7`" in page


def test_one_election_only(run: FakeRun) -> None:
    found = outcome(run, [], {}, time.time(), "id", election="b", held=NAME)
    assert (found.changes, found.counts) == (["turun b"], {"b": (1, 0, 2)})


def test_what_an_older_run_left_is_not_told_again(run: FakeRun) -> None:
    run = replace(run, id="2026-11-29-0123456789ab")
    found = outcome(run, [StepRecord("read", "Baca")], {}, time.time() + 60, "en")
    assert found == Outcome()


def test_held_is_no_failure_in_words_and_pages_are_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = tmp_path / "reports" / "latest"
    latest.mkdir(parents=True)
    (latest / "index.html").touch()
    record = StepRecord("publish", "Terbitkan", error="Rilis ditahan")
    page = markdown("r1", [], [record], "id", links(tmp_path, "id"), is_held=True)
    assert "DITAHAN pada langkah Terbitkan" in page and "GAGAL" not in page
    assert f"- `{latest / 'index.html'}`" in page  # nobody serves it: a path to copy
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "titikrawan:x")
    (link,) = (line for line in links(tmp_path, "id") if "index.html" in line)
    assert link == f"- [index.html](http://127.0.0.1:4200/laporan/{key_of('titikrawan:x')}/index.html)"
    assert links(tmp_path / "elsewhere", "id") == []
