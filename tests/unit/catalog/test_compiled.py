"""What parsing gave is stored beside a file of the package, and used only for the version it was made from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.catalog import compiled


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a package, which Python may write to."""
    monkeypatch.setattr(compiled, "PACKAGE", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "parser.py").write_text("")
    path = tmp_path / "codes.yaml"
    path.write_text("a: 1")
    return path


def reader(path: Path, times: list[int]) -> Callable[[], object]:
    def parse() -> object:
        times.append(1)
        return {"text": [path.read_text(), 1, None, 2.5]}

    return parse


def test_a_file_is_parsed_once_until_it_or_its_parser_changes(declared: Path) -> None:
    times: list[int] = []
    by = declared.with_name("parser.py")

    def read() -> object:
        return compiled.parsed(declared, reader(declared, times), str(by))

    first = read()
    assert read() == first and read() is not first and len(times) == 1
    declared.write_text("a: 22")
    assert read() == {"text": ["a: 22", 1, None, 2.5]} and len(times) == 2
    by.write_text("changed = True")
    assert read() and len(times) == 3
    (stored,) = (declared.parent / "__pycache__").iterdir()
    stored.write_bytes(b"broken")
    assert read() and read() and len(times) == 4


def test_what_cannot_be_stored_is_parsed_every_time(
    declared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[int] = []

    def twice(path: Path, value: Callable[[], object]) -> int:
        times.clear()
        assert compiled.parsed(path, value, str(declared)) == compiled.parsed(path, value, str(declared))
        return len(times)

    assert twice(declared, lambda: times.append(1) or Path("no plain type")) == 2
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert twice(declared, reader(declared, times)) == 2
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(compiled, "PACKAGE", tmp_path / "elsewhere")  # a file that is not ours
    assert twice(declared, reader(declared, times)) == 2
    assert not (tmp_path / "__pycache__").is_dir() or not list((tmp_path / "__pycache__").iterdir())
