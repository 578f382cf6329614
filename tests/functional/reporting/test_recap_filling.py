"""How recapitulation filled up by the hour: one line an hour, and the provinces that were behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.site.render import content
from tests.support.invented_forms import put
from tests.support.invented_warehouse import copy_of
from tests.support.reading import lines, section_of, tables, texts

Con = duckdb.DuckDBPyConnection
HOURS = [f"2024-03-{day:02d} {hour:02d}:00:00" for day in range(1, 11) for hour in (6, 18)]


@pytest.fixture(scope="module")
def file_with_snapshots(invented_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented warehouse with twenty snapshots of 100 districts; province 31 has 10 of them, 73 has 20."""
    path: Path = tmp_path_factory.mktemp("filling") / "filling.duckdb"
    shutil.copyfile(invented_file, path)
    with duckdb.connect(str(path)) as con:
        for place, hour in enumerate(HOURS):
            for area, units, share in (("00", 100, place / 20), ("31", 10, 1.0), ("73", 20, place / 40)):
                n_in = int(units * share)
                row = {"election_id": "pemilu-2024", "contest": "ppwp", "unit_level": "district"}
                row |= {
                    "area_code": area,
                    "area_name": area,
                    "seen_hour": hour,
                    "n_units": units,
                    "n_in": n_in,
                }
                row |= {"n_missing": units - n_in, "in_share": n_in / units, "n_unplaced": 0}
                if place:
                    row |= {"n_new": 1, "n_changed": 2, "n_withdrawn": 0}
                put(con, "mart.recap_filling", row)
    return path


@pytest.fixture
def filled(file_with_snapshots: Path) -> Iterator[Con]:
    with copy_of(file_with_snapshots) as con:
        yield con


def test_nation_is_told_hour_by_hour_and_names_who_was_behind(filled: Con) -> None:
    part = section_of(filled, "00", "en", "recap_filling")
    assert "at 10 Mar 2024 18:00 95 of 100 were in, 5 were missing." in texts(part)
    by_hour, behind = (list(lines(table)) for table in tables(part))
    hours = [row["Hour"].text for row in by_hour]
    assert len(hours) == 12 and (hours[0], hours[-1]) == ("1 Mar 2024 06:00", "10 Mar 2024 18:00")
    assert by_hour[0]["Newly in"].text == "–" and by_hour[1]["Newly in"].text == "1"
    # Only the province with something missing, at the last hour.
    assert [[row["Province"].text, row["In"].text] for row in behind] == [
        ["Sulawesi Selatan", "9 / 20 (45.0 %)"]
    ]


def test_province_sees_its_own_hours_only_and_regencies_nothing(filled: Con) -> None:
    part = section_of(filled, "31", "id", "recap_filling")
    assert "per 10 Mar 2024 18.00 10 dari 10 sudah masuk, 0 belum." in texts(part) and len(tables(part)) == 1
    assert "recap_filling" not in [one.key for one in content(filled, "3171", "id").sections]


def test_without_snapshots_there_is_no_such_section(warehouse: Con) -> None:
    assert "recap_filling" not in [one.key for one in content(warehouse, "00", "id").sections]
