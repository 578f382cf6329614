"""A sidecar that somebody changed: a message with the line, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.jobs.fingerprints import data_date
from pipelines.sources import SourceError, input_files, seal, verify
from pipelines.sources.sidecar import NAME


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "raw" / "x"
    made.mkdir(parents=True)
    (made / "a.csv").write_text("a\n1\n")
    seal(made)
    return made


@pytest.mark.parametrize(
    "day", ["2024-02-30", "0001-01-01", "2924-03-01", "soon", "2024-2-3", 3, None, "²024-01-01"]
)
def test_impossible_day_is_named_with_its_line(folder: Path, day: object) -> None:
    package = json.loads((folder / NAME).read_text())
    package["resources"][0]["accessed"] = day
    (folder / NAME).write_text(json.dumps(package, indent=2))
    with pytest.raises(SourceError, match="`accessed`") as caught:
        list(input_files(folder))
    assert isinstance(day, str) is bool(caught.value.line) or day == 3
    assert verify(folder)[0].message["id"] and data_date(folder.parent) == "1970-01-01"


@pytest.mark.parametrize(
    "changed",
    [{"resources": 3}, {"resources": [3]}, {"title": 3}, {"name": None},
     {"resources": [{"path": "../x"}]}, {"resources": [{"path": 3}]}, {"resources": [{"path": "a.csv", "bytes": "x"}]},
     {"resources": [{"path": "a.csv", "hash": 3}]}, {"resources": [{}]}, {"title": "\ud800"}],
)  # fmt: skip
def test_odd_shape_is_a_message(folder: Path, changed: dict[str, object]) -> None:
    package = json.loads((folder / NAME).read_text()) | changed
    (folder / NAME).write_text(json.dumps(package))
    with pytest.raises(SourceError):
        list(input_files(folder))
    assert verify(folder)


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{", "[" * 100_000, '"x"'])
def test_anything_else_is_a_message(folder: Path, text: str) -> None:
    (folder / NAME).write_text(text)
    with pytest.raises(SourceError, match="sidecar"):
        list(input_files(folder))


@pytest.mark.parametrize(
    "changed", [{"licenses": "x"}, {"licenses": [{}]}, {"licenses": 3}, {"sources": [3]}]
)
def test_licence_of_odd_shape_is_for_verify_to_name(folder: Path, changed: dict[str, object]) -> None:
    (folder / NAME).write_text(json.dumps(json.loads((folder / NAME).read_text()) | changed))
    assert verify(folder) and len(list(input_files(folder))) == 1
