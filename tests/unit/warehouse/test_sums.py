"""SHA256SUMS of a folder some of whose files are one with files of an earlier folder."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.warehouse.releases import SUMS, faults, read_sums, write_sums


def test_sum_of_a_shared_file_is_taken_from_the_list_before(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    before.mkdir()
    now.mkdir()
    for name in ("shared", "replaced", "damaged"):
        (before / name).write_bytes(name.encode())
    write_sums(before)
    for name in ("shared", "damaged"):
        os.link(before / name, now / name)
    (now / "replaced").write_bytes(b"other")
    (before / "damaged").write_bytes(b"changed in both places")
    write_sums(now, before)
    first, second = read_sums(before) or {}, read_sums(now) or {}
    assert second["shared"] == first["shared"] and second["replaced"] != first["replaced"]
    assert [fault.file for fault in faults(now)] == ["damaged"]  # what was damaged is not signed anew
    write_sums(now, tmp_path / "nowhere")
    assert faults(now) == []
    assert SUMS not in second
