"""The five minutes of README.id.md, command by command, as they stand there."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from pipelines.cli.main import build
from pipelines.workbooks.practice import AREAS

ROOT = Path(__file__).resolve().parents[3]


def commands() -> list[list[str]]:
    text = (ROOT / "README.id.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Lima menit.*?```sh\n(.*?)```", text, flags=re.DOTALL)
    return [shlex.split(line) for line in block.splitlines()]


def test_the_steps_of_the_tutorial_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, (cd, folder), first, again = commands()
    assert [make[0], cd, first[0], again[0]] == ["titikrawan", "cd", "titikrawan", "titikrawan"]

    def run(words: list[str]) -> int:
        found = CliRunner().invoke(build("id"), words[1:])
        assert found.exit_code in (0, 1) and "Traceback" not in found.output, found.output
        return found.exit_code

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(ROOT))
    assert run(make) == 0
    monkeypatch.delenv("TITIKRAWAN_ROOT")
    monkeypatch.chdir(tmp_path / folder)
    assert run(first) == 1
    assert len(rows(tmp_path / folder)) == 3
    book = openpyxl.load_workbook("psu-latihan.diperiksa.xlsx")
    page = book["Data PSU"]
    assert "Contoh Utara" in page["C6"].comment.text and "Sabtu" in page["H7"].comment.text
    summary = [row for row in book["Hasil pemeriksaan"].iter_rows(values_only=True) if row[0] == "Data PSU"]
    assert "'" not in {cell for row in summary for cell in row}  # an empty cell stays empty
    for place, was, right in (
        ("C6", "Contoh Utra", "Contoh Utara"), ("F7", "PSX", "PSU"),
        ("H7", "Minggu, 24 Februari 2024", "Sabtu, 24 Februari 2024"),
    ):  # fmt: skip
        assert page[place].value == was
        page[place] = right
    book.save("psu-latihan.diperiksa.xlsx")
    assert run(again) == 0
    assert [r["tps"] for r in rows(tmp_path / folder)] == ["043", "012", "013", "005", "006"]


def rows(root: Path) -> list[dict[str, str]]:
    (path,) = (root / "data" / "raw" / "own").glob("kejadian--*.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_areas_of_the_tutorial_are_no_areas_of_the_register() -> None:
    with (ROOT / "data" / "raw" / "register" / "areas.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["area_code"] for row in csv.DictReader(stream)}
    assert not known & {code for code, *_ in AREAS}
